import ArgumentParser
import Datasets
import Workflows

/// The command `supernet demo`: all phases of a study on Fashion-MNIST, from the download to a report.
struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fetch Fashion-MNIST, train a supernet with Pi-NAS, search it, fine-tune the best network, test it.",
        discussion: """
            Under ten minutes on two processor cores. With --full, the whole configuration of \
            Configs/fashion-mnist-study.yaml, which takes about an hour.
            """)

    @Option(name: .customLong("set"), help: "One setting, as key=value; may be given several times.")
    var settings: [String] = []
    @Option(name: .customLong("run"), help: "The study's folder. Default: runs/demo, or runs/demo-full.")
    var folder: String?
    @Option(name: .long, help: "Threads of the processor for tensors. Default: all cores.") var threads: Int?
    @Flag(name: .long, help: "The full configuration instead of the short one.") var full = false
    @Flag(name: .long, help: "Start over; an earlier run is renamed.") var fresh = false

    func run() throws {
        var arguments = ["--run", folder ?? (full ? "runs/demo-full" : "runs/demo")]
        for setting in settings { arguments += ["--set", setting] }
        if let threads { arguments += ["--threads", "\(threads)"] }
        if fresh { arguments.append("--fresh") }
        let study = try StudyOpening.open(
            RunOptions.parse(arguments), over: full ? .full : .demo, name: "demo")
        let sheet = try Self.writeSheet(study)
        try RunCommand.execute(study, full ? .retrain : .finetune)
        Console.say("the data: \(sheet)")
    }

    /// Writes a contact sheet of training images into the study's folder and returns its path.
    static func writeSheet(_ study: Study) throws -> String {
        // The folder is the study's own before anything is written into it.
        try study.claim()
        let sheet = study.path + "/contact-sheet.png"
        try ContactSheet(of: study.task.data.train, title: "Fashion-MNIST", perClass: 12).render().writePNG(to: sheet)
        return sheet
    }
}
