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
            "Compare training methods by their rankings, or ways of transfer by their scores, over several seeds.",
        discussion: """
            The configuration lists either methods, search spaces with their benchmark tables, and seeds, as \
            Configs/ranking-study.yaml does, or sources, target tasks and seeds, as Configs/transfer-study.yaml does. \
            Each training has a folder of its own in the comparison's. An interrupted command continues when it is \
            given again; where methods, tasks or seeds were added, only the new trainings run.
            """,
        aliases: ["study"])
    @Argument(help: "The configuration, a YAML file.") var config: String
    @Option(
        name: .customLong("run"),
        help: "The folder of the comparison. Default: runs/ and the name of the configuration.")
    var folder: String?
    @Option(name: .customLong("set"), help: "A setting as key=value, such as search.evaluations=500. May be repeated.")
    var settings: [String] = []
    @Option(name: .long, help: "The number of trainings at a time, each with one thread. Default: one for each core.")
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
                ("comparison", study.path), ("spaces", options.spaces.map(\.name).joined(separator: ", ")),
                ("methods", options.methods.map(\.name).joined(separator: ", ")), seeds(options.seeds),
            ]))
        let result = try study(workers: atATime)
        for line in RankingText.lines(result) { Console.result(line) }
        let report = try study.report(result, command: CommandText.command("compare", config))
        Console.say("wrote " + ([study.resultFile] + (try report.write(in: study.path))).joined(separator: ", "))
    }

    private func transfer() throws {
        var options = try ConfigurationLoader.load(
            TransferComparisonConfiguration.self, files: [config], overrides: settings
        ).value
        for source in options.sources.indices {
            options.sources[source].from = try options.sources[source].from.map(SourceNetwork.path(of:))
        }
        let study = TransferComparison(
            options: options, path: path, versions: try versions(), progress: ProgressReporter(),
            open: TaskSource.open)
        Console.say(
            Console.table([
                ("comparison", study.path), ("sources", options.sources.map(\.name).joined(separator: ", ")),
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
