import ArgumentParser
import Datasets
import Distributed
import Experiments
import Foundation
import Results
import Support
import Tasks
import Torch
import Training

/// The options of commands that create a run.
struct RunOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "A YAML file of settings.") var config: String?
    @Option(name: .customLong("set"), help: "A setting as key=value, such as search.evaluations=500. May be repeated.")
    var settings: [String] = []
    @Option(name: .long, help: "The folder of the run. Default: runs/ and the name of the configuration.") var run:
        String?
    @Flag(name: .long, help: "Start over; the folder of an earlier run is renamed.") var fresh = false
    @OptionGroup var images: ImageOptions
    @Option(name: .long, help: "The number of CPU threads for tensors. Default: all cores.") var threads: Int?

    /// The settings of the command line; later ones override earlier ones.
    var allSettings: [String] { settings + images.settings }

    func validate() throws { try ThreadOption.validate(threads) }

    /// The path of the run's folder.
    func folder(default name: String) -> String {
        if let run { return run }
        let stem = config.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }
        return "runs/\(stem ?? name)"
    }

    /// The path of the configuration that an earlier start may have stored; nil for a run that starts over.
    func continued(_ folder: String, _ name: String) -> String? { fresh ? nil : FilePath.join(folder, name) }
}

/// The command `supernet train`: trains a supernet or one network.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a supernet, or a single network.",
        discussion: """
            A configuration with one of the sections \(StudyOpening.ownSections.joined(separator: ", ")) trains a \
            supernet, any other a single network. An interrupted command continues from the last checkpoint when it is \
            given again, to the same weights bit for bit. Choices are made on a validation split of the training \
            images; the test images of a single network are read once, at the end. `supernet profile --help` lists the \
            search spaces with their settings. Several processes train together by `--processes`, torchrun, srun or \
            mpirun, on one machine or many.

            \(FamilyHelp.methods)
            """)

    @OptionGroup var options: RunOptions
    @OptionGroup var processes: ProcessOptions
    @OptionGroup var dryRun: DryRunOptions

    func run() throws {
        let isStudy = try StudyOpening.isStudy(options)
        if dryRun.dryRun {
            return try isStudy ? dryRun.run(options) : dryRun.runNetwork(options)
        }
        let ranks = try processes.join(threads: options.threads)
        guard !isStudy else { return try SupernetVerb.run(options, ranks) }
        guard let ranks else { return try Self.finish(NetworkRun.execute(options, defaultName: "network")) }
        guard ranks.isFirst else { return try NetworkRun.follow(options, ranks) }
        try ranks.leading { try Self.finish(NetworkRun.execute(options, defaultName: "network", ranks)) }
    }

    private static func finish(_ outcome: NetworkRun) {
        outcome.say()
        // The test part of a source that was cut into folds is not the test of the network.
        let data = outcome.training.setup.data
        Console.say(
            "next: open \(CommandText.quoted(outcome.reportFile)), or "
                + CommandText.command(
                    "evaluate", outcome.training.networkFile, "--data", data.folds > 0 ? "FOLDER" : data.source))
    }
}

/// A finished training of one network, with its examples and report.
struct NetworkRun {
    let training: NetworkTraining
    let result: NetworkResult

    var reportFile: String { FilePath.join(training.run.path, "report.html") }

    /// Takes part in the training of the network, whose files rank 0 writes.
    static func follow(_ options: RunOptions, _ ranks: Ranks) throws {
        let settings: NetworkTrainingConfiguration = try ranks.settings(nil)
        let task = try settings.task.task(settings.data, open: TaskSource.open)
        try ranks.compareImages(task.data.train)
        try ranks.follow { words in
            guard case .network(let shared) = try SharedTraining(words) else {
                throw RanksError.apart("rank 0 trains something else than a network")
            }
            try NetworkSetup(shared, task: task, device: .configured(settings.device), ranks: ranks).follow()
        }
    }

    /// Trains the network, alone or together with the processes of a world, of which this is the first.
    static func execute(_ options: RunOptions, defaultName: String, _ ranks: Ranks? = nil) throws -> NetworkRun {
        let folder = options.folder(default: defaultName)
        // Of several processes, the first has the threads of all by now.
        if ranks == nil, let threads = options.threads { try Runtime.setThreadCount(threads) }
        let version = try Runtime.version()
        let settings = try Self.resolved(options, folder)
        let resolved: NetworkTrainingConfiguration = try ranks?.settings(settings) ?? settings.value
        let task = try resolved.task.task(resolved.data, open: TaskSource.open)
        var setup = try resolved.setup(task: task)
        setup.ranks = ranks
        try ranks?.compareImages(task.data.train)
        // With what the settings leave to the images.
        var own = resolved
        own.data = setup.data
        let run = try RunFolder(
            folder, configuration: Resolved(own), seed: own.seed,
            versions: ["libtorch": version, "threads": "\(try Runtime.threadCount())"],
            places: resolved.places(), fresh: options.fresh)
        if let old = run.setAside { Console.say("the earlier run is now \(old)") }
        let training = NetworkTraining(
            setup, run: run,
            record: DataRecord(
                folder: run.path, of: task.data, root: resolved.data.source, changes: options.images.policy),
            progress: ProgressReporter())
        try plan(training, resolved, ranks, isResumed: run.isResumed)
        let outcome = NetworkRun(training: training, result: try training())
        try outcome.writeReport(outcome.network())
        return outcome
    }

    /// Resolves the settings of a run.
    ///
    /// - Throws: `ConfigurationError`.
    static func resolved(_ options: RunOptions, _ folder: String) throws -> Resolved<NetworkTrainingConfiguration> {
        try ConfigurationLoader.load(
            file: options.config, continuing: options.continued(folder, RunFolder.configurationName),
            overrides: options.allSettings)
    }

    private static func plan(
        _ training: NetworkTraining, _ options: NetworkTrainingConfiguration, _ ranks: Ranks?, isResumed: Bool
    ) throws {
        let (train, network, data) = (options.train, options.network, training.setup.task.data)
        Console.say(isResumed ? "Continuing \(training.run.path)" : "Training into \(training.run.path)")
        Console.say(
            Console.table([
                (
                    "data",
                    "\(options.data.sourceWords): \(Console.grouped(data.train.count)) images to train on, "
                        + "\(Console.grouped(data.validation?.count ?? 0)) to validate, "
                        + "\(Console.grouped(data.test?.count ?? 0)) to test"
                ),
                (
                    "network",
                    network.from.isEmpty
                        ? "ResNeSt, \(network.stem) stem, planes \(network.planes), depths \(network.depths), code "
                            + "\(network.code)" : "that of \(network.from)"
                ),
                (
                    "training",
                    "\(train.epochs) epochs of batches of \(train.batchSize), \(options.precision), on "
                        + "\(options.device) with \(try ProcessText.threads(ranks))"
                ),
            ]))
    }

    /// Formats a score: its metrics, and the accuracy averaged with mirror images.
    private func text(_ score: Score, mirrored: Double?) -> String {
        score.words(training.setup.task.metrics) + (score.count.map { " of \(Console.grouped($0))" } ?? "")
            + (mirrored.map { "; \(Console.percent($0)) averaged with the mirror image" } ?? "")
    }

    /// Prints the final table.
    func say() {
        var rows = [
            ("parameters", Console.grouped(result.cost.parameters)),
            ("multiply-adds", Console.grouped(result.cost.multiplyAdds)),
            ("training", Quantity.duration(result.seconds) + ", \(Console.grouped(result.steps)) steps"),
            ("validation", text(result.validation, mirrored: result.mirroredValidation)),
        ]
        if let test = result.test { rows.append(("test", text(test, mirrored: result.mirroredTest))) }
        if let row = LeftOut.row(result.leftOut, file: training.record.leftOutFile) { rows.append(row) }
        Console.result(Console.table(rows))
        Console.say("wrote \(training.networkFile), \(training.resultFile), \(reportFile)")
    }
}
