import ArgumentParser
import Experiments
import Foundation
import Reports
import Torch
import Workflows

/// The command `supernet compare`: compares training methods or ways of transfer over several seeds.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract:
            "Compare with several seeds: methods by how their supernets rank, or ways of transfer by what they reach.",
        discussion: """
            A configuration names spaces with their benchmark tables, methods and seeds (Configs/ranking-study.yaml), or \
            sources, tasks and seeds (Configs/transfer-study.yaml). Each training is a folder of its own below the run's. \
            Kill it at any moment and give the same command again; add methods, tasks or seeds, and only those are trained.
            """,
        aliases: ["study"])
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
        // A study of transfer has tasks, one of rankings methods.
        if try ConfigurationLoader.keys(of: config).contains("tasks") { try transfer() } else { try ranking() }
    }

    private var path: String {
        folder ?? "runs/\(URL(fileURLWithPath: config).deletingPathExtension().lastPathComponent)"
    }

    private var atATime: Int { workers ?? ProcessInfo.processInfo.activeProcessorCount }

    private func versions() throws -> [String: String] { ["libtorch": try Runtime.version(), "threads": "1"] }

    private func seeds(_ seeds: [UInt64]) -> (String, String) {
        ("seeds", seeds.map(String.init).joined(separator: ", ") + ", \(atATime) trainings at a time")
    }

    private func ranking() throws {
        let options = try ConfigurationLoader.load(
            RankingComparisonConfiguration.self, files: [config], overrides: settings
        ).value
        let study = RankingComparison(
            options: options, path: path, versions: try versions(), progress: ProgressReporter(),
            open: DataSource.open)
        Console.say(
            Console.table([
                ("study", study.path), ("spaces", options.spaces.map(\.name).joined(separator: ", ")),
                ("methods", options.methods.map(\.name).joined(separator: ", ")), seeds(options.seeds),
            ]))
        let result = try study(workers: atATime)
        for line in RankingText.lines(result) { Console.result(line) }
        let report = try study.report(result, command: CommandText.command("compare", config))
        Console.say("wrote " + ([study.resultFile] + (try report.write(in: study.path))).joined(separator: ", "))
    }

    private func transfer() throws {
        let options = try ConfigurationLoader.load(
            TransferComparisonConfiguration.self, files: [config], overrides: settings
        ).value
        let study = TransferComparison(
            options: options, path: path, versions: try versions(), progress: ProgressReporter(),
            open: TaskSource.open)
        Console.say(
            Console.table([
                ("study", study.path), ("sources", options.sources.map(\.name).joined(separator: ", ")),
                ("tasks", options.tasks.map(\.name).joined(separator: ", ")), seeds(options.seeds),
            ]))
        let outcomes = try study(workers: atATime)
        for outcome in outcomes {
            Console.result("\(outcome.task), \(outcome.source), seed \(outcome.seed)")
            try study.adaptation(outcome)?.say(outcome.result)
        }
        let report = try study.report(outcomes, command: CommandText.command("compare", config))
        Console.say("wrote " + ([study.resultFile] + (try report.write(in: study.path))).joined(separator: ", "))
    }
}
