import Experiments
import Rankings
import Results

/// A study of methods: which supernets rank best, on which spaces, over several seeds.
public struct RankingComparisonConfiguration: Configuration {
    /// Each method is trained with each of them.
    public var seeds: [UInt64] = [1, 2, 3]
    /// Settings of every training, as `key=value`.
    public var settings: [String] = []
    /// Where rankings are judged.
    public var spaces: [Space] = []
    /// What ranks.
    public var methods: [Case] = []

    /// A search space with its data and its truth.
    public struct Space: Codable, Sendable, Equatable {
        /// For folder and report.
        public var name: String
        /// Path of the truth table.
        public var truth: String
        /// Settings of every training on it: `data.source`, `space.name` and so on.
        public var settings: [String]
    }

    /// A way to train a supernet and to score its paths.
    public struct Case: Codable, Sendable, Equatable {
        /// For folder and report.
        public var name: String
        /// Settings on top of those of the space.
        public var settings: [String]
        /// What paths are scored by; nil for the accuracy of the classifier or of the probe alone.
        public var scores: [SearchConfiguration.Score]?
        /// So many of the study's seeds, the first ones; nil for all.
        public var seeds: Int?
    }

    /// Nothing to study yet.
    public init() {}

    /// Methods and spaces may be added, and seeds.
    public static var resumeIgnoredKeys: [String] { ["seeds", "settings", "spaces", "methods"] }

    /// Refuses values that make no sense, all at once. The settings of each training are checked when they are put together.
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
