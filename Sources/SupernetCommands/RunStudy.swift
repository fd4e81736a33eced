import ArgumentParser
import Experiments
import Foundation
import Training
import Workflows

/// `supernet run`: every phase of a study, one after the other.
struct RunStudy: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract:
            "Turn images into a network: train a supernet, search it within a budget, fine-tune the best, test it.",
        discussion: """
            Phases that are finished are not run again; kill it at any moment and give the same command again. The test \
            images are read once, at the end.
            """)

    @OptionGroup var options: RunOptions
    @OptionGroup var budget: BudgetOptions
    @Flag(name: .long, help: "Train the found network from scratch rather than fine-tune it.") var retrain = false

    func run() throws {
        var options = options
        options.settings += budget.settings
        try Self.execute(StudyRun.open(options, name: "study"), retrain ? .retrain : .finetune)
    }

    /// All phases, and the page that shows them.
    static func execute(_ study: Study, _ start: NetworkPhase.Start) throws {
        try StudyRun.plan(study)
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
        Console.say("next: open \(report), or supernet evaluate \(training.networkFile) --data FOLDER")
    }
}
