import Architectures
import Foundation
import GoldenCases
import NN
import Networks
import Testing
import Torch

@testable import Tasks

/// The file of a network whose head is no classifier: what it keeps, and what is refused.
@Suite struct TaskNetworkFileTests {
    private let file = NSTemporaryDirectory() + "supernet-task-" + UUID().uuidString + ".safetensors"

    /// A backbone of eight features in a store of its own, and its card.
    private func made(
        _ task: TaskKind, _ head: TaskNetworkHead, widths: [Int] = [4, 8]
    ) throws -> (card: TaskNetworkCard, backbone: Backbone) {
        let layer = try ChainSpace(channels: 1, widths: widths, depths: [1, 1]).description().fixed(
            to: Architecture([0, 2]))
        let backbone = try Backbone(layer, channels: 1, store: ParameterStore(seed: 3, format: .channelsLast))
        let card = TaskNetworkCard(
            task: task, head: head,
            network: NetworkFile.Card(
                network: NetworkDescription(channels: 1, classes: backbone.features, backbone: layer), classNames: [],
                imageSize: 12, mean: [0.5], std: [0.2], steps: [.stretch(12)]))
        return (card, backbone)
    }

    private func neck(_ backbone: Backbone) throws -> NeckHead {
        try NeckHead(features: 8, identities: 5, labelSmoothing: 0, tripletWeight: 1, backbone.store.root / "fc")
    }

    private func reading() -> String {
        let error = #expect(throws: NetworkFileError.self) { _ = try TaskNetworkFile.read(file) }
        return error?.description ?? ""
    }

    /// Writes the tensors of a network under another card's text.
    private func write(_ store: ParameterStore, _ card: TaskNetworkCard, _ change: (String) -> String) throws {
        let text = String(decoding: try JSONEncoder().encode(card), as: UTF8.self)
        try #require(change(text) != text)
        try Checkpoint.write(store.state, metadata: [NetworkFile.taskKey: change(text)], to: file)
    }

    /// As `Examples/load_network.py` builds the same networks from the same cards in PyTorch.
    @Test(arguments: GoldenFile.arguments("load-network").filter { $0.has(setting: "task") })
    func outputsAreThoseOfPyTorch(golden: GoldenCase) throws {
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Checkpoint.write(
            golden.state("param.", "buffer."),
            metadata: [NetworkFile.taskKey: golden.text("card"), "format": "pt"], to: file)
        let read = try TaskNetworkFile.read(file)
        #expect(try read.card.task.rawValue == golden.text("task"))
        let comparison = Comparison(golden)
        let outputs = try withoutGradients { try read.outputs(golden.tensor("input.images", .channelsLast)) }
        try comparison.compare("output.logits", outputs)
        #expect(comparison.discrepancies == [])
    }

    @Test func bothKindsOfHeadsAreAmongTheGoldens() throws {
        let tasks = try GoldenFile.cases("load-network").filter { $0.has(setting: "task") }
        #expect(try tasks.map { try $0.text("task") } == ["age", "re-identification"])
    }

    @Test func aFileGivesTheSameEmbeddingsWithoutIdentities() throws {
        defer { try? FileManager.default.removeItem(atPath: file) }
        let (card, backbone) = try made(.reidentification, .neck(features: 8))
        let head = try neck(backbone)
        let images = try Tensor.normal([4, 1, 12, 12], using: Generator(seed: 1)).contiguous(.channelsLast)
        // Statistics of its own.
        for _ in 0..<3 { _ = try head.outputs(backbone(images, .training(nil)), .training(nil)) }
        try card.write(backbone.store, to: file)
        #expect(try TaskNetworkFile.isOne(file))
        let read = try TaskNetworkFile.read(file)
        #expect(read.card == card && read.head == .neck(features: 8))
        #expect(try !Checkpoint.read(file).tensors.contains { $0.key.hasPrefix("fc.classifier") })
        let before = try head.outputs(backbone(images, .evaluation), .evaluation).array(Float.self)
        #expect(try read.outputs(images).array(Float.self) == before)
        let refused = #expect(throws: NetworkFileError.ofTask(file, "re-identification")) {
            _ = try NetworkFile.read(file)
        }
        #expect(refused?.description.contains("supernet predict") == true)
    }

    @Test func filesOfBeforeTellTheirHeadByTheirTensors() throws {
        defer { try? FileManager.default.removeItem(atPath: file) }
        func withoutHead(_ text: String) -> String {
            text.replacingOccurrences(of: #""head":\{[^}]*\},?"#, with: "", options: .regularExpression)
        }
        let (card, backbone) = try made(.reidentification, .neck(features: 8))
        _ = try neck(backbone)
        try write(backbone.store, card, withoutHead)
        let read = try TaskNetworkFile.read(file)
        #expect(read.card.head == nil && read.head == .neck(features: 8))
        let (faces, other) = try made(.ageAndGender, .linear(outputs: 9))
        _ = try Linear(other.store.root / "fc", 8, 9)
        try write(other.store, faces, withoutHead)
        #expect(try TaskNetworkFile.read(file).head == .linear(outputs: 9))
        let (_, bare) = try made(.ageAndGender, .linear(outputs: 9))
        try write(bare.store, faces, withoutHead)
        #expect(reading().contains("its head is missing"))
    }

    @Test func headsThatCannotBeAreRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: file) }
        for (task, outputs) in [(TaskKind.age, 0), (.age, -1), (.ageAndGender, 2), (.age, 65_537), (.age, .max)] {
            let (card, backbone) = try made(task, .linear(outputs: outputs))
            _ = try Linear(backbone.store.root / "fc", 8, 4)
            try card.write(backbone.store, to: file)
            #expect(reading().contains("a head with \(outputs) outputs"))
        }
        let (card, backbone) = try made(.reidentification, .neck(features: 7))
        _ = try neck(backbone)
        try card.write(backbone.store, to: file)
        #expect(reading().contains("normalises 7 values, but the backbone gives 8"))
        // A head that is far larger than the file is not built.
        let (large, small) = try made(.age, .linear(outputs: 65_536))
        _ = try Linear(small.store.root / "fc", 8, 4)
        try large.write(small.store, to: file)
        #expect(reading().contains("the file holds only"))
    }

    @Test func whatIsMissingIsNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: file) }
        let (card, backbone) = try made(.age, .linear(outputs: 4))
        try card.write(backbone.store, to: file)
        let missing = #expect(throws: StateError.self) { _ = try TaskNetworkFile.read(file) }
        #expect(missing?.description.contains("fc.weight, fc.bias") == true)
        // The card of another task with the tensors of this one.
        _ = try neck(backbone)
        try Checkpoint.write(
            backbone.store.state,
            metadata: [NetworkFile.taskKey: String(decoding: try JSONEncoder().encode(card), as: UTF8.self)], to: file)
        let other = #expect(throws: StateError.self) { _ = try TaskNetworkFile.read(file) }
        #expect(other?.description.contains("fc.weight, fc.bias") == true)
    }

    @Test func cardsOfTasksThatAreNotKnownAreRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: file) }
        let (card, backbone) = try made(.age, .linear(outputs: 4))
        _ = try Linear(backbone.store.root / "fc", 8, 4)
        for (name, words) in [("pose", "task `pose` is not known"), ("gender", "have classes")] {
            try write(backbone.store, card) {
                $0.replacingOccurrences(of: #""task":"age""#, with: #""task":"\#(name)""#)
            }
            #expect(reading().contains(words))
        }
        #expect(reading().contains(file))
        try Checkpoint.write(backbone.store.state, metadata: ["format": "pt"], to: file)
        #expect(try !TaskNetworkFile.isOne(file))
        #expect(throws: NetworkFileError.noCard(file)) { _ = try TaskNetworkFile.read(file) }
    }

    @Test func whatPromisesMoreThanTheFileHoldsOrIsCutOffIsRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: file) }
        let (card, _) = try made(.reidentification, .neck(features: 128), widths: [64, 128])
        let store = try ParameterStore(seed: 3)
        _ = try store.root.parameter("conv", [2], .zeros)
        try card.write(store, to: file)
        #expect(reading().contains("the file holds only"))
        let (whole, backbone) = try made(.reidentification, .neck(features: 8))
        _ = try neck(backbone)
        try whole.write(backbone.store, to: file)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        for count in [0, 7, 100, bytes.count / 2, bytes.count - 1] {
            try bytes.prefix(count).write(to: URL(fileURLWithPath: file))
            let error = #expect(throws: (any Error).self) { _ = try TaskNetworkFile.read(file) }
            #expect(error.map { "\($0)".contains(file) } == true, "\(count) bytes")
            #expect(throws: (any Error).self) { _ = try TaskNetworkFile.isOne(file) }
        }
    }
}
