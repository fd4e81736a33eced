import Torch

/// A linear map that whitens the scatter within classes, so that directions in which images of one class differ much
/// count little (Fisher, "The use of multiple measurements in taxonomic problems", 1936).
struct WithinClassWhitening {
    /// The mean of the features, [1, F].
    private let mean: Tensor
    /// The lower Cholesky factor of the covariance within classes, [F, F].
    private let factor: Tensor

    /// The share of the mean variance that is added to every direction, as few images leave most directions
    /// undetermined.
    private static let ridge = 0.1

    /// Fits the map to labelled features.
    ///
    /// - Parameters:
    ///   - features: the features [N, F], float32.
    ///   - labels: the labels [N].
    /// - Throws: `TorchError`.
    init(_ features: Tensor, labels: Tensor) throws {
        let classes = try labels.array(Int.self).reduce(0, max) + 1
        let members = try labels.oneHot(classes).to(.float32)  // [N, classes]
        let counts = try members.sum([0]).clamped(min: 1).reshaped([classes, 1])
        let means = try members.transposed(0, 1).matrixProduct(features) / counts
        let centred = try features - members.matrixProduct(means)
        let covariance = try centred.transposed(0, 1).matrixProduct(centred) / Double(features.size(0))
        let identity = try Tensor.identity(features.size(1), device: features.device)
        let scale = try (covariance * identity).sum().item() / Double(features.size(1))
        factor = try (covariance + identity * max(Self.ridge * scale, 1e-12)).cholesky()
        mean = try features.mean([0], keep: true)
    }

    /// Whitens features [N, F].
    func callAsFunction(_ features: Tensor) throws -> Tensor {
        try factor.solved((features - mean).transposed(0, 1)).transposed(0, 1)
    }
}
