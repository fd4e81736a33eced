/// Whether adapting architecture and weights together is better than adapting the weights alone.
enum TransferVerdict: String, Equatable, CaseIterable {
    case better = "better beyond noise"
    case betterAlone = "better, were it the only task"
    case undecided = "not beyond noise"
    case worseAlone = "worse, were it the only task"
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
    ///   - correctedP: the difference's p as it is to be read among those of other tasks; nil where there are none.
    init(
        joint: AdaptationReport.Row?, weightsOnly: AdaptationReport.Row?, metric: AdaptationReport.Metric,
        correctedP: Double? = nil
    ) {
        let seeds = [joint, weightsOnly].map { $0?.values(of: metric).count ?? 0 }.min() ?? 0
        if seeds == 0 {
            self = .incomparable
        } else if seeds < Self.leastSeeds {
            self = .tooFewSeeds
        } else if let difference = joint?.difference, let p = difference.p {
            let isBetter = metric.isHigherBetter ? difference.mean > 0 : difference.mean < 0
            if p >= Self.level || difference.mean == 0 {
                self = .undecided
            } else if correctedP ?? p < Self.level {
                self = isBetter ? .better : .worse
            } else {
                self = isBetter ? .betterAlone : .worseAlone
            }
        } else {
            self = .untested
        }
    }
}
