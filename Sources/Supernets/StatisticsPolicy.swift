/// Which batch-norm statistics a path is evaluated with. A supernet's running statistics are a mixture over all paths
/// and belong to none.
public enum StatisticsPolicy: String, Sendable, Codable, CaseIterable {
    /// The supernet's running statistics, as training left them.
    case inherit
    /// The path's own: mean of the batch means and unbiased batch variances over fixed batches of training images (Peng
    /// et al., "Pi-NAS", 2021).
    case reestimate
    /// Those of each batch that is evaluated.
    case batch
}
