import Experiments
import Tasks

/// A study of transfer: pre-trained supernets, adapted to several tasks, beside the controls, with several seeds.
public struct TransferComparisonConfiguration: Configuration {
    /// Each source is trained, and each task adapted to, with each of them.
    public var seeds: [UInt64] = [1, 2, 3]
    /// Settings of every adaptation, as `key=value`.
    public var settings: [String] = []
    /// What is adapted.
    public var sources: [Source] = []
    /// To what.
    public var tasks: [Target] = []

    /// A supernet with its data.
    public struct Source: Codable, Sendable, Equatable {
        /// For folder and report.
        public var name: String
        /// Settings of the study that trains it: `data.source`, `space.name` and so on.
        public var settings: [String]
        /// Settings of the adaptations that begin from it, after the study's and before the task's.
        public var adaptation: [String]?
    }

    /// A task on its data.
    public struct Target: Codable, Sendable, Equatable {
        /// For folder and report.
        public var name: String
        /// Names of sources, each of which is adapted on its own.
        public var sources: [String]
        /// Settings on top of the study's: `task.name`, `data.source` and so on.
        public var settings: [String]
        /// Whether the images were rendered, which is said wherever a figure stands.
        public var isSynthetic: Bool?
        /// What the reader should know of the data.
        public var note: String?

        enum CodingKeys: String, CodingKey {
            case name, sources, settings, note
            case isSynthetic = "synthetic"
        }
    }

    /// Nothing to study yet.
    public init() {}

    /// Tasks and sources may be added, and seeds.
    public static var resumeIgnoredKeys: [String] { ["seeds", "settings", "sources", "tasks"] }

    /// Refuses values that make no sense, all at once. The settings of each training are checked when they are put together.
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
    /// Names that become folders.
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
