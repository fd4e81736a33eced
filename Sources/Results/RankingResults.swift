import Architectures
import Metrics
import Rankings

/// What ranking the architectures of a benchmark table by a supernet leaves in `result.json`.
public struct RankingResult: Codable, Sendable, Equatable {
    /// One for each architecture of the table, in its order.
    public var paths: [Path]
    /// Seconds of the evaluations, those before an interruption included.
    public var seconds: Double

    /// A finished ranking.
    public init(paths: [Path], seconds: Double) { (self.paths, self.seconds) = (paths, seconds) }

    /// One architecture with its score.
    public struct Path: Codable, Sendable, Equatable {
        /// The architecture.
        public var architecture: Architecture
        /// The score that it is ranked by; higher is better.
        public var score: Double
        /// What was measured beside the score.
        public var metrics: [String: Double]

        /// An architecture with its score.
        public init(architecture: Architecture, score: Double, metrics: [String: Double]) {
            (self.architecture, self.score, self.metrics) = (architecture, score, metrics)
        }
    }

    /// Scores by architecture. Of several supernets it is their mean rank, and with proxies the mean rank of that and of
    /// each proxy, over the architectures that all have scored.
    ///
    /// - Parameters:
    ///   - results: one a supernet.
    ///   - proxies: zero-cost scores of the same architectures.
    public static func scores(
        of results: [RankingResult], proxies: [[Architecture: Double]] = []
    ) -> [Architecture: Double] {
        var supernets = results.map { result in
            Dictionary(result.paths.map { ($0.architecture, $0.score) }) { first, _ in first }
        }
        if supernets.count > 1 { supernets = [combined(supernets)] }
        return proxies.isEmpty ? supernets.first ?? [:] : combined(supernets + proxies)
    }

    private static func combined(_ members: [[Architecture: Double]]) -> [Architecture: Double] {
        let common = (members.first ?? [:]).keys.filter { key in members.allSatisfy { $0[key] != nil } }.sorted {
            $0.choices.lexicographicallyPrecedes($1.choices)
        }
        let ranks = MeanRank.of(members.map { member in common.compactMap { member[$0] } })
        return Dictionary(zip(common, ranks)) { first, _ in first }
    }
}

/// What one supernet of a comparison of methods is worth under one score.
public struct RankingOutcome: Codable, Sendable, Equatable {
    /// The name of the search space.
    public var space: String
    /// The name of the method.
    public var method: String
    /// The seed of the training.
    public var seed: UInt64
    /// What paths were scored by, as `search.score` names it.
    public var score: String
    /// By half of the benchmark table, `all` for the whole: the quality of the ranking. Empty where all scores are equal.
    public var quality: [String: RankingQuality]
    /// The quality as measured against the cross-entropy of the trained networks instead of their accuracy.
    public var qualityByLoss: [String: RankingQuality]
    /// Feature shift and parameter shift at the end of training: the means over its last quarter.
    public var shifts: [String: Double]
    /// Seconds of training the supernet, and its probe where there is one.
    public var seconds: Double

    /// The outcome of one training under one score.
    public init(
        space: String, method: String, seed: UInt64, score: String, quality: [String: RankingQuality],
        qualityByLoss: [String: RankingQuality], shifts: [String: Double], seconds: Double
    ) {
        (self.space, self.method, self.seed, self.score) = (space, method, seed, score)
        (self.quality, self.qualityByLoss) = (quality, qualityByLoss)
        (self.shifts, self.seconds) = (shifts, seconds)
    }
}

/// What a comparison of methods leaves in `results.json`.
public struct RankingComparisonResult: Codable, Sendable, Equatable {
    /// One for each training and score, in the order of spaces, methods and seeds.
    public var outcomes: [RankingOutcome]
    /// By space and half: the training-free baselines and the noise ceiling.
    public var trivial: [String: [String: RankingJudgement]]

    /// A finished comparison.
    public init(outcomes: [RankingOutcome], trivial: [String: [String: RankingJudgement]]) {
        (self.outcomes, self.trivial) = (outcomes, trivial)
    }
}
