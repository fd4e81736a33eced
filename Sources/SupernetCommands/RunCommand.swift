import ArgumentParser
import Experiments
import Foundation
import Reports
import Support
import Tasks
import Training
import Workflows

/// The command `supernet run`: runs all phases of a study.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract:
            "Run all phases of a study: train a supernet, search it within a budget, fine-tune the best, test it.",
        discussion: """
            With --data alone, image size, network and the lengths of all phases follow from the images, so that the \
            study takes about ten minutes on two cores; --set overrides single settings. With --config, the settings \
            are those of the file, and --data replaces its data.source. Finished phases are not run again, and an \
            interrupted command continues when it is given again. The test images are read once, at the end.

            \(FamilyHelp.tasks)

            \(FamilyHelp.methods)
            """)

    @OptionGroup var options: RunOptions
    @OptionGroup var budget: BudgetOptions
    @Option(
        name: .long,
        help: """
            The images: \(DataSource.names), a folder with one folder for each class, a CSV or text list, or IDX \
            files.
            """
    )
    var data: String?
    @Option(
        name: .long,
        help: """
            With --data alone: the input size in pixels, such as 64, or height and width such as 128x64. Default: from \
            the images.
            """
    )
    var size: ImageSize?
    @OptionGroup var folds: FoldOptions
    @Option(name: .long, help: "With --data alone: the task, one of \(TaskFamily.nameList.joined(separator: ", ")).")
    var task = ClassificationTask.name
    @Flag(name: .long, help: "With --data alone: convert the images to grey.") var grey = false
    @Flag(name: .long, help: "Train the found network from scratch instead of fine-tuning it.") var retrain = false
    @OptionGroup var processes: ProcessOptions

    func run() throws {
        let name = try data.map { data in
            URL(fileURLWithPath: data).lastPathComponent + (try givenData(options).foldSuffix)
        }
        let folder = options.folder(default: name ?? "study")
        try StudyOpening.shared(
            processes.join(threads: options.threads), folder: folder, open: { try open(name ?? "study") },
            { try Self.execute($0, retrain ? .retrain : .finetune) })
    }

    private func open(_ name: String) throws -> Study {
        var options = options
        options.settings += folds.settings + (try budget.settings())
        var base = StudyConfiguration()
        if let data {
            let given = try givenData(options)
            if options.config == nil {
                base = try .quick(data, task: task, size: size, grey: grey ? true : nil, open: TaskSource.open)
                // What goes on keeps its own split, and of folds one is the test.
                let stored = options.continued(options.folder(default: name), Study.settingsName)
                if given.folds > 0 || stored.map(FileManager.default.fileExists(atPath:)) ?? false {
                    base.data.testFraction = DataConfiguration().testFraction
                }
            }
            options.settings.insert("data.source=\(try JSONText.of(data))", at: 0)
        }
        return try StudyOpening.open(options, over: base, name: name)
    }

    /// The settings of data that the command line gives.
    private func givenData(_ options: RunOptions) throws -> DataConfiguration {
        struct Section: Configuration { var data = DataConfiguration() }
        return try ConfigurationLoader.load(
            over: Section(), files: [],
            overrides: options.allSettings.filter {
                $0.prefix { $0 != "." && $0 != "=" }.trimmingCharacters(in: .whitespaces) == "data"
            }
        ).value.data
    }

    func validate() throws {
        try size?.validate()
        try TaskOption.validate(task)
        guard (size == nil && !grey && task == ClassificationTask.name) || (data != nil && options.config == nil) else {
            throw ValidationError(
                "--task, --size and --grey go with --data alone; a configuration says what is recognised and what "
                    + "networks see: task.name, data.augmentation, data.evaluation and data.channels")
        }
    }

    /// Runs all phases and writes the report.
    static func execute(_ study: Study, _ start: NetworkPhase.Start) throws {
        try StudyOpening.plan(study)
        try ArchitectureSearch(study).refuseImpossibleBudget()
        let phases = study.options.method.isSupervised ? 3 : 4
        Console.say("1/\(phases) supernet")
        Console.say(Console.table(StudyText.rows(try SupernetTraining(study)())))
        if !study.options.method.isSupervised {
            Console.say("2/\(phases) probe")
            let probe = try LinearProbing(study)()
            Console.say(Console.table([StudyText.row(probe)]))
        }
        Console.say("\(phases - 1)/\(phases) search")
        Console.say(Console.table(StudyText.rows(try ArchitectureSearch(study)(), metrics: study.task.metrics)))
        Console.say("\(phases)/\(phases) \(start.rawValue)")
        let training = try NetworkPhase(study, start).training()
        let outcome = NetworkRun(training: training, result: try training())
        let report = try outcome.writeReports(of: study, start)
        Console.say(
            "next: open \(CommandText.quoted(report)), or "
                + CommandText.command("evaluate", training.networkFile, "--data", "FOLDER"))
    }
}
