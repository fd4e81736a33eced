import ArgumentParser
import Distributed
import Experiments
import Foundation
import Reports
import Workflows

/// The options of commands that continue a study.
struct StudyOptions: ParsableArguments {
    @Argument(help: "The study's folder.") var study: String
    @Option(name: .shortAndLong, help: "A YAML file of settings that override the study's.") var config: String?
    @Option(name: .customLong("set"), help: "A setting as key=value, such as search.evaluations=500. May be repeated.")
    var settings: [String] = []
    @OptionGroup var images: ImageOptions
    @Option(name: .long, help: "The number of CPU threads for tensors. Default: all cores.") var threads: Int?

    func validate() throws { try ThreadOption.validate(threads) }

    /// Opens the study and trains in it, alone or together with other processes.
    func train(_ processes: ProcessOptions, _ body: (Study) throws -> Void) throws {
        try StudyOpening.shared(
            processes.join(threads: threads), folder: study, open: { try open() }, body)
    }

    func open(_ more: [String] = []) throws -> Study {
        try StudyOpening.reopen(
            study, config: config, settings: settings + images.settings + more, threads: threads,
            changedData: images.policy)
    }
}

/// The command `supernet probe`: trains a linear classifier on the frozen supernet.
struct Probe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a linear classifier on the frozen supernet of a study.",
        discussion: "The search needs it to score paths by accuracy where the supernet was trained without labels.")
    @OptionGroup var options: StudyOptions
    @OptionGroup var processes: ProcessOptions
    @Flag(name: .long, help: "Start over; the folder of an earlier probe is renamed.") var fresh = false

    func run() throws { try options.train(processes, run) }

    private func run(_ study: Study) throws {
        try SupernetVerb.require(study)
        if fresh { StudyOpening.say(setAside: try RunFolder.setAside(study.folder(LinearProbing.name))) }
        let probing = LinearProbing(study)
        let result = try probing()
        Console.result(
            Console.table(
                [
                    StudyText.row(result),
                    ("time", Quantity.duration(result.seconds)),
                ] + LeftOut.rows(study)))
        Console.say("wrote \(probing.probeFile)\nnext: " + CommandText.command("search", study.path))
    }
}

/// The command `supernet search`: evaluates paths and writes the best as a network.
struct Search: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Search a study's supernet within a budget, and write the best network with inherited weights.",
        discussion: """
            Paths are scored on the validation split, after their batch-norm statistics are recalibrated on fixed \
            training images. Every evaluated path is stored in search/archive.sqlite, which any SQLite tool opens. An \
            interrupted search continues when the command is given again.

            \(FamilyHelp.strategies)
            """)
    @OptionGroup var options: StudyOptions
    @OptionGroup var budget: BudgetOptions
    @Option(name: .long, help: "The search strategy.") var strategy: SearchConfiguration.Strategy?
    @Option(name: .long, help: "The number of paths to evaluate in all.") var evaluations: Int?
    @OptionGroup var workers: WorkerOptions
    @Flag(name: .long, help: "Start over; the folder of an earlier search is renamed.") var fresh = false

    func validate() throws {
        guard workers.join == nil || !fresh else {
            throw ValidationError("--fresh is for the search that workers join")
        }
    }

    func run() throws {
        var settings = try budget.settings()
        if let strategy { settings.append("search.strategy=\(strategy.rawValue)") }
        if let evaluations { settings.append("search.evaluations=\(evaluations)") }
        let study = try options.open(settings)
        try SupernetVerb.require(study)
        let search = ArchitectureSearch(study)
        if workers.join != nil { return try workers.serve(search) }
        if fresh { StudyOpening.say(setAside: try RunFolder.setAside(study.folder(ArchitectureSearch.name))) }
        let result = try workers.run(search)
        Console.result(Console.table(StudyText.rows(result, metrics: study.task.metrics) + LeftOut.rows(study)))
        Console.say("wrote \(search.archiveFile)" + (result.validation == nil ? "" : ", \(search.networkFile)"))
        Console.say(
            result.validation == nil
                ? "next: \(CommandText.command("probe", study.path)), then search again by accuracy"
                : "next: \(CommandText.command("finetune", study.path)), or "
                    + CommandText.command("retrain", study.path))
    }
}

/// The command `supernet finetune`: trains the found network from its inherited weights.
struct Finetune: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train the found network from the weights that it inherited from the supernet.")
    @OptionGroup var options: StudyOptions
    @OptionGroup var processes: ProcessOptions
    @Flag(name: .long, help: "Start over; the folder of an earlier fine-tuning is renamed.") var fresh = false

    func run() throws { try options.train(processes) { try NetworkVerb.run($0, .finetune, fresh: fresh) } }
}

/// The command `supernet retrain`: trains the found network from scratch.
struct Retrain: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Train the found network from scratch.")
    @OptionGroup var options: StudyOptions
    @OptionGroup var processes: ProcessOptions
    @Flag(name: .long, help: "Start over; the folder of an earlier training is renamed.") var fresh = false

    func run() throws { try options.train(processes) { try NetworkVerb.run($0, .retrain, fresh: fresh) } }
}

/// The common part of `finetune` and `retrain`.
enum NetworkVerb {
    static func run(_ study: Study, _ start: NetworkPhase.Start, fresh: Bool) throws {
        if fresh { StudyOpening.say(setAside: try RunFolder.setAside(study.folder(start.rawValue))) }
        let training = try NetworkPhase(study, start).training()
        let report = try NetworkRun(training: training, result: training()).writeReports(of: study, start)
        Console.say("next: open \(CommandText.quoted(report))")
    }
}

/// The part of `supernet train` for a study, and the check that other phases share.
enum SupernetVerb {
    /// Trains the supernet, alone or together with the processes of a world.
    static func run(_ options: RunOptions, _ ranks: Ranks? = nil) throws {
        try StudyOpening.shared(
            ranks, folder: options.folder(default: "study"),
            open: { try StudyOpening.open(options, name: "study") }, run)
    }

    private static func run(_ study: Study) throws {
        try StudyOpening.plan(study)
        let training = SupernetTraining(study)
        let result = try training()
        Console.result(Console.table(StudyText.rows(result) + LeftOut.rows(study)))
        let next = study.options.method.isSupervised ? "search" : "probe"
        Console.say("wrote \(training.supernetFile)\nnext: " + CommandText.command(next, study.path))
    }

    static func require(_ study: Study) throws {
        let file = SupernetTraining(study).supernetFile
        guard FileManager.default.fileExists(atPath: file) else {
            throw WorkflowError.missingPhase(
                file: file,
                command: CommandText.command(
                    "train", "--config", "\(study.path)/\(Study.settingsName)", "--run", study.path))
        }
    }
}
