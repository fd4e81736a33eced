import Architectures
import ArgumentParser
import NN
import Networks
import Reports
import Supernets
import Support
import Torch
import Workflows

/// The command `supernet profile`: counts the cost of a path, block by block.
struct Profile: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Count what an architecture costs, block by block, without training anything.",
        discussion: """
            Parameters and multiply-adds are exact. The paper's count adds two for each value that batch norm gives and \
            one for each that ReLU gives, that pooling takes, and to which a bias is added.

            \(SpaceOptions.discussion)
            """)

    @Option(name: .long, help: SpaceOptions.nameHelp) var space = "resnest-tiny"
    @Option(name: .long, help: "The path, as numbers: \"3 0 1 3\". Default: the cheapest.") var path: String?
    @Option(
        name: .long,
        help: "Of the images, in pixels: 224, or height and width as 256x128. Default: what is usual for the space.")
    var size: ImageSize?
    @Option(name: .long, help: "Channels of the images. Default: what is usual for the space.") var channels: Int?
    @Option(name: .long, help: "Outputs of the classifier. Default: what is usual for the space.") var classes: Int?
    @Option(name: .customLong("set"), help: "One of the space's settings, as key=value, such as depths=[1, 2, 1].")
    var settings: [String] = []
    @Flag(name: .long, help: "Also measure the time of one image on this machine, with one thread.") var latency = false

    func run() throws {
        let configuration = try SpaceOptions.load(space, settings)
        let usual = configuration.definition.usualImages
        let (size, classes) = (size ?? usual.size, classes ?? usual.classes)
        let description = try configuration.description(channels: channels ?? usual.channels)
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
        if latency {
            let supernet = try Supernet(description, store: ParameterStore(seed: 0, format: .channelsLast))
            let time = try LatencyMeter(supernet, imageSize: size).measure(architecture)
            rows.append(("latency", String(format: "%.2f ms for one image, one thread, without the classifier", time)))
        }
        Console.result(Console.table(rows))
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
