/// Which checkpoints of a run to keep: the last few, and the best few by a metric.
public struct CheckpointRetention: Equatable, Sendable {
    /// A checkpoint as far as retention is concerned.
    public struct Candidate: Codable, Equatable, Sendable {
        /// The step that the checkpoint was written at; unique within a run.
        public var step: Int
        /// Nil if the checkpoint was not evaluated.
        public var metric: Double?

        /// A checkpoint written at `step`, with the metric to rank it by if there is one.
        public init(step: Int, metric: Double?) {
            self.step = step
            self.metric = metric
        }
    }

    /// How many of the newest checkpoints to keep, at least 1.
    public let last: Int
    /// How many of the best checkpoints to keep; 0 for none. One that is also among the newest counts for both.
    public let best: Int
    /// Whether a higher metric is the better one, as with accuracy; false for a loss.
    public let higherIsBetter: Bool

    /// - Parameters:
    ///   - last: how many of the newest to keep; at least 1, which is the one a run goes on from.
    ///   - best: how many of the best to keep; 0 for none.
    ///   - higherIsBetter: true for a metric such as accuracy, false for a loss.
    /// - Throws: ``InvalidConfiguration`` with the keys `keep-last` and `keep-best`.
    public init(last: Int, best: Int, higherIsBetter: Bool) throws {
        var check = ConfigurationCheck()
        check.require(last >= 1, "keep-last", "must be at least 1, is \(last)")
        check.require(best >= 0, "keep-best", "must not be negative, is \(best)")
        try check.finish()
        self.last = last
        self.best = best
        self.higherIsBetter = higherIsBetter
    }

    /// The best candidates, best first. One without a metric, or whose metric is not a number, is never among them;
    /// of equal ones, the earlier is the better.
    public func ranked(_ candidates: [Candidate]) -> [Candidate] {
        func rank(_ candidate: Candidate) -> Double? {
            candidate.metric.flatMap { $0.isNaN ? nil : higherIsBetter ? -$0 : $0 }
        }
        return candidates.compactMap { candidate in rank(candidate).map { (candidate, $0) } }
            .sorted { $0.1 != $1.1 ? $0.1 < $1.1 : $0.0.step < $1.0.step }
            .map(\.0)
    }

    /// The steps to keep.
    public func kept(_ candidates: [Candidate]) -> Set<Int> {
        let newest = candidates.map(\.step).sorted().suffix(last)
        return Set(newest).union(ranked(candidates).prefix(best).map(\.step))
    }
}
