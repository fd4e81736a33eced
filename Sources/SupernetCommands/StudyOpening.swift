import ArgumentParser
import Datasets
import Experiments
import Foundation
import Reports
import Torch
import Training
import Workflows

/// Opens studies for the verbs.
enum StudyOpening {
    /// A new study, or one to go on with.
    ///
    /// - Parameters:
    ///   - options: configuration, settings, folder.
    ///   - base: the settings to begin from.
    ///   - name: of the folder where neither it nor a configuration is given.
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

    /// The study in a folder, with some of its settings changed.
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

    /// Tells where an earlier run went, if there was one.
    static func say(setAside path: String?) {
        if let path { Console.say("the earlier run is now \(path)") }
    }

    /// The sections that a study's configuration has and a single network's has not.
    static let ownSections = ["space", "method", "supernet", "search"]

    /// Whether a configuration is one of a study rather than of a single network.
    ///
    /// - Throws: `ConfigurationError` for a file that cannot be read, or is no YAML.
    static func isStudy(_ options: RunOptions) throws -> Bool {
        let set = options.settings.map { $0.prefix { $0 != "." && $0 != "=" }.trimmingCharacters(in: .whitespaces) }
        let keys = try options.config.map { try ConfigurationLoader.keys(of: $0) } ?? []
        return (set + keys).contains(where: ownSections.contains)
    }

    /// What will happen, before it does.
    static func plan(_ study: Study) throws {
        let options = study.options
        let description = try SupernetTraining(study).description()
        Console.say(
            Console.table([
                ("study", study.path),
                (
                    "data",
                    "\(options.data.source): \(Console.grouped(study.task.data.train.count)) to learn from, "
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
                        + "\(try Runtime.threadCount()) threads"
                ),
                (
                    "search",
                    "\(options.search.strategy.rawValue), \(options.search.evaluations) paths by "
                        + "\(options.search.score.rawValue), statistics: \(options.search.statistics.rawValue)"
                ),
            ]))
    }
}
