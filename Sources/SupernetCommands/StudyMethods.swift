import ArgumentParser
import Experiments
import Foundation
import Rankings
import Torch
import Workflows

/// `supernet study`: methods side by side.
struct StudyMethods: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study",
        abstract: "Compare methods: train supernets by each of them with several seeds, and judge their rankings.",
        discussion: """
            A configuration names spaces with their truth tables, methods and seeds (Configs/ranking-study.yaml). Each \
            training is a study of its own below the run's folder. Kill it at any moment and give the same command again; \
            add methods or seeds, and only those are trained.
            """)
    @Argument(help: "The configuration, a YAML file.") var config: String
    @Option(name: .customLong("run"), help: "The folder. Default: runs/ and the name of the configuration.")
    var folder: String?
    @Option(name: .customLong("set"), help: "One setting, as key=value; may be given several times.")
    var settings: [String] = []
    @Option(name: .long, help: "Trainings at a time, each with one thread. Default: one for each core.")
    var workers: Int?

    func validate() throws {
        if let workers, !(1...1024).contains(workers) {
            throw ValidationError("--workers must be in 1...1024, is \(workers)")
        }
    }

    func run() throws {
        let resolved = try ConfigurationLoader.load(
            RankingStudyConfiguration.self, files: [config], overrides: settings)
        let name = URL(fileURLWithPath: config).deletingPathExtension().lastPathComponent
        let study = RankingStudy(
            options: resolved.value, path: folder ?? "runs/\(name)",
            versions: ["libtorch": try Runtime.version(), "threads": "1"],
            progress: ProgressReporter(), open: DataSource.open)
        let workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
        let options = resolved.value
        Console.say(
            Console.table([
                ("study", study.path), ("spaces", options.spaces.map(\.name).joined(separator: ", ")),
                ("methods", options.methods.map(\.name).joined(separator: ", ")),
                ("seeds", options.seeds.map(String.init).joined(separator: ", ") + ", \(workers) trainings at a time"),
            ]))
        let result = try study(workers: workers)
        for line in StudyTable.lines(result) { Console.result(line) }
        let page = RankingStudyPage(study: study, result: result, command: "supernet study \(config)")
        Console.say("wrote " + ([study.resultFile] + (try page.write())).joined(separator: ", "))
    }
}
