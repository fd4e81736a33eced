import ArgumentParser
import Datasets
import Experiments
import Support
import Torch
import Workflows

/// The command `supernet demo`: networks within two budgets of latency for Fashion-MNIST, from the download to a report.
struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Fetch Fashion-MNIST, train one elastic supernet, and hand over a network for each of two budgets of latency.",
        discussion: """
            A residual network whose blocks may be narrower or left out is trained with its smaller kin; the best ones \
            within a quarter and half of its latency on this machine learn on. Beside them, and as long, learns the path of \
            the same latency that one would take by hand: all blocks, all equally wide. It takes less than ten minutes on \
            two cores. With --full it runs the settings of Configs/fashion-mnist-study.yaml instead, a supernet that \
            learns without labels, in about an hour.
            """)

    @Option(name: .customLong("set"), help: "A setting as key=value, such as search.evaluations=500. May be repeated.")
    var settings: [String] = []
    @Option(name: .customLong("run"), help: "The folder of the results. Default: runs/demo, or runs/demo-full.")
    var folder: String?
    @Option(name: .long, help: "The number of CPU threads for tensors. Default: all cores.") var threads: Int?
    @Flag(name: .long, help: "Search without labels, for about an hour.") var full = false
    @Flag(name: .long, help: "Start over; the folder of an earlier run is renamed.") var fresh = false

    func run() throws {
        if full { try study() } else { try adapt() }
    }

    private func adapt() throws {
        let path = folder ?? "runs/demo"
        if let threads { try Runtime.setThreadCount(threads) }
        if fresh { StudyOpening.say(setAside: try RunFolder.setAside(path)) }
        let source = try SourceNetwork.demo()
        let options = try ConfigurationLoader.load(
            AdaptationConfiguration.self, over: .demo(source), overrides: settings
        ).value
        let task = try options.task.task(options.data, open: TaskSource.open)
        let adaptation = try Adaptation(
            options: options, task: task, path: path,
            versions: ["libtorch": Runtime.version(), "threads": "\(Runtime.threadCount())"])
        try adaptation.execute()
        Console.say("the data: \(try Self.writeSheet(of: task.data.train, in: path))")
    }

    private func study() throws {
        var arguments = ["--run", folder ?? "runs/demo-full"]
        for setting in settings { arguments += ["--set", setting] }
        if let threads { arguments += ["--threads", "\(threads)"] }
        if fresh { arguments.append("--fresh") }
        let study = try StudyOpening.open(RunOptions.parse(arguments), over: .full, name: "demo")
        let sheet = try Self.writeSheet(study)
        try RunCommand.execute(study, .retrain)
        Console.say("the data: \(sheet)")
    }

    /// Writes a contact sheet of training images into the study's folder and returns its path.
    static func writeSheet(_ study: Study) throws -> String {
        // The folder is the study's own before anything is written into it.
        try study.claim()
        return try writeSheet(of: study.task.data.train, in: study.path)
    }

    private static func writeSheet(of images: any ImageDataset, in folder: String) throws -> String {
        let sheet = FilePath.join(folder, "contact-sheet.png")
        try ContactSheet(of: images, title: "Fashion-MNIST", perClass: 12).render().writePNG(to: sheet)
        return sheet
    }
}
