import Architectures
import Foundation
import GoldenCases
import NN
import Networks
import Testing
import Torch

/// Network files against the Python package, which builds the same networks from the same cards in PyTorch.
@Suite struct PyTorchParityTests {
    /// The file of a case, as `NetworkFile.write` lays it out, opened.
    private func open(_ golden: GoldenCase, _ format: MemoryFormat = .contiguous) throws -> NetworkFile {
        let path = NSTemporaryDirectory() + "supernet-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Checkpoint.write(
            golden.state("param.", "buffer."), metadata: ["supernet.card": golden.text("card"), "format": "pt"],
            to: path)
        return try NetworkFile.read(path, format: format)
    }

    /// The keys are the same, or the file would not load; the logits are, too.
    @Test(
        arguments: GoldenFile.arguments("load-network").filter { !$0.has(setting: "task") },
        [MemoryFormat.contiguous, .channelsLast])
    func logitsAgree(golden: GoldenCase, format: MemoryFormat) throws {
        let network = try open(golden, format).network
        let logits = try withoutGradients { try network(golden.tensor("input.images", format), .evaluation) }
        let comparison = Comparison(golden)
        try comparison.compare("output.logits", logits)
        #expect(comparison.discrepancies == [])
    }

    /// The cards are those of the search spaces' own networks.
    @Test(arguments: ["resnest", "mobile", "nas-bench-201", "image-size"])
    func cardsAreThoseOfTheSpaces(name: String) throws {
        let golden = try #require(GoldenFile.cases("load-network").first { $0.name == name })
        let space = try smallSpace(name)
        let backbone = try space.fixed(to: space.space.parse(golden.text("code")))
        let card = try open(golden).card
        // Not within the macro, which would write both out.
        let agrees = card.network == NetworkDescription(channels: 3, classes: 4, backbone: backbone)
        #expect(agrees)
        #expect((card.classNames, card.mean, card.std) == (["a", "b", "c", "d"], [0.5], [0.25]))
    }

    @Test func allCasesAreThere() throws {
        #expect(
            try GoldenFile.cases("load-network").map(\.name)
                == [
                    "resnest", "mobile", "nas-bench-201", "others", "gates", "dense", "image-size", "ages", "embedding",
                ])
    }

    private static var smaller: Elasticity {
        var options = Elasticity()
        options.imageSizes = [.init(height: 8, width: 6)]
        return options
    }

    private func smallSpace(_ name: String) throws -> SupernetDescription {
        switch name {
        case "resnest":
            try ResNeStSpace(stem: .small, planes: [8, 16], depths: [2, 2], expansion: 1).description()
        case "mobile":
            try MobileSpace(
                stemWidth: 8, stemStride: 1, widths: [8, 12], depths: [2, 2], strides: [1, 2], headWidth: 24
            ).description()
        case "image-size":
            try SupernetDescription(
                name, channels: 3,
                backbone: Layer.sequence(
                    Layer.convolutionBlock("stem.conv", "stem.bn", .init(6, kernel: 3, stride: 2)) + [
                        .init("", .globalPool)
                    ]
                ).elastic(inputs: 3, imageSize: 12, Self.smaller).layer)
        default: try NASBench201Space(width: 3, cells: 1).description()
        }
    }
}
