import Architectures
import Support

/// What one search of a comparison of strategies leaves in `result.json`.
public struct StrategySearchResult: Codable, Sendable, Equatable {
    /// The state of a search after one more path was evaluated.
    public struct Point: Codable, Sendable, Equatable {
        /// Seconds since the search began: of all evaluations so far, and of the strategy's own computing.
        public var seconds: Double
        /// The number of paths that were evaluated.
        public var evaluations: Int
        /// The best score so far, which the search maximises.
        public var score: Double

        /// A state with the values of the properties.
        public init(seconds: Double, evaluations: Int, score: Double) {
            (self.seconds, self.evaluations, self.score) = (seconds, evaluations, score)
        }
    }

    /// The name of the strategy.
    public var strategy: String
    /// The seed of the search.
    public var seed: UInt64
    /// The best path.
    public var path: Architecture
    /// A point for each path that was evaluated, at least one; neither seconds nor scores go down.
    public var curve: [Point]
    /// The seconds that the strategy itself took, which the curve contains.
    public var strategySeconds: Double

    /// The result of a search. The curve follows from its evaluations.
    ///
    /// - Parameters:
    ///   - strategy: the name of the strategy.
    ///   - seed: the seed of the search.
    ///   - evaluations: the paths in the order in which they were evaluated, at least one, each with the round in which it
    ///     was asked for, its score, and the seconds of its evaluation.
    ///   - strategySeconds: for each round, the seconds of the strategy before its paths were evaluated; those of a round
    ///     beyond the list are none.
    /// - Returns: nil where nothing was evaluated.
    public init?(
        strategy: String, seed: UInt64,
        evaluations: [(path: Architecture, round: Int, score: Double, seconds: Double)], strategySeconds: [Double]
    ) {
        guard var best = evaluations.first else { return nil }
        (self.strategy, self.seed) = (strategy, seed)
        self.strategySeconds = strategySeconds.reduce(0, +)
        var (seconds, round) = (0.0, -1)
        curve = evaluations.enumerated().map { place, evaluation in
            while round < evaluation.round {
                round += 1
                seconds += strategySeconds.indices.contains(round) ? strategySeconds[round] : 0
            }
            seconds += evaluation.seconds
            if evaluation.score > best.score { best = evaluation }
            return Point(seconds: seconds, evaluations: place + 1, score: best.score)
        }
        path = best.path
    }

    private enum CodingKeys: String, CodingKey { case strategy, seed, path, curve, strategySeconds }

    /// Reads a result; one whose curve cannot be is damaged.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        strategy = try fields.decode(String.self, forKey: .strategy)
        seed = try fields.decode(UInt64.self, forKey: .seed)
        path = try fields.decode(Architecture.self, forKey: .path)
        curve = try fields.decode([Point].self, forKey: .curve)
        strategySeconds = try fields.decode(Double.self, forKey: .strategySeconds)
        let isGrowing = zip(curve, curve.dropFirst()).allSatisfy {
            $0.seconds <= $1.seconds && $0.score <= $1.score && $0.evaluations < $1.evaluations
        }
        guard let first = curve.first, isGrowing, first.seconds >= 0, first.evaluations > 0, strategySeconds >= 0,
            curve.allSatisfy({ $0.seconds.isFinite && $0.score.isFinite })
        else {
            throw DecodingError.dataCorruptedError(forKey: .curve, in: fields, debugDescription: "is no curve")
        }
    }

    /// The seconds of the whole search.
    public var seconds: Double { curve.last?.seconds ?? 0 }

    /// The state after so many seconds; nil before the first path was evaluated.
    public func point(after seconds: Double) -> Point? {
        // Curves are long, and drawings look at them at many places.
        var (low, high) = (0, curve.count)
        while low < high {
            let middle = (low + high) / 2
            if curve[middle].seconds <= seconds { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? curve[low - 1] : nil
    }
}

/// What a comparison of search strategies leaves in `strategies.json`.
public struct StrategyComparisonResult: Codable, Sendable, Equatable {
    /// The folder of the adaptation whose supernet was searched.
    public var adaptation: String
    /// What the scores are, such as `accuracy` or `negative cross-entropy`.
    public var score: String
    /// Whether scores are shares of one, which are shown in per cent.
    public var isShare: Bool
    /// The budget that all paths keep, in words; nil for none.
    public var budget: String?
    /// The names of the strategies, in their order.
    public var strategies: [String]
    /// One for each strategy and seed, in the order of strategies and seeds.
    public var searches: [StrategySearchResult]

    /// A finished comparison with the values of the properties.
    public init(
        adaptation: String, score: String, isShare: Bool, budget: String?, strategies: [String],
        searches: [StrategySearchResult]
    ) {
        (self.adaptation, self.score, self.isShare, self.budget) = (adaptation, score, isShare, budget)
        (self.strategies, self.searches) = (strategies, searches)
    }

    /// All curves as comma-separated values, a line for each strategy, seed and path, below a line of names.
    public var csv: String {
        let lines = searches.flatMap { search in
            search.curve.map { point in
                "\(CSVField.of(text: search.strategy)),\(search.seed),\(point.seconds),\(point.evaluations),\(point.score)"
            }
        }
        return (["strategy,seed,seconds,evaluations,best_score"] + lines).joined(separator: "\n") + "\n"
    }
}
