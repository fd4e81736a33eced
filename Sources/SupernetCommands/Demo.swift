import ArgumentParser
import Catalogue
import Datasets
import Experiments
import Support
import Torch
import Workflows

/// The command `supernet demo`: all phases of a study on Fashion-MNIST, from the download to a report.
struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Run a whole study on Fashion-MNIST: fetch it, train a supernet with Pi-NAS, search, fine-tune, test.",
        discussion: """
            It takes less than ten minutes on two cores. With --full it runs the settings of \
            Configs/fashion-mnist-study.yaml, which take about an hour.
            """)

    @Option(name: .customLong("set"), help: "A setting as key=value, such as search.evaluations=500. May be repeated.")
    var settings: [String] = []
    @Option(name: .customLong("run"), help: "The folder of the study. Default: runs/demo, or runs/demo-full.")
    var folder: String?
    @Option(name: .long, help: "The number of CPU threads for tensors. Default: all cores.") var threads: Int?
    @Flag(name: .long, help: "Run the full settings instead of the short ones.") var full = false
    @Flag(name: .long, help: "Start over; the folder of an earlier run is renamed.") var fresh = false

    func run() throws {
        if full { try study() } else { try adapt() }
    }

    private func adapt() throws {
        let path = folder ?? "runs/demo"
        if let threads { try Runtime.setThreadCount(threads) }
        if fresh { StudyOpening.say(setAside: try RunFolder.setAside(path)) }
        let source = FilePath.join(try DatasetCache.defaultFolder(), "supernets/demo-v1.safetensors")
        if !FilePath.exists(source) {
            try FilePath.makeFolder(FilePath.folder(of: source))
            try AdaptationConfiguration.writeDemoSource(to: source)
        }
        let options = try ConfigurationLoader.load(
            AdaptationConfiguration.self, over: .demo(source), overrides: settings
        ).value
        let adaptation = try Adaptation(
            options: options, task: options.task.task(options.data, open: TaskSource.open), path: path,
            versions: ["libtorch": Runtime.version(), "threads": "\(Runtime.threadCount())"])
        try adaptation.execute()
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
        let sheet = study.path + "/contact-sheet.png"
        try ContactSheet(of: study.task.data.train, title: "Fashion-MNIST", perClass: 12).render().writePNG(to: sheet)
        return sheet
    }
}
