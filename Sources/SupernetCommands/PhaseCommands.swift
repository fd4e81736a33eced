import ArgumentParser
import Experiments
import Foundation
import Reports
import Workflows

/// What the verbs take that go on with a study.
struct StudyOptions: ParsableArguments {
    @Argument(help: "The study's folder.") var study: String
    @Option(name: .shortAndLong, help: "A YAML file of settings, on top of the study's.") var config: String?
    @Option(name: .customLong("set"), help: "One setting, as key=value; may be given several times.")
    var settings: [String] = []
    @OptionGroup var images: ImageOptions
    @Option(name: .long, help: "Threads of the processor for tensors. Default: all cores.") var threads: Int?

    func validate() throws { try ThreadOption.validate(threads) }

    func open(_ more: [String] = []) throws -> Study {
        try StudyOpening.reopen(
            study, config: config, settings: settings + images.settings + more, threads: threads,
            changedData: images.policy)
    }
}

/// `supernet probe`: a linear classifier on the frozen supernet.
struct Probe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a linear classifier on a study's frozen supernet.",
        discussion: "Needed to rank paths by accuracy where the supernet learned without labels.")
    @OptionGroup var options: StudyOptions
    @Flag(name: .long, help: "Start over; an earlier probe is renamed.") var fresh = false

    func run() throws {
        let study = try options.open()
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

/// `supernet search`: ranks paths and hands over the best.
struct Search: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rank a study's architectures within a budget, and hand over the best with its weights.",
        discussion: """
            Scores come from a validation split; batch-norm statistics are recalibrated for each path on fixed images. \
            Every evaluated path is kept in search/archive.sqlite, which any SQLite tool opens.
            """)
    @OptionGroup var options: StudyOptions
    @OptionGroup var budget: BudgetOptions
    @Option(name: .long, help: "How paths are looked for.") var strategy: SearchConfiguration.Strategy?
    @Option(name: .long, help: "Paths to evaluate in all.") var evaluations: Int?
    @Flag(name: .long, help: "Start over; an earlier search is renamed.") var fresh = false

    func run() throws {
        var settings = budget.settings
        if let strategy { settings.append("search.strategy=\(strategy.rawValue)") }
        if let evaluations { settings.append("search.evaluations=\(evaluations)") }
        let study = try options.open(settings)
        try SupernetVerb.require(study)
        if fresh { StudyOpening.say(setAside: try RunFolder.setAside(study.folder(ArchitectureSearch.name))) }
        let search = ArchitectureSearch(study)
        let result = try search()
        Console.result(
            Console.table(StudyText.rows(result, metrics: study.task.metrics) + LeftOut.rows(study)))
        Console.say("wrote \(search.archiveFile)" + (result.validation == nil ? "" : ", \(search.networkFile)"))
        Console.say(
            result.validation == nil
                ? "next: \(CommandText.command("probe", study.path)), then search again by accuracy"
                : "next: \(CommandText.command("finetune", study.path)), or "
                    + CommandText.command("retrain", study.path))
    }
}

/// Hard limits on what a network may cost.
struct BudgetOptions: ParsableArguments {
    @Option(name: .long, help: "The most learned numbers, the classifier included: 300000, 300k, 2.5M.")
    var maxParams: String?
    @Option(name: .long, help: "The most multiply-adds for one image: 20M, 4.1G.") var maxMacs: String?
    @Option(name: .long, help: "The most milliseconds for one image with one thread, predicted from measurements here.")
    var maxLatencyMs: Double?

    func validate() throws {
        for (name, value) in [("--max-params", maxParams), ("--max-macs", maxMacs)] {
            guard let value else { continue }
            guard Self.number(value) != nil else {
                throw ValidationError("\(name) is a number such as 300000, 300k, 20M or 4.1G, not \(value)")
            }
        }
    }

    var settings: [String] {
        var settings: [String] = []
        if let number = maxParams.flatMap(Self.number) { settings.append("search.max-params=\(number)") }
        if let number = maxMacs.flatMap(Self.number) { settings.append("search.max-macs=\(number)") }
        if let maxLatencyMs { settings.append("search.max-latency-ms=\(maxLatencyMs)") }
        return settings
    }

    /// `4.1G` as 4,100,000,000.
    static func number(_ text: String) -> Int? {
        let units: [Character: Double] = ["k": 1e3, "K": 1e3, "M": 1e6, "m": 1e6, "G": 1e9, "g": 1e9]
        let unit = text.last.flatMap { units[$0] }
        guard let value = Double(unit == nil ? text : String(text.dropLast())) else { return nil }
        let number = (value * (unit ?? 1)).rounded()
        return number >= 1 && number < 1e18 ? Int(number) : nil
    }
}

/// `supernet finetune`: the found network, trained on from the weights that it inherited.
struct Finetune: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train the found network on, from the weights that it inherited from the supernet.")
    @OptionGroup var options: StudyOptions
    @Flag(name: .long, help: "Start over; an earlier fine-tuning is renamed.") var fresh = false
    func run() throws { try NetworkVerb.run(options.open(), .finetune, fresh: fresh) }
}

/// `supernet retrain`: the found network, trained from scratch.
struct Retrain: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Train the found network from scratch.")
    @OptionGroup var options: StudyOptions
    @Flag(name: .long, help: "Start over; an earlier training is renamed.") var fresh = false
    func run() throws { try NetworkVerb.run(options.open(), .retrain, fresh: fresh) }
}

/// What the verbs that train a found network have in common.
enum NetworkVerb {
    static func run(_ study: Study, _ start: NetworkPhase.Start, fresh: Bool) throws {
        if fresh { StudyOpening.say(setAside: try RunFolder.setAside(study.folder(start.rawValue))) }
        let training = try NetworkPhase(study, start).training()
        let report = try NetworkRun(training: training, result: training()).writeReports(of: study, start)
        Console.say("next: open \(CommandText.quoted(report))")
    }
}

/// What `supernet train` does with a study.
enum SupernetVerb {
    static func run(_ options: RunOptions) throws {
        let study = try StudyOpening.open(options, name: "study")
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
