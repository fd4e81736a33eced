/// Whether adapting architecture and weights together is better than adapting the weights alone.
enum TransferVerdict: String, Equatable, CaseIterable {
    case better = "better beyond noise"
    case undecided = "not beyond noise"
    case worse = "worse beyond noise"
    /// Of one of the two.
    case tooFewSeeds = "too few seeds to say"
    /// Enough seeds, but no p value.
    case untested = "not tested"
    /// One of the two was not run.
    case incomparable = "not compared"

    /// Of both.
    static let leastSeeds = 3
    /// What p must be below.
    static let level = 0.05

    /// - Parameters:
    ///   - joint: nil if it was not run.
    ///   - weightsOnly: likewise.
    ///   - metric: the one that the task is judged by.
    init(
        joint: AdaptationReport.Row?, weightsOnly: AdaptationReport.Row?, metric: AdaptationReport.Metric
    ) {
        let seeds = [joint, weightsOnly].map { $0?.values(of: metric).count ?? 0 }.min() ?? 0
        if seeds == 0 {
            self = .incomparable
        } else if seeds < Self.leastSeeds {
            self = .tooFewSeeds
        } else if let difference = joint?.difference, let p = difference.p {
            let isBetter = metric.isHigherBetter ? difference.mean > 0 : difference.mean < 0
            self = p >= Self.level || difference.mean == 0 ? .undecided : isBetter ? .better : .worse
        } else {
            self = .untested
        }
    }
}
