import Architectures
import Foundation
import GoldenCases
import NN
import Networks
import Testing
import Torch

@testable import Tasks

/// The file of a network whose head is no classifier: what it keeps, and what is refused.
@Suite struct NetworkFileOfTaskTests {
    private let file = NSTemporaryDirectory() + "supernet-task-" + UUID().uuidString + ".safetensors"

    /// A backbone of eight features in a store of its own, and its card.
    private func made(
        _ task: String, _ head: NetworkHead, widths: [Int] = [4, 8]
    ) throws -> (card: NetworkFile.Card, backbone: Backbone) {
        let layer = try ChainSpace(channels: 1, widths: widths, depths: [1, 1]).description().fixed(
            to: Architecture([0, 2]))
        let backbone = try Backbone(layer, channels: 1, store: ParameterStore(seed: 3, format: .channelsLast))
        let card = NetworkFile.Card(
            task: task, network: NetworkDescription(channels: 1, classes: head.linearOutputs, backbone: layer),
            head: head, classNames: [], imageSize: 12, mean: [0.5], std: [0.2], steps: [.stretch(12)])
        return (card, backbone)
    }

    private func neck(_ backbone: Backbone) throws -> NeckHead {
        try NeckHead(features: 8, identities: 5, tripletWeight: 1, backbone.store.root / "fc")
    }

    /// What is said of the file when it is opened, or asked for its task.
    private func reading() -> String {
        let error = #expect(throws: NetworkFileError.self) { _ = try NetworkFile.read(file).task() }
        return error?.description ?? ""
    }

    private func text(_ card: NetworkFile.Card) throws -> String {
        String(decoding: try JSONEncoder().encode(card), as: UTF8.self)
    }

    /// Writes the tensors of a network under another card's text.
    private func write(_ store: ParameterStore, _ card: NetworkFile.Card, _ change: (String) -> String) throws {
        let text = try text(card)
        try #require(change(text) != text)
        try Checkpoint.write(store.state, metadata: ["supernet.card": change(text)], to: file)
    }

    /// As the Python package builds the same networks from the same cards in PyTorch.
    @Test(arguments: GoldenFile.arguments("load-network").filter { $0.has(setting: "task") })
    func outputsAreThoseOfPyTorch(golden: GoldenCase) throws {
        defer { try? FileManager.default.removeItem(atPath: file) }
        // The goldens' cards are of version 0.8.
        try Checkpoint.write(
            golden.state("param.", "buffer."),
            metadata: ["supernet.task": golden.text("card"), "format": "pt"], to: file)
        let read = try NetworkFile.read(file)
        #expect(try read.card.task == golden.text("task") && read.task().name == golden.text("task"))
        let comparison = Comparison(golden)
        let outputs = try withoutGradients {
            try read.network.outputs(golden.tensor("input.images", .channelsLast), precision: .float32)
        }
        try comparison.compare("output.logits", outputs)
        #expect(comparison.discrepancies == [])
    }

    @Test func bothKindsOfHeadsAreAmongTheGoldens() throws {
        let tasks = try GoldenFile.cases("load-network").filter { $0.has(setting: "task") }
        #expect(try tasks.map { try $0.text("task") } == ["age", "re-identification"])
    }

    @Test func aFileGivesTheSameEmbeddingsWithoutIdentities() throws {
        defer { try? FileManager.default.removeItem(atPath: file) }
        let (card, backbone) = try made("re-identification", .neck(features: 8))
        let head = try neck(backbone)
        let images = try Tensor.normal([4, 1, 12, 12], using: Generator(seed: 1)).contiguous(.channelsLast)
        // Statistics of its own.
        for _ in 0..<3 { _ = try head.outputs(backbone(images, .training(nil)), .training(nil)) }
        try NetworkFile.write(backbone.store.state, card, to: file)
        let read = try NetworkFile.read(file)
        #expect(read.card == card && read.network.head == .neck(features: 8))
        #expect(try read.task() is ReidentificationTask.Type)
        #expect(try !Checkpoint.read(file).tensors.contains { $0.key.hasPrefix("fc.classifier") })
        let before = try head.outputs(backbone(images, .evaluation), .evaluation).array(Float.self)
        #expect(try read.network.outputs(images, precision: .float32).array(Float.self) == before)
        #expect(try read.network(images, .evaluation).array(Float.self) == before)
    }

    @Test func headsThatCannotBeAreRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: file) }
        for (task, outputs) in [("age", 0), ("age", -1), ("age-and-gender", 2), ("age", 65_537), ("age", .max)] {
            let (card, backbone) = try made(task, .linear(outputs: outputs))
            _ = try Linear(backbone.store.root / "fc", 8, outputs == 2 ? 2 : 4)
            try NetworkFile.write(backbone.store.state, card, to: file)
            let words = reading()
            // Two are too few for an age and a gender, the others for anything.
            let named = outputs == 2 ? "a head with 2 outputs cannot be one of the task `\(task)`" : "(=\(outputs))"
            #expect(words.contains(file) && words.contains(named), "\(words)")
        }
        let (card, backbone) = try made("re-identification", .neck(features: 7))
        _ = try neck(backbone)
        try NetworkFile.write(backbone.store.state, card, to: file)
        #expect(reading().contains("normalises 7 values, but the backbone gives 8"))
        // A head that is far larger than the file is not built, whatever the network's description says of classes.
        var (large, small) = try made("age", .linear(outputs: 65_536))
        _ = try Linear(small.store.root / "fc", 8, 4)
        for classes in [65_536, 4] {
            large.network.classes = classes
            try NetworkFile.write(small.store.state, large, to: file)
            #expect(reading().contains("the file holds only"), "\(classes)")
        }
    }

    @Test func whatIsMissingIsNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: file) }
        let (card, backbone) = try made("age", .linear(outputs: 4))
        try NetworkFile.write(backbone.store.state, card, to: file)
        let missing = #expect(throws: StateError.self) { _ = try NetworkFile.read(file) }
        #expect(missing?.description.contains("fc.weight, fc.bias") == true)
        // The card of another task with the tensors of this one.
        _ = try neck(backbone)
        try Checkpoint.write(backbone.store.state, metadata: ["supernet.card": text(card)], to: file)
        let other = #expect(throws: StateError.self) { _ = try NetworkFile.read(file) }
        #expect(other?.description.contains("fc.weight, fc.bias") == true)
    }

    @Test func cardsOfTasksThatAreNotKnownAreRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: file) }
        let (card, backbone) = try made("age", .linear(outputs: 4))
        _ = try Linear(backbone.store.root / "fc", 8, 4)
        // Of a task with classes they must have names.
        for (name, words) in [("pose", "there is no task `pose`"), ("gender", "names no classes")] {
            try write(backbone.store, card) {
                $0.replacingOccurrences(of: #""task":"age""#, with: #""task":"\#(name)""#)
            }
            #expect(reading().contains(words))
        }
        #expect(reading().contains(file))
        try Checkpoint.write(backbone.store.state, metadata: ["format": "pt"], to: file)
        #expect(throws: NetworkFileError.noCard(file)) { _ = try NetworkFile.read(file) }
    }

    /// A network of classes keeps its task and its names; a card without a task is of classification.
    @Test func networksOfClassesKeepTheirTask() throws {
        defer { try? FileManager.default.removeItem(atPath: file) }
        var (card, backbone) = try made("gender", .linear(outputs: 2))
        (card.head, card.classNames) = (nil, ["male", "female"])
        _ = try Linear(backbone.store.root / "fc", 8, 2)
        try NetworkFile.write(backbone.store.state, card, to: file)
        let read = try NetworkFile.read(file)
        #expect(try read.task() is GenderTask.Type)
        #expect(read.card == card && read.network.head == .linear(outputs: 2))
        try write(backbone.store, card) {
            $0.replacingOccurrences(of: #","task":"gender""#, with: "")
                .replacingOccurrences(of: #""task":"gender","#, with: "")
        }
        #expect(try NetworkFile.read(file).task() is ClassificationTask.Type)
        card.classNames = ["male", "female", "neither"]
        #expect(throws: CardError.classNames(3, outputs: 2)) {
            try NetworkFile.write(backbone.store.state, card, to: file)
        }
    }

    @Test func whatPromisesMoreThanTheFileHoldsOrIsCutOffIsRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: file) }
        let (card, _) = try made("re-identification", .neck(features: 128), widths: [64, 128])
        let store = try ParameterStore(seed: 3)
        _ = try store.root.parameter("conv", [2], .zeros)
        try NetworkFile.write(store.state, card, to: file)
        #expect(reading().contains("the file holds only"))
        let (whole, backbone) = try made("re-identification", .neck(features: 8))
        _ = try neck(backbone)
        try NetworkFile.write(backbone.store.state, whole, to: file)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        for count in [0, 7, 100, bytes.count / 2, bytes.count - 1] {
            try bytes.prefix(count).write(to: URL(fileURLWithPath: file))
            let error = #expect(throws: (any Error).self) { _ = try NetworkFile.read(file) }
            #expect(error.map { "\($0)".contains(file) } == true, "\(count) bytes")
        }
    }
}
