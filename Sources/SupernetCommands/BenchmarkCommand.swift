import ArgumentParser
import Experiments
import Foundation
import Rankings
import Reports
import Torch
import Workflows

/// The command `supernet benchmark`: trains architectures one by one into a benchmark table.
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Train architectures one by one: a benchmark table that rankings can be judged by.",
        discussion: """
            Architectures are drawn uniformly before anything is seen. Each is trained alone, from scratch, with several \
            seeds, and scored on one half of the validation images. Kill it at any moment and give the same command \
            again; ask for more architectures or seeds, and the table is extended. Then: supernet rank STUDY --table TABLE.
            """,
        aliases: ["truth"])

    @OptionGroup var options: RunOptions
    @Option(name: .long, help: "Architectures in all.") var architectures: Int?
    @Option(name: .long, help: "Trainings of each.") var seeds: Int?
    @Option(name: .long, help: "Trainings at a time, each with one thread. Default: one for each core.")
    var workers: Int?
    @Option(name: .long, help: "Train this one again, such as \"2 1 3 0 4 1\", and compare it with the table.")
    var check: String?
    @Option(name: .long, help: "With --check: which of its trainings.") var checkSeed = 1

    func validate() throws {
        if let workers, !(1...1024).contains(workers) {
            throw ValidationError("--workers must be in 1...1024, is \(workers)")
        }
        guard checkSeed >= 0 else { throw ValidationError("--check-seed must not be negative, is \(checkSeed)") }
        if options.threads != nil { throw ValidationError("each training takes one thread; use --workers") }
    }

    func run() throws {
        var settings = options.allSettings
        if let architectures { settings.append("architectures=\(architectures)") }
        if let seeds { settings.append("seeds=\(seeds)") }
        let folder = options.folder(default: "truth")
        let resolved = try ConfigurationLoader.load(
            BenchmarkConfiguration.self, file: options.config,
            continuing: options.continued(folder, RunFolder.configurationName), overrides: settings)
        let version = try Runtime.version()
        let data = try DataSource.open(resolved.value.data.source)
        // With what the settings leave to the images.
        var own = resolved.value
        own.data = try own.data.prepared(for: data.train)
        let run = try RunFolder(
            folder, configuration: Resolved(own), seed: own.seed, versions: ["libtorch": version],
            places: own.places(), fresh: options.fresh)
        if let old = run.setAside { Console.say("the earlier table is now \(old)") }
        let training = try BenchmarkTraining(
            options: own, data: data, run: run, progress: ProgressReporter(),
            changedData: options.images.policy)
        if let check { return try compare(training, check) }
        let workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
        plan(training, workers: workers)
        let table = try training(workers: workers)
        let leftOut = LeftOut.row(training.record.leftOut, file: training.record.leftOutFile)
        Console.result(Console.table(RankingText.summary(table) + (leftOut.map { [$0] } ?? [])))
        Console.say(
            "wrote \(training.tableFile)\nnext: "
                + CommandText.command("rank", "STUDY", "--table", training.tableFile))
    }

    private func compare(_ training: BenchmarkTraining, _ text: String) throws {
        let architecture = try training.description.space.parse(text)
        let made = try training.row(architecture, seed: checkSeed)
        func line(_ row: BenchmarkRow) -> String {
            "accuracy \(Console.percent(row.accuracy)), loss \(String(format: "%.6f", row.loss))"
        }
        var rows = [("\(architecture), seed \(checkSeed)", line(made))]
        let stored =
            FileManager.default.fileExists(atPath: training.tableFile)
            ? try BenchmarkTable.read(training.tableFile).rows : []
        let known = stored.first { $0.architecture == architecture && $0.seed == checkSeed }
        rows.append(("in the table", known.map(line) ?? "not there"))
        if let known {
            let isEqual = (known.accuracy, known.loss) == (made.accuracy, made.loss)
            rows.append(("", isEqual ? "equal to the last bit" : "not equal: another machine or version of libtorch?"))
        }
        Console.result(Console.table(rows))
    }

    private func plan(_ training: BenchmarkTraining, workers: Int) {
        let options = training.options
        Console.say(
            Console.table([
                ("benchmark table", training.run.path),
                (
                    "data",
                    "\(options.data.source): \(Console.grouped(training.data.train.count)) to learn from, "
                        + "\(Console.grouped(training.data.validation?.count ?? 0)) to score on"
                ),
                (
                    "space",
                    "\(options.space.name): \(training.description.space.points.count) choices, "
                        + "\(StudyText.architectures(training.description.space.size)) architectures"
                ),
                (
                    "trainings",
                    "\(options.architectures) architectures, \(options.seeds) seeds each"
                        + (options.repeated > 0 ? ", \(options.repeatedSeeds) of the first \(options.repeated)" : "")
                        + "; \(options.train.epochs) epochs, \(options.precision); "
                        + "\(workers) at a time"
                ),
            ]))
    }
}
