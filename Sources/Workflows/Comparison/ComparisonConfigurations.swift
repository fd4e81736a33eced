import Experiments
import Foundation
import Results
import Support

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

/// The settings of a comparison of transfer: pre-trained supernets that are adapted to several tasks, beside controls,
/// with several seeds.
public struct TransferComparisonConfiguration: Configuration {
    /// The seeds, with each of which every source is trained and adapted to every task.
    public var seeds: [UInt64] = [1, 2, 3]
    /// The settings of every adaptation, as `key=value`.
    public var settings: [String] = []
    /// The sources.
    public var sources: [Source] = []
    /// The target tasks.
    public var tasks: [Target] = []

    /// A source: a supernet with its data.
    public struct Source: Codable, Sendable, Equatable {
        /// The name, which is also that of the folder and of the rows of the report.
        public var name: String
        /// The settings of the study that trains it, such as `data.source` and `space.name`; empty where `from` is
        /// given.
        public var settings: [String]
        /// The settings of adaptations from this source, which override the common ones and are overridden by the
        /// task's.
        public var adaptation: [String]?
        /// The file of a supernet or network that is adapted as it is, or the name of a published network; nil for a
        /// study that is trained.
        public var from: String?

        enum CodingKeys: String, CodingKey { case name, settings, adaptation, from }

        /// A source with the settings of the study that trains it, or with the file that it is taken from.
        public init(name: String, settings: [String] = [], adaptation: [String]? = nil, from: String? = nil) {
            (self.name, self.settings, self.adaptation, self.from) = (name, settings, adaptation, from)
        }

        /// Reads a source; it needs its settings or what it is from.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            name = try fields.decode(String.self, forKey: .name)
            from = try fields.decodeIfPresent(String.self, forKey: .from)
            settings =
                from == nil
                ? try fields.decode([String].self, forKey: .settings)
                : try fields.decodeIfPresent([String].self, forKey: .settings) ?? []
            adaptation = try fields.decodeIfPresent([String].self, forKey: .adaptation)
        }
    }

    /// A target: a task with its data.
    public struct Target: Codable, Sendable, Equatable {
        /// The name, which is also that of the folder and of the rows of the report.
        public var name: String
        /// The names of the sources that are adapted to it, each separately.
        public var sources: [String]
        /// The settings of adaptations to this target, such as `task.name` and `data.source`.
        public var settings: [String]
        /// Whether the images are synthetic, which the report says beside every figure.
        public var isSynthetic: Bool?
        /// A note on the data for the report.
        public var note: String?
        /// The number of folds of a cross-validation, of which each seed in turn tests another; nil for the data's own
        /// test images.
        public var folds: Int?

        enum CodingKeys: String, CodingKey {
            case name, sources, settings, note, folds
            case isSynthetic = "synthetic"
        }
    }

    /// Creates settings without sources and tasks.
    public init() {}

    /// The keys that may change when a comparison continues: tasks, sources and seeds may be added.
    public static var resumeIgnoredKeys: [String] { ["seeds", "settings", "sources", "tasks"] }

    /// Checks seeds, names and sources. The settings of each training are checked when they are combined.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require(
            !seeds.isEmpty && Set(seeds).count == seeds.count, "seeds", "must hold different seeds, at least one")
        check.requireFolderNames("sources", sources.map(\.name))
        check.requireFolderNames("tasks", tasks.map(\.name))
        let known = Set(sources.map(\.name))
        for source in sources {
            check.require(
                source.from == nil || source.settings.isEmpty, "sources",
                "`\(source.name)` is either trained by `settings` or taken `from` a file, not both")
        }
        for task in tasks {
            check.require(
                task.folds.map { $0 >= 2 } ?? true, "tasks",
                "`folds` of `\(task.name)` must be at least 2, is \(task.folds ?? 0)")
            check.require(
                !task.sources.isEmpty && Set(task.sources).count == task.sources.count
                    && known.isSuperset(of: task.sources),
                "tasks",
                "`sources` of `\(task.name)` must be different ones of \(sources.map(\.name).joined(separator: ", ")), "
                    + "are \(task.sources)")
        }
        try check.finish()
    }
}

/// The settings of a comparison of search strategies: a finished adaptation, whose trained supernet each of them searches
/// with several seeds.
public struct StrategyComparisonConfiguration: Configuration {
    /// The folder of a finished adaptation.
    public var adaptation = ""
    /// The strategies, by the names that `search.strategy` takes.
    public var strategies: [SearchConfiguration.Strategy] = []
    /// The seeds, with each of which every strategy searches.
    public var seeds: [UInt64] = [1, 2, 3, 4, 5]
    /// Settings of every search that differ from the adaptation's, as `search.key=value`.
    public var settings: [String] = []

    /// Creates settings without an adaptation and strategies.
    public init() {}

    /// The keys that may change when a comparison continues: strategies and seeds may be added.
    public static var resumeIgnoredKeys: [String] { ["strategies", "seeds", "settings"] }

    /// Checks seeds, names and keys. The values of the settings are checked when they are combined with the adaptation's.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require(!adaptation.isEmpty, "adaptation", "must be the folder of a finished `supernet adapt` run")
        check.require(
            !seeds.isEmpty && Set(seeds).count == seeds.count, "seeds", "must hold different seeds, at least one")
        check.requireFolderNames("strategies", strategies.map(\.rawValue))
        for setting in settings {
            let key = setting.split(separator: "=").first.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
            check.require(
                key.hasPrefix("search.") && key != "search.strategy", "settings",
                key == "search.strategy"
                    ? "must not hold `search.strategy`, as `strategies` lists them"
                    : "must be of the search, such as `search.evaluations=200`, as everything else is the adaptation's; "
                        + "`\(setting)` is not")
        }
        try check.finish()
    }
}

extension ConfigurationCheck {
    /// Checks names that become folders.
    mutating func requireFolderNames(_ key: String, _ names: [String]) {
        require(!names.isEmpty, key, "must name at least one")
        require(Set(names).count == names.count, key, "must have different names, are \(names)")
        for name in names {
            require(
                !name.isEmpty && !name.hasPrefix(".") && !name.contains("/"), key,
                "names become folders and must not hold a slash or begin with a dot: `\(name)`")
        }
    }
}

/// The folder of a comparison over seeds, which holds the folders of its studies and adaptations.
enum Comparison {
    /// The name of the file of settings, which marks the folder.
    static let settingsName = "comparison.yaml"

    /// Creates or opens the folder, and writes the settings into it.
    ///
    /// - Parameters:
    ///   - path: the path of the folder, without a trailing slash.
    ///   - options: the settings of the comparison.
    ///   - runs: the paths of run folders in it.
    /// - Returns: a value that keeps the folder from being moved while it exists.
    /// - Throws: `RunFolderError` for a folder that holds other things; `FileError`.
    static func claim(_ path: String, _ options: some Configuration, runs: [String]) throws -> RunGroup {
        let prefix = FilePath.join(path, "")
        let layout = RunGroup.Layout(
            record: settingsName, runs: runs.map { String($0.dropFirst(prefix.count)) },
            others: [
                "results.json", "results.md", "results", "report.html", StrategyComparison.resultName,
                StrategyComparison.curvesName, PathSearch.latencyName,
            ])
        let group = try RunGroup(path, layout)
        try AtomicFile.write(try Resolved(options).yaml(), to: FilePath.join(path, settingsName))
        return group
    }
}
