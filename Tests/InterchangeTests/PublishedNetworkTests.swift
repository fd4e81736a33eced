import Architectures
import Foundation
import GoldenCases
import NN
import Networks
import Support
import TensorFiles
import Testing
import Torch

@testable import Interchange

/// Networks without choices against the Python packages that they are of: narrow ones with random weights, whose files
/// are beside their answers (Tests/Goldens/peer-mobilenet-v2.py, peer-efficientnet-lite.py), and the published weights
/// where `Scripts/test-data` has fetched them.
@Suite struct PublishedNetworkTests {
    struct Subject: Sendable, CustomTestStringConvertible {
        let name: String
        let backbone: @Sendable () throws -> Layer
        let normEpsilon: Double
        let side: Int
        /// The checkpoint, and what the package answers.
        let checkpoint: String
        let answers: String

        var testDescription: String { name }

        func made() throws -> (network: ImageNetwork, classNames: [String], report: ImportReport) {
            var source = CheckpointImport(try ForeignCheckpoint(checkpoint))
            source.normEpsilon = normEpsilon
            return try source.network(backbone(), channels: 3)
        }
    }

    static let narrow = [
        Subject(
            name: "MobileNetV2", backbone: { try MobileNetV2(widthMultiplier: 0.1).backbone() }, normEpsilon: 1e-5,
            side: 64, checkpoint: Peer.path("mobilenet-v2.pth"), answers: "mobilenet-v2-answers"),
        Subject(
            name: "EfficientNet-Lite2",
            backbone: {
                try EfficientNetLite(widthMultiplier: 0.08, depthMultiplier: 1.2, imageSide: 100).backbone()
            }, normEpsilon: 1e-3, side: 100, checkpoint: Peer.path("lite2.pth"), answers: "lite2-answers"),
    ]

    private static let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../.deps/models").standardizedFileURL.path

    static let published = [
        Subject(
            name: "MobileNetV2", backbone: { try MobileNetV2().backbone() }, normEpsilon: 1e-5, side: 224,
            checkpoint: models + "/mobilenet_v2.pth", answers: "mobilenet-v2-published"),
        Subject(
            name: "EfficientNet-Lite0", backbone: { try EfficientNetLite.lite0.backbone() }, normEpsilon: 1e-3,
            side: 224, checkpoint: models + "/efficientnet_lite0.pth", answers: "lite0-published"),
        Subject(
            name: "EfficientNet-Lite2", backbone: { try EfficientNetLite.lite2.backbone() }, normEpsilon: 1e-3,
            side: 260, checkpoint: models + "/efficientnet_lite2.pth", answers: "lite2-published"),
    ]
    static let fetched = published.filter { FileManager.default.fileExists(atPath: $0.checkpoint) }

    /// The images of `peer_networks.pattern`.
    private func pattern(_ side: Int) throws -> Tensor {
        var values: [Float] = []
        values.reserveCapacity(2 * 3 * side * side)
        for image in 0..<2 {
            for channel in 0..<3 {
                for row in 0..<side {
                    for column in 0..<side {
                        let mixed = 59 * image + 101 * channel + 3 * row + 5 * column + row * column / 16
                        values.append(Float(mixed % 257 - 128) / 64)
                    }
                }
            }
        }
        return try Tensor(values, shape: [2, 3, side, side])
    }

    private func answers(_ name: String) throws -> [String: Tensor] {
        Dictionary(
            try Checkpoint.read(Peer.path(name + ".safetensors")).tensors.map { ($0.key, $0.tensor) },
            uniquingKeysWith: { $1 })
    }

    private func check(_ subject: Subject) throws {
        let made = try subject.made()
        #expect(made.report.leftOut.isEmpty)
        let images = try pattern(subject.side)
        let answers = try answers(subject.answers)
        let logits = try withoutGradients { try made.network(images, .evaluation) }
        #expect(try relativeError(of: logits, to: #require(answers["logits"])) < 1e-5)
        let features = try withoutGradients { try made.network.features(images, .evaluation) }
        #expect(try relativeError(of: features, to: #require(answers["features"])) < 1e-5)
    }

    @Test(arguments: narrow) func narrowOnesAnswerAsThePackages(subject: Subject) throws { try check(subject) }

    @Test(.enabled(if: !fetched.isEmpty, "no checkpoint is there: Scripts/test-data fetches them"), arguments: fetched)
    func publishedOnesAnswerAsThePackages(subject: Subject) throws { try check(subject) }

    /// Every tensor of a checkpoint has its place, and every place its tensor.
    @Test(arguments: narrow + fetched) func keysAreTheCheckpoints(subject: Subject) throws {
        let names = try PyTorchFile(path: subject.checkpoint).tensors.map(\.name)
        func isOfBackbone(_ key: String) -> Bool {
            !["fc.", "_fc.", "classifier."].contains { key.hasPrefix($0) }
        }
        let keys = try subject.made().network.store.keys.map(\.key)
        #expect(keys.filter(isOfBackbone).sorted() == names.filter(isOfBackbone).sorted())
    }

    @Test func sizesAreThePackages() throws {
        func check(_ name: String, _ backbone: Layer, _ side: Int, _ sizes: [String: Tensor]) throws {
            let expected = try #require(sizes["size.\(name).\(side)"]).array(Int64.self)
            let network = NetworkDescription(channels: 3, classes: 1000, backbone: backbone)
            let cost = try network.cost(imageSize: ImageSize(side))
            #expect([cost.parameters, cost.multiplyAdds] == expected.map(Int.init), "\(name) at \(side)")
        }
        let mobile = try answers("mobilenet-v2-answers")
        for width in [0.1, 0.5, 1, 1.4] {
            let backbone = try MobileNetV2(widthMultiplier: width).backbone()
            for side in [96, 224] { try check("\(width)", backbone, side, mobile) }
        }
        let lite = try answers("lite2-answers")
        for (name, network, sides) in [
            ("lite0", EfficientNetLite.lite0, [96, 224]), ("lite2", .lite2, [100, 224, 260]),
        ] {
            for side in sides {
                var network = network
                network.imageSide = side
                try check(name, network.backbone(), side, lite)
            }
        }
    }

    /// The card of a network's file describes it, so that it opens without this description.
    @Test func aFileOpensAgain() throws {
        let subject = Self.narrow[0]
        let made = try subject.made()
        try withTemporaryFile { path in
            let card = NetworkFile.Card(
                network: made.network.description, classNames: made.classNames, imageSize: ImageSize(subject.side),
                mean: [0, 0, 0], std: [1, 1, 1])
            try NetworkFile.write(made.network, card, to: path)
            let opened = try NetworkFile.read(path).network
            let images = try pattern(subject.side)
            let (first, second) = try withoutGradients {
                (try made.network(images, .evaluation), try opened(images, .evaluation))
            }
            #expect(try relativeError(of: second, to: first) == 0)
        }
    }
}
