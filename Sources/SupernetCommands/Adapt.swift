import Architectures
import ArgumentParser
import Datasets
import Distributed
import Experiments
import Foundation
import Reports
import Support
import Tasks
import Torch
import Workflows

/// The command `supernet adapt`: adapts architecture and weights of a pre-trained supernet to a target.
struct Adapt: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Adapt a pre-trained supernet to another task or domain: architecture and weights together.",
        discussion: """
            The source's supernet is trained on the target, its paths are ranked on the target's validation images \
            within the budget, and the best path is fine-tuned from the weights that it was ranked with. With \
            --budgets, a network is found and trained for each of several budgets. Controls are trained beside it at \
            the same cost. Images are prepared as those of the source, and the lengths of training follow from their \
            number. The test images are read once, at the end. An interrupted command continues when it is given again.

            The supernet of a study is trained on random paths. Its controls are the source's best path with its \
            weights (weights-only), the found path from random weights (architecture-only), and the found path with \
            weights of other candidates (mismatched-weights).

            An elastic source is one trained network whose blocks may be narrower or left out: a published network, \
            the file of any network, or what `supernet import --elastic` writes. In each step the whole network learns from the labels, the \
            smallest and some random paths from its outputs. Its controls are the whole network (weights-only), and for \
            each budget the network with all blocks narrowed alike (narrowing), made narrower and shallower by hand \
            (scaling), and a random path of the adapted supernet (random-path); on request (--set controls=[uniform-path]) \
            the path of the supernet whose blocks are all equally wide.

            \(FamilyHelp.tasks)
            """)
    @Option(
        name: .long,
        help: """
            The source: the folder of a study with a supernet and a search, a network's file, a supernet's file that \
            `supernet import --elastic` or `--spread` wrote, or the name of a published network: \(SourceNetwork.names).
            """
    ) var source: String
    @Option(name: .long, help: "The task, one of \(TaskFamily.nameList.joined(separator: ", ")).")
    var task = ClassificationTask.name
    @Option(name: .long, help: "The target's images: \(DataSource.names), \(TaskSource.names), or a path.") var data:
        String
    @Option(
        name: .customLong("run"), help: "The folder of the adaptation. Default: runs/ and the names of task and target."
    )
    var folder: String?
    @Option(name: .shortAndLong, help: "A YAML file of settings.") var config: String?
    @Option(name: .customLong("set"), help: "A setting as key=value, such as search.evaluations=500. May be repeated.")
    var settings: [String] = []
    @Option(
        name: .long,
        help: """
            The input size in pixels, such as 96, or height and width such as 256x128. Default: that of the source; 96 \
            for a published network.
            """
    ) var size: ImageSize?
    @OptionGroup var folds: FoldOptions
    @OptionGroup var budget: BudgetOptions
    @Flag(
        name: .long,
        help:
            "Compare paths by linear evaluation without training the supernet, for one that was trained without labels."
    )
    var unsupervised = false
    @Flag(name: .long, help: "Run the method only, without controls and reference trainings.") var noControls = false
    @Flag(name: .long, help: "Start over; the folder of an earlier adaptation is renamed.") var fresh = false
    @OptionGroup var images: ImageOptions
    @Option(name: .long, help: "The number of CPU threads for tensors. Default: all cores.") var threads: Int?
    @OptionGroup var processes: ProcessOptions

    func validate() throws {
        try size?.validate()
        try TaskOption.validate(task)
        try ThreadOption.validate(threads)
    }

    func run() throws {
        guard let ranks = try processes.join(threads: threads) else { return try adaptation().execute() }
        guard ranks.isFirst else { return try follow(ranks) }
        let adaptation = try adaptation()
        _ = try ranks.settings(Resolved(adaptation.options))
        try ranks.compareImages(adaptation.task.data.train)
        try ranks.leading { try adaptation.execute() }
    }

    /// Takes part in the trainings of an adaptation whose files rank 0 writes.
    private func follow(_ ranks: Ranks) throws {
        var options: AdaptationConfiguration = try ranks.settings(nil)
        options.source = try SourceNetwork.path(of: source)
        let target = try options.task.task(options.data, open: TaskSource.open)
        try ranks.compareImages(target.data.train)
        // Nothing is written there by this process.
        try Adaptation(options: options, task: target, path: folder ?? "").follow(ranks)
    }

    /// Opens the adaptation that the options describe.
    private func adaptation() throws -> Adaptation {
        let source = try SourceNetwork.path(of: source)
        var base = try AdaptationConfiguration.adapting(source)
        if let size = size ?? (source == self.source ? nil : SourceNetwork.usualSize) {
            let (mean, std) = base.data.normalization
            try base.prepare(imagesOf: size, mean: mean, std: std)
        }
        // What the command names is not what a configuration names.
        let chosen = ["data.source=\(try JSONText.of(data))", "source=\(try JSONText.of(source))"]
        if unsupervised { base.search.score = .linearEvaluation }
        if noControls { (base.controls, base.comparisons) = ([], false) }
        func resolved(continuing folder: String? = nil) throws -> AdaptationConfiguration {
            try ConfigurationLoader.load(
                AdaptationConfiguration.self, over: base,
                continuing: folder.map { FilePath.join($0, RunFolder.configurationName) },
                files: config.map { [$0] } ?? [],
                overrides: chosen + settings + folds.settings + images.settings + budget.settings()
            ).value
        }
        try base.suit(task, images: nil)
        var options = try resolved()
        let name = URL(fileURLWithPath: options.data.source).lastPathComponent
        let path = folder ?? "runs/\(options.task.name)-\(name)\(options.data.foldSuffix)"
        let stored = FilePath.join(path, RunFolder.configurationName)
        // What goes on keeps its own split.
        let continued = !fresh && FilePath.exists(stored) ? path : nil
        if options.task.name == ClassificationTask.name, continued == nil, options.data.folds == 0 {
            base.data.setFinalScoreApart(try TaskSource.open.classes(options.data.source))
        }
        options = try resolved(continuing: continued)
        let target = try options.task.task(options.data, open: TaskSource.open)
        try base.suit(task, images: options.imagesPerEpoch(of: target))
        options = try resolved(continuing: continued)
        if let threads { try Runtime.setThreadCount(threads) }
        if fresh { StudyOpening.say(setAside: try RunFolder.setAside(path)) }
        return try Adaptation(
            options: options, task: target, path: path,
            versions: ["libtorch": Runtime.version(), "threads": "\(Runtime.threadCount())"],
            changedData: images.policy)
    }
}

extension Adaptation {
    /// Runs the adaptation, or continues it, prints its plan and its result, and writes its page.
    func execute() throws {
        if try Self.stored(path) == nil {
            Console.say(Console.table(try AdaptationPlan(adaptation: self, estimate: try estimate()).rows()))
        }
        let result = try self()
        say(result)
        if let row = LeftOut.row(result.leftOut, file: record.leftOutFile) { Console.result(Console.table([row])) }
        let page = try writeReport(result, command: CommandText.own)
        let networks = rows.filter { FilePath.name(of: $0) == Self.joint }.map {
            "\(folder($0))/network.safetensors"
        }
        Console.say("wrote \((["\(path)/result.json"] + networks + [page]).joined(separator: ", "))")
    }

    /// Prints a result.
    func say(_ result: Result) {
        Console.result(Console.table(AdaptationText.rows(result)) + "\n")
        for line in AdaptationText.lines(result, names: rows, metrics: task.metrics) { Console.result(line) }
    }
}

extension AdaptationConfiguration {
    /// The margin within which paths count as equally good, as text.
    var margin: String {
        caution == 1 ? "1 standard error" : String(format: "%g standard errors", caution)
    }
}
