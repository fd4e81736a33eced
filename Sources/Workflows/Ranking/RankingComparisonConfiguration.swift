import Experiments
import Rankings
import Results

/// The settings of a comparison of methods: training methods, spaces with their benchmark tables, and seeds.
public struct RankingComparisonConfiguration: Configuration {
    /// The seeds, with each of which every method is trained.
    public var seeds: [UInt64] = [1, 2, 3]
    /// The settings of every training, as `key=value`.
    public var settings: [String] = []
    /// The search spaces.
    public var spaces: [Space] = []
    /// The methods.
    public var methods: [Case] = []

    /// A search space with its data and its benchmark table.
    public struct Space: Codable, Sendable, Equatable {
        /// The name, which is also that of the folder and of the rows of the report.
        public var name: String
        /// The path of the benchmark table.
        public var truth: String
        /// The settings of every training on this space, such as `data.source` and `space.name`.
        public var settings: [String]
    }

    /// A method: how a supernet is trained and how its paths are scored.
    public struct Case: Codable, Sendable, Equatable {
        /// The name, which is also that of the folder and of the rows of the report.
        public var name: String
        /// The settings of the method, which override those of the space.
        public var settings: [String]
        /// The scores of paths that are compared; nil for the accuracy only.
        public var scores: [SearchConfiguration.Score]?
        /// The number of seeds, the first ones, that the method is trained with; nil for all.
        public var seeds: Int?
    }

    /// Creates settings without spaces and methods.
    public init() {}

    /// The keys that may change when a comparison continues: methods, spaces and seeds may be added.
    public static var resumeIgnoredKeys: [String] { ["seeds", "settings", "spaces", "methods"] }

    /// Checks seeds, names and scores. The settings of each training are checked when they are combined.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require(
            !seeds.isEmpty && Set(seeds).count == seeds.count, "seeds", "must hold different seeds, at least one")
        for method in methods {
            let scores = method.scores ?? [.accuracy]
            check.require(
                !scores.isEmpty && Set(scores).count == scores.count, "methods",
                "`scores` of `\(method.name)` must hold different scores, at least one")
            check.require(
                method.seeds.map { $0 >= 1 } ?? true, "methods", "`seeds` of `\(method.name)` must be at least 1")
        }
        check.requireFolderNames("spaces", spaces.map(\.name))
        check.requireFolderNames("methods", methods.map(\.name))
        try check.finish()
    }
}
