import Architectures
import ArgumentParser
import Catalogue
import Datasets
import Foundation
import Interchange
import Networks
import Supernets
import Tasks
import Testing
import Training
import Workflows

@testable import SupernetCommands

/// From a checkpoint of PyTorch's to predictions, by the verbs alone.
@Suite struct InterchangeVerbTests {
    private let folder = NSTemporaryDirectory() + "supernet-verbs-" + UUID().uuidString

    private static let goldens = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Goldens").standardizedFileURL.path
    private static let space = [
        "--set", "stem=deep", "--set", "stem-width=4", "--set", "planes=[4, 4, 4]", "--set", "depths=[1, 2, 1]",
        "--set", "expansion=4", "--space", "resnest", "--size", "50",
    ]

    private func run(_ arguments: [String]) throws {
        var command = try SupernetCommand.parseAsRoot(arguments)
        try command.run()
    }

    private func inFolder(_ body: () throws -> Void) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body()
    }

    private func importNetwork() throws {
        try "ant\nbee\ncat, the\ndog\neel\n".write(toFile: folder + "/classes.txt", atomically: true, encoding: .utf8)
        try run(
            [
                "import", Self.goldens + "/peer-network.pth.tar", "--path", "1 3 0 2", "--classes",
                folder + "/classes.txt",
            ]
                + Self.space + ["--output", folder + "/network.safetensors"])
    }

    @Test func aCheckpointBecomesANetworkThatPredicts() throws {
        try inFolder {
            try importNetwork()
            for index in 0..<3 {
                let pixels = (0..<60 * 70 * 3).map { UInt8(truncatingIfNeeded: $0 &* (31 + index)) }
                let image = Image(width: 60, height: 70, channels: 3, pixels: pixels)
                try FileManager.default.createDirectory(atPath: folder + "/photos", withIntermediateDirectories: true)
                try image.writePNG(to: "\(folder)/photos/\(index).png")
            }
            let common = ["predict", folder + "/network.safetensors", folder + "/photos", "--top", "2", "--output"]
            try run(common + [folder + "/p.csv"])
            try run(common + [folder + "/p.json"])
            let lines = try String(contentsOfFile: folder + "/p.csv", encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 4)
            #expect(lines[0] == "image,class1,probability1,class2,probability2")
            #expect(lines[1].hasPrefix(folder + "/photos/0.png,"))
            let read = try JSONDecoder().decode(
                [Predictor.Prediction].self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/p.json")))
            #expect(read.map(\.image) == (0..<3).map { "\(folder)/photos/\($0).png" })
            for prediction in read {
                #expect(prediction.classes.count == 2)
                #expect(prediction.classes[0].probability >= prediction.classes[1].probability)
            }
        }
    }

    @Test func aNetworkBecomesASupernetToAdaptFrom() throws {
        try inFolder {
            let space = EfficientNetLiteSpace(stemWidth: 4, widths: [2, 4, 6, 10, 14, 24, 40], headWidth: 160)
            let file = folder + "/lite.json"
            try JSONEncoder().encode(space.description()).write(to: URL(fileURLWithPath: file))
            let origin = [String](repeating: "0", count: 15).joined(separator: " ")
            let common = ["--space", file, "--size", "64", "--epsilon", "1e-3"]
            let output = folder + "/supernet.safetensors"
            try run(
                ["import", Self.goldens + "/peer-lite.pth", "--spread", "--path", origin, "--output", output] + common)
            let card = try SupernetFile.read(output).card
            #expect(card.origin?.description == origin && card.imageSize == 64 && card.classNames.isEmpty)

            // Blocks of a ResNeSt are no parts of one another.
            let other = #expect(throws: ImportError.self) {
                try run(
                    ["import", Self.goldens + "/peer-network.pth.tar", "--spread", "--path", "1 3 0 2"] + Self.space
                        + ["--output", folder + "/no.safetensors"])
            }
            #expect("\(try #require(other))".contains("no part"))
            #expect(!FileManager.default.fileExists(atPath: folder + "/no.safetensors"))
        }
        for wrong in [["--spread"], ["--spread", "--path", "0", "--into", "x"], ["--epsilon", "nan"]] {
            #expect(throws: (any Error).self) {
                _ = try SupernetCommand.parseAsRoot(["import", "x", "--output", "y"] + wrong)
            }
        }
    }

    @Test func aDeclaredNetworkIsImportedWithItsClassifier() throws {
        struct Declared: Encodable {
            var name = "narrow"
            var channels = 3
            var backbone: Layer
        }
        try inFolder {
            let layers = folder + "/layers.json"
            let declared = Declared(backbone: try MobileNetV2(widthMultiplier: 0.1).backbone())
            try JSONEncoder().encode(declared).write(to: URL(fileURLWithPath: layers))
            let (checkpoint, network) = (Self.goldens + "/peer-mobilenet-v2.pth", folder + "/network.safetensors")
            try run(["import", checkpoint, "--network", layers, "--size", "64", "--output", network])
            let file = try NetworkFile.read(network)
            #expect(file.card.classNames.count == 5 && file.network.head.outputs == 5)
            #expect(file.card.network.backbone == declared.backbone && file.card.imageSize == 64)
            for arguments in [
                ["--network", layers, "--path", "1 2"], ["--network", layers, "--fractions", "0.5"],
                ["--network", layers, "--spread", "--path", "1"],
            ] {
                #expect(throws: (any Error).self) {
                    try run(["import", checkpoint, "--output", network] + arguments)
                }
            }
        }
    }

    @Test func aSourceThatIsNotThereIsToldWithWhatWouldDo() throws {
        let error = #expect(throws: WorkflowError.self) {
            try run(["adapt", "--source", "efficientnet-lite9", "--data", "nothing"])
        }
        #expect("\(try #require(error))".contains("one of: efficientnet-lite0"))
        // What is there is left as it is, and is not taken for a name.
        #expect(try SourceNetwork.path(of: Self.goldens) == Self.goldens)
        #expect(SourceNetwork.name(of: "/any/supernets/efficientnet-lite0-v1.safetensors") == "efficientnet-lite0")
        #expect(SourceNetwork.name(of: "/any/supernets/demo-v1.safetensors") == "an untrained residual network")
        #expect(SourceNetwork.name(of: "runs/emoji") == "runs/emoji")
    }

    @Test(arguments: PretrainedWeights.allCases) func aPublishedNetworkGivesFeatures(weights: PretrainedWeights) throws
    {
        let published = try SourceNetwork.network(weights)
        let layers = try NetworkDescription(channels: 3, classes: 0, backbone: published.backbone)
            .trace(imageSize: published.imageSize)
        #expect(layers.last?.output.channels == 1280)
        #expect(published.steps.outputSize == published.imageSize)
        #expect(published.steps.first == .resize(weights.resize))
    }

    @Test func aNetworkIsExported() throws {
        try inFolder {
            try importNetwork()
            try run(["export", folder + "/network.safetensors", "--output", folder + "/n.onnx"])
            try run(["export", folder + "/network.safetensors", "--output", folder + "/f.onnx", "--fold-batch-norm"])
            try run(["export", folder + "/network.safetensors", "--output", folder + "/again.safetensors"])
            func bytes(_ name: String) throws -> Data {
                try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
            #expect(try bytes("again.safetensors") == bytes("network.safetensors"))
            #expect(try bytes("f.onnx").count < bytes("n.onnx").count)
        }
    }

    @Test func aPathIsCutOutOfASupernetAndPutBack() throws {
        try inFolder {
            try importNetwork()
            let supernet = folder + "/supernet.safetensors"
            try run(
                ["import", Self.goldens + "/peer-moco.pth.tar", "--resize", "56"] + Self.space + ["--output", supernet])
            try run(
                [
                    "import", folder + "/network.safetensors", "--into", supernet, "--path", "1 3 0 2", "--output",
                    supernet,
                ])
            let refused = #expect(throws: NetworkFileError.self) {
                try run(["export", supernet, "--path", "1 3 0 2", "--output", folder + "/cut.safetensors"])
            }
            #expect(refused.map { "\($0)".contains("has no classifier") } == true)
            // Its network's classifier under the keys of a probe.
            try run([
                "export", supernet, "--path", "1 3 0 2", "--probe", folder + "/network.safetensors", "--output",
                folder + "/cut.safetensors",
            ])
            let (cut, whole) = (
                try NetworkFile.read(folder + "/cut.safetensors"), try NetworkFile.read(folder + "/network.safetensors")
            )
            #expect(cut.card.steps == [.resize(56), .centerCrop(50)])
            for (key, tensor) in whole.network.store.state {
                #expect(try tensor.equals(#require(cut.network.store[key])).all().integer() == 1, "\(key)")
            }
        }
    }

    @Test(arguments: [
        ["import", "x.pth", "--into", "y", "-o", "z"], ["import", "x.pth", "--fresh-classifier", "-o", "z"],
        ["import", "x.pth", "--mean", "1,2", "-o", "z"], ["export", "x", "--output", "x.pb"],
        ["export", "x", "--output", "x.safetensors", "--softmax"], ["predict", "x", "y", "--top", "0"],
        ["train", "--dry-run", "--gpu-utilisation", "2"],
    ]) func badArgumentsAreRefused(arguments: [String]) throws {
        let error = #expect(throws: (any Error).self) { _ = try SupernetCommand.parseAsRoot(arguments) }
        #expect(SupernetCommand.exitCode(for: try #require(error)).rawValue != 0)
    }

    @Test func fieldsOfCSVAreQuotedWhereTheyMustBe() throws {
        let prediction = Predictor.Prediction(
            image: "a \"b\".png", classes: [.init(name: "cat, the", probability: 0.5)])
        let text = try PredictionTable([prediction], top: 1).text(.csv)
        #expect(text == "image,class1,probability1\n\"a \"\"b\"\".png\",\"cat, the\",0.5")
    }
}
