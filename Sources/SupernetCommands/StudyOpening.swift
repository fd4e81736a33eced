import ArgumentParser
import Datasets
import Distributed
import Experiments
import Foundation
import Reports
import Torch
import Workflows

/// Opens studies for commands.
enum StudyOpening {
    /// Opens a new study, or one to continue.
    ///
    /// - Parameters:
    ///   - options: the configuration, settings and folder of the command line.
    ///   - base: the settings to start from.
    ///   - name: the name of the folder where neither a folder nor a configuration is given.
    static func open(
        _ options: RunOptions, over base: StudyConfiguration = StudyConfiguration(), name: String
    ) throws -> Study {
        let folder = options.folder(default: name)
        let resolved = try ConfigurationLoader.load(
            StudyConfiguration.self, over: base, continuing: options.continued(folder, Study.settingsName),
            files: options.config.map { [$0] } ?? [], overrides: options.allSettings)
        if options.fresh { say(setAside: try Study.setAside(folder)) }
        var value = resolved.value
        StudyPlaces(of: folder).restore(&value) { _ in true }
        return try make(value, folder, threads: options.threads, changedData: options.images.policy)
    }

    /// Opens a study whose networks several processes train together, and does something with it; on ranks other than the first,
    /// takes part in that.
    ///
    /// - Parameters:
    ///   - ranks: the processes; nil for one alone.
    ///   - folder: the path of the study's folder.
    ///   - open: a closure that opens the study, on rank 0.
    ///   - body: what is done with it, on rank 0.
    static func shared(
        _ ranks: Ranks?, folder: String, open: () throws -> Study, _ body: (Study) throws -> Void
    ) throws {
        guard let ranks else { return try body(open()) }
        guard ranks.isFirst else {
            let study = try Study(ranks.settings(nil), path: folder, open: TaskSource.open)
            try ranks.compareImages(study.task.data.train)
            return try study.follow(ranks)
        }
        let study = try open()
        _ = try ranks.settings(Resolved(study.options))
        try ranks.compareImages(study.task.data.train)
        try ranks.leading { try body(study) }
    }

    /// Opens the study in a folder, with some of its settings changed.
    static func reopen(
        _ folder: String, config: String? = nil, settings: [String], threads: Int?,
        changedData: ChangedDataPolicy = .refused
    ) throws -> Study {
        let file = folder + "/" + Study.settingsName
        guard FileManager.default.fileExists(atPath: file) else { throw WorkflowError.notAStudy(folder) }
        let resolved = try ConfigurationLoader.load(
            StudyConfiguration.self, stored: file, files: config.map { [$0] } ?? [], overrides: settings)
        var value = resolved.value
        StudyPlaces(of: folder).restore(&value) { key in
            config != nil || settings.contains { $0.hasPrefix(key + "=") }
        }
        return try make(value, folder, threads: threads, changedData: changedData)
    }

    private static func make(
        _ options: StudyConfiguration, _ folder: String, threads: Int?, changedData: ChangedDataPolicy
    ) throws -> Study {
        if let threads { try Runtime.setThreadCount(threads) }
        return try Study(
            options, path: folder, open: TaskSource.open,
            versions: ["libtorch": Runtime.version(), "threads": "\(Runtime.threadCount())"],
            changedData: changedData)
    }

    /// Prints the new path of an earlier run, if there was one.
    static func say(setAside path: String?) {
        if let path { Console.say("the earlier run is now \(path)") }
    }

    /// The sections that only the configuration of a study has, not that of a single network.
    static let ownSections = ["space", "method", "supernet", "search"]

    /// Whether a configuration is that of a study rather than of a single network.
    ///
    /// - Throws: `ConfigurationError` for a file that cannot be read or is not YAML.
    static func isStudy(_ options: RunOptions) throws -> Bool {
        let set = options.settings.map { $0.prefix { $0 != "." && $0 != "=" }.trimmingCharacters(in: .whitespaces) }
        let keys = try options.config.map { try ConfigurationLoader.keys(of: $0) } ?? []
        return (set + keys).contains(where: ownSections.contains)
    }

    /// Prints the plan of a study.
    static func plan(_ study: Study) throws {
        let options = study.options
        let description = try SupernetTraining(study).description()
        Console.say(
            Console.table([
                ("study", study.path),
                (
                    "data",
                    "\(options.data.sourceWords): \(Console.grouped(study.task.data.train.count)) images to train on, "
                        + "\(Console.grouped(study.task.data.validation?.count ?? 0)) to validate, "
                        + "\(Console.grouped(study.task.data.test?.count ?? 0)) to test"
                ),
                (
                    "space",
                    "\(options.space.name): \(description.space.points.count) choices, "
                        + "\(StudyText.architectures(description.space.size)) architectures"
                ),
                (
                    "supernet",
                    "\(options.method.name), \(options.supernet.epochs) epochs of "
                        + "\(options.supernet.images == 0 ? "all" : Console.grouped(options.supernet.images)) images, "
                        + "batches of \(options.supernet.batchSize), \(options.precision), on \(options.device) with "
                        + (try ProcessText.threads(Ranks.current))
                ),
                (
                    "search",
                    "\(options.search.strategy.rawValue), \(options.search.evaluations) paths by "
                        + "\(options.search.score.rawValue), statistics: \(options.search.statistics.rawValue)"
                ),
            ]))
    }
}

/// Finds the files that a study's settings name by paths relative to the working directory of an earlier start.
struct StudyPlaces {
    /// The recorded paths of files and folders at the last start of each phase; empty for studies of versions that did
    /// not record them.
    private let recorded: [[String: NamedPlace]]

    /// Reads the recorded paths of a study.
    ///
    /// - Parameter folder: the path of the study's folder, which need not exist.
    init(of folder: String) {
        recorded = Study.phases.map { RunFolder.places(of: folder + "/" + $0) }
    }

    /// Replaces settings of the study by the recorded paths.
    ///
    /// - Parameters:
    ///   - options: the settings of this start.
    ///   - isGiven: whether a key was given for this start rather than read from the study's folder. A given path that
    ///     exists is not replaced.
    func restore(_ options: inout StudyConfiguration, isGiven: (_ key: String) -> Bool) {
        func restored(_ key: String, _ text: String) -> String {
            guard !text.hasPrefix("/"), !text.isEmpty, let place = place(key, text) else { return text }
            let exists = FileManager.default.fileExists(atPath:)
            guard exists(place.path), !isGiven(key) || !exists(text), NamedPlace(text).path != place.path else {
                return text
            }
            Console.say("\(key) is \(place.path), where the study found \(text) before")
            return place.path
        }
        options.data.source = restored("data.source", options.data.source)
        options.data.list = restored("data.list", options.data.list)
        let space = restored("space.name", options.space.name)
        if space != options.space.name, let moved = try? SpaceConfiguration(named: space) { options.space = moved }
    }

    /// The recorded path of a setting's text, or otherwise a recorded path that ends in it.
    private func place(_ key: String, _ text: String) -> NamedPlace? {
        let places = recorded.compactMap { $0[key] }
        return places.last { $0.text == text } ?? places.last { $0.path.hasSuffix("/" + text) }
    }
}
