import ArgumentParser
import Experiments
import Foundation
import Reports
import Torch
import Workflows

/// The command `supernet compare`: compares training methods, ways of transfer or search strategies over several seeds.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract:
            "Compare training methods, ways of transfer, or search strategies over several seeds.",
        discussion: """
            The configuration lists methods, search spaces with their benchmark tables, and seeds, as \
            Configs/ranking-study.yaml does; or sources, target tasks and seeds, as Configs/transfer-study.yaml does; \
            or a finished adaptation, search strategies and seeds, as Configs/strategies.yaml does. Each training or \
            search has a folder of its own in the comparison's. An interrupted command continues when it is given \
            again; where methods, tasks, strategies or seeds were added, only what is new runs.
            """,
        aliases: ["study"])
    @Argument(help: "The configuration, a YAML file.") var config: String
    @Option(
        name: .customLong("run"),
        help: "The folder of the comparison. Default: runs/ and the name of the configuration.")
    var folder: String?
    @Option(name: .customLong("set"), help: "A setting as key=value, such as search.evaluations=500. May be repeated.")
    var settings: [String] = []
    @Option(
        name: .long,
        help: """
            The number of trainings at a time, each with one thread. Default: one for each core. Searches of strategies \
            run one after the other with all cores.
            """)
    var workers: Int?

    func validate() throws {
        if let workers, !(1...1024).contains(workers) {
            throw ValidationError("--workers must be in 1...1024, is \(workers)")
        }
    }

    func run() throws {
        // A study of transfer has tasks, one of strategies strategies, one of rankings methods.
        let keys = try ConfigurationLoader.keys(of: config)
        if keys.contains("strategies") {
            try strategies()
        } else if keys.contains("tasks") {
            try transfer()
        } else {
            try ranking()
        }
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

    private func strategies() throws {
        guard workers ?? 1 == 1 else {
            throw ValidationError(
                "searches run one after the other, so that their times can be compared; leave out --workers")
        }
        let options = try ConfigurationLoader.load(
            StrategyComparisonConfiguration.self, files: [config], overrides: settings
        ).value
        let study = StrategyComparison(
            options: options, path: path,
            versions: ["libtorch": try Runtime.version(), "threads": "\(try Runtime.threadCount())"],
            progress: ProgressReporter(), open: TaskSource.open)
        Console.say(
            Console.table([
                ("comparison", study.path), ("adaptation", options.adaptation),
                ("strategies", options.strategies.map(\.rawValue).joined(separator: ", ")),
                ("seeds", options.seeds.map(String.init).joined(separator: ", ") + ", one search at a time"),
            ]))
        let result = try study()
        let report = StrategyComparisonReport(result, command: CommandText.command("compare", config))
        for line in report.lines() { Console.result(line) }
        let written = [study.resultFile, study.curvesFile] + (try report.write(in: study.path))
        Console.say("wrote " + written.joined(separator: ", "))
    }
}
