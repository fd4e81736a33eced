import ArgumentParser
import Datasets
import Experiments
import Foundation
import Torch
import Training
import Workflows

/// Opens studies for the verbs.
enum StudyRun {
    /// A new study, or one to go on with.
    ///
    /// - Parameters:
    ///   - options: configuration, settings, folder.
    ///   - defaults: settings that come before those of the user.
    ///   - name: of the folder where neither it nor a configuration is given.
    static func open(_ options: RunOptions, defaults: [String] = [], name: String) throws -> Study {
        let settings = defaults + options.settings + (options.skipBadImages ? ["data.skip-bad-images=true"] : [])
        let resolved = try ConfigurationLoader.load(
            StudyConfiguration.self, file: options.config, overrides: settings)
        let folder = options.folder(default: name)
        if options.fresh { try setAside(folder) }
        return try make(resolved.value, folder, threads: options.threads)
    }

    /// The study in a folder, with some of its settings changed.
    static func reopen(_ folder: String, config: String? = nil, settings: [String], threads: Int?) throws -> Study {
        let file = folder + "/" + Study.settingsName
        guard FileManager.default.fileExists(atPath: file) else { throw WorkflowError.notAStudy(folder) }
        let resolved = try ConfigurationLoader.load(
            StudyConfiguration.self, files: [file] + (config.map { [$0] } ?? []), overrides: settings)
        return try make(resolved.value, folder, threads: threads)
    }

    private static func make(_ options: StudyConfiguration, _ folder: String, threads: Int?) throws -> Study {
        if let threads { try Runtime.setThreadCount(threads) }
        return try Study(
            options: options, data: DataSource.open(options.data.source), path: folder,
            versions: ["libtorch": Runtime.version(), "threads": "\(Runtime.threadCount())"])
    }

    /// Renames what an earlier run left, never deletes it.
    static func setAside(_ folder: String) throws {
        guard FileManager.default.fileExists(atPath: folder) else { return }
        var number = 1
        while FileManager.default.fileExists(atPath: "\(folder).old-\(number)") { number += 1 }
        try FileManager.default.moveItem(atPath: folder, toPath: "\(folder).old-\(number)")
        Console.say("the earlier run is now \(folder).old-\(number)")
    }

    /// Whether a configuration is one of a study rather than of a single network.
    static func isStudy(_ options: RunOptions) throws -> Bool {
        let sections = ["space", "method", "supernet", "search"]
        func names(_ key: String) -> Bool { sections.contains { key == $0 || key.hasPrefix($0 + ".") } }
        if options.settings.contains(where: { names($0.prefix { $0 != "=" }.trimmingCharacters(in: .whitespaces)) }) {
            return true
        }
        // A file that cannot be read is reported here, as by whoever reads it in earnest.
        return try options.config.map { try ConfigurationLoader.keys(of: $0).contains(where: names) } ?? false
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
                    "\(options.data.source): \(Console.grouped(study.data.train.count)) to learn from, "
                        + "\(Console.grouped(study.data.validation?.count ?? 0)) to validate, "
                        + "\(Console.grouped(study.data.test?.count ?? 0)) to test"
                ),
                (
                    "space",
                    "\(options.space.name): \(description.space.points.count) choices, "
                        + "\(Profile.text(description.space.size)) architectures"
                ),
                (
                    "supernet",
                    "\(options.method.name.rawValue), \(options.supernet.epochs) epochs of "
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
