import Architectures
import ArgumentParser
import Experiments
import Networks
import Reports
import Supernets
import Support
import Torch
import Workflows

/// The command `supernet profile`: counts the cost of a path, block by block.
struct Profile: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Count the parameters and multiply-adds of an architecture, block by block.",
        discussion: """
            Parameters and multiply-adds are exact. The paper's count, that of Pi-NAS, also counts two operations for \
            each output of batch norm, and one for each output of ReLU, input of pooling and addition of a bias.

            With --latency-table every block that an architecture of the space may have is measured on this machine, alone \
            and with one thread, up to the features and without the classifier. The table is a CSV file that searches \
            on any machine take with their own --latency-table: a budget is then one of the machine that was measured.

            With --latency-blocks the same blocks, and some whole networks, are written as ONNX files, to be timed by the \
            runtime that will serve the network: Examples/time_blocks.py makes the table of onnxruntime from them.

            \(SpaceOptions.discussion)
            """)

    @Option(name: .long, help: SpaceOptions.nameHelp) var space: String?
    @Option(name: .long, help: "In place of a space: the file of a supernet, whose space and image size are taken.")
    var supernet: String?
    @Option(
        name: .long,
        help: "The architecture as the numbers of its candidates, such as \"3 0 1 3\". Default: the cheapest.")
    var path: String?
    @Option(
        name: .long,
        help: """
            The image size in pixels, such as 224, or height and width such as 256x128. Default: that usual for the \
            space.
            """
    )
    var size: ImageSize?
    @Option(name: .long, help: "The number of channels of the images. Default: that usual for the space.") var channels:
        Int?
    @Option(name: .long, help: "The number of outputs of the classifier. Default: that usual for the space.")
    var classes: Int?
    @Option(
        name: .customLong("set"),
        help: "A setting of the space as key=value, such as depths=[1, 2, 1]. May be repeated.")
    var settings: [String] = []
    @Flag(name: .long, help: "Also measure the latency of one image on this machine, with one thread.") var latency =
        false
    @Option(name: .long, help: "Also measure all blocks of the space on this machine, into this CSV file.")
    var latencyTable: String?
    @Option(name: .long, help: "Also write all blocks of the space as ONNX files, into this folder.")
    var latencyBlocks: String?
    @Option(name: .long, help: "With --latency or --latency-table: the number of images of one pass.") var batch = 1

    func validate() throws {
        guard supernet == nil || (space == nil && settings.isEmpty && channels == nil) else {
            throw ValidationError("--space, --set and --channels do not go with --supernet, whose file has all of them")
        }
        guard (1...65_536).contains(batch) else { throw ValidationError("--batch must be in 1...65536, is \(batch)") }
    }

    func run() throws {
        if let latencyTable { try AtomicFile.check(latencyTable) }
        let (description, size, classes) = try subject()
        let costs = try CostTable(description, imageSize: size, classes: classes)
        let architecture =
            try path.map { try description.space.parse($0) } ?? costs.cheapest { Double($0.multiplyAdds) }
        let total = costs.cost(of: architecture)
        for line in try blockLines(description, architecture, size: size, classes: classes) { Console.result(line) }
        var rows = [
            ("architecture", architecture.description),
            ("parameters", Console.grouped(total.parameters)),
            ("multiply-adds", Console.grouped(total.multiplyAdds)),
            ("paper's count", Console.grouped(total.paperOperations)),
            (
                "space",
                "\(description.space.points.count) choice points, \(StudyText.architectures(description.space.size)) architectures"
            ),
            ("supernet", "\(Console.grouped(costs.supernetParameters)) parameters with the classifier"),
        ]
        var options = LatencyMeter.Options()
        options.batchSize = batch
        let meter = try LatencyMeter(description, imageSize: size, options: options)
        if latency {
            let images = batch == 1 ? "one image" : "\(Console.grouped(batch)) images"
            let time = try meter.measure(architecture)
            rows.append(("latency", String(format: "%.2f ms for \(images), one thread, without the classifier", time)))
        }
        if let latencyTable {
            let times = try Self.reporting("latency") { try meter.blockTimes(progress: $0) }
            try times.write(to: latencyTable)
            let table = times.table
            rows.append(
                ("predicted", String(format: "%.2f ms by the table of latencies", table.latency(of: architecture))))
            rows.append(
                (
                    "table",
                    String(
                        format: "\(Console.grouped(times.blocks.blocks.count)) blocks, off by %.1f %% on "
                            + "\(table.checked) whole networks that it was not fitted to", 100 * table.error)
                ))
        }
        if let latencyBlocks {
            let written = try Self.reporting("blocks") {
                try LatencyBlockFiles.write(description, imageSize: size, to: latencyBlocks, progress: $0)
            }
            rows.append(
                (
                    "files",
                    "\(Console.grouped(written.blocks)) blocks in \(Console.grouped(written.files)) files, and "
                        + "\(written.networks) whole networks"
                ))
        }
        Console.result(Console.table(rows))
        if let latencyBlocks { Console.say("wrote \(FilePath.join(latencyBlocks, LatencyBlockFiles.listName))") }
        if let latencyTable { Console.say("wrote \(latencyTable)") }
    }

    /// The supernet that is profiled, and the images.
    private func subject() throws -> (SupernetDescription, ImageSize, classes: Int) {
        if let supernet {
            let card = try SupernetFile.read(supernet).card
            return (card.supernet, size ?? card.imageSize, classes ?? card.classNames.count)
        }
        let configuration = try SpaceOptions.load(space ?? "resnest-tiny", settings)
        let usual = configuration.definition.usualImages
        return (
            try configuration.description(channels: channels ?? usual.channels), size ?? usual.size,
            classes ?? usual.classes
        )
    }

    /// Shows the progress of what `body` does, which tells it the share that is done.
    private static func reporting<Result>(_ phase: String, _ body: ((Double) -> Void) throws -> Result) rethrows
        -> Result
    {
        let progress = ProgressReporter()
        defer { progress.finish() }
        return try body { progress.update(ProgressState(phase: phase, step: Int($0 * 100), steps: 100)) }
    }

    private func blockLines(
        _ description: SupernetDescription, _ architecture: Architecture, size: ImageSize, classes: Int
    ) throws -> [String] {
        func row(_ name: String, _ chosen: String, _ output: String, _ cost: Cost) -> [String] {
            [name, chosen, output]
                + [cost.parameters, cost.multiplyAdds, cost.paperOperations].map(Console.grouped)
        }
        let names = description.space.names(of: architecture)
        let blocks = try description.blocks(of: architecture, imageSize: size)
        let products = (blocks.last?.output.channels ?? 0) * classes
        let rows =
            [["block", "candidate", "output", "parameters", "multiply-adds", "paper's count"]]
            + blocks.map { block in
                row(
                    block.name, block.points.map { names[$0] }.joined(separator: ", "), block.output.description,
                    block.cost)
            }
            + [
                row(
                    "fc", "", "\(classes)",
                    Cost(parameters: products + classes, multiplyAdds: products, paperOperations: products))
            ]
        return Self.aligned(rows, words: 3)
    }

    /// Aligns rows in columns: the first `words` columns to the left, the others to the right.
    private static func aligned(_ rows: [[String]], words: Int) -> [String] {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return column < words ? cell.0 + space : space + cell.0
            }.reduce("") { $0 + "  " + $1 }
        }
    }
}
