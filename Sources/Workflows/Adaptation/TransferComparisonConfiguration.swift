import Experiments
import Tasks

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
        /// The settings of the study that trains it, such as `data.source` and `space.name`.
        public var settings: [String]
        /// The settings of adaptations from this source, which override the common ones and are overridden by the
        /// task's.
        public var adaptation: [String]?
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

        enum CodingKeys: String, CodingKey {
            case name, sources, settings, note
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
        for task in tasks {
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
