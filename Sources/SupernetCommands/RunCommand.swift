import ArgumentParser
import Experiments
import Foundation
import Support
import Training
import Workflows

/// `supernet run`: every phase of a study, one after the other.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract:
            "Turn images into a network: train a supernet, search it within a budget, fine-tune the best, test it.",
        discussion: """
            Phases that are finished are not run again; kill it at any moment and give the same command again. The test \
            images are read once, at the end. With --data alone, the lengths of all phases are set for some ten minutes, \
            and --set overrides them. With a configuration as well, --data takes the place of its data.source, and all else \
            is as the configuration says.
            """)

    @OptionGroup var options: RunOptions
    @OptionGroup var budget: BudgetOptions
    @Option(name: .long, help: "Your images: a folder with one folder per class, a CSV or text list, or IDX files.")
    var data: String?
    @Option(
        name: .long,
        help: "With --data alone: what networks see, in pixels: 64, or height and width as 128x64. Default: 64.")
    var size: ImageSize?
    @Flag(name: .long, help: "With --data alone: see the images in grey.") var grey = false
    @Flag(name: .long, help: "Train the found network from scratch rather than fine-tune it.") var retrain = false

    func run() throws {
        var options = options
        options.settings += budget.settings
        var defaults: [String] = []
        var name = "study"
        if let data {
            defaults = [try StudyPreset.source(data)]
            name = URL(fileURLWithPath: data).lastPathComponent
            if options.config == nil {
                let opened = try DataSource.open(data)
                defaults += try StudyPreset.images(size: size ?? 64, grey: grey)
                defaults += StudyPreset.quick(images: opened.train.count)
                // What goes on keeps its own split.
                let stored = options.continued(options.folder(default: name), Study.settingsName)
                let isBegun = stored.map(FileManager.default.fileExists(atPath:)) ?? false
                if !isBegun { defaults += StudyPreset.finalScore(of: opened) }
            }
        }
        try Self.execute(
            StudyOpening.open(options, defaults: defaults, name: name), retrain ? .retrain : .finetune)
    }

    func validate() throws {
        try size?.validate()
        guard (size == nil && !grey) || (data != nil && options.config == nil) else {
            throw ValidationError(
                "--size and --grey go with --data alone; a configuration says what networks see: data.augmentation, "
                    + "data.evaluation and data.channels")
        }
    }

    /// All phases, and the page that shows them.
    static func execute(_ study: Study, _ start: NetworkPhase.Start) throws {
        try StudyOpening.plan(study)
        let phases = study.options.method.name.isSupervised ? 3 : 4
        Console.say("1/\(phases) supernet")
        Console.say(Console.table(StudySummary.rows(try SupernetTraining(study)())))
        if !study.options.method.name.isSupervised {
            Console.say("2/\(phases) probe")
            let probe = try LinearProbing(study)()
            Console.say(
                Console.table([("accuracy of random paths", Console.percent(probe.validation["accuracy"] ?? 0))]))
        }
        Console.say("\(phases - 1)/\(phases) search")
        Console.say(Console.table(StudySummary.rows(try ArchitectureSearch(study)())))
        Console.say("\(phases)/\(phases) \(start.rawValue)")
        let training = try NetworkPhase(study, start).training()
        let outcome = NetworkRun(training: training, result: try training())
        try outcome.writeReport(configuration: Resolved(training.options).yaml())
        outcome.say()
        let report = try StudyReport.write(study, outcome, start)
        Console.say(
            "next: open \(CommandText.quoted(report)), or "
                + CommandText.command("evaluate", training.networkFile, "--data", "FOLDER"))
    }
}
