import Architectures
import Foundation
import NN
import Networks
import Testing
import Torch

@testable import Tasks

/// The file of a network whose head is no classifier.
@Suite struct TaskNetworkCardTests {
    private let file = NSTemporaryDirectory() + "supernet-task-" + UUID().uuidString + ".safetensors"

    private func card(_ layer: Layer, features: Int) -> TaskNetworkCard {
        TaskNetworkCard(
            task: .reidentification,
            network: NetworkFile.Card(
                network: NetworkDescription(channels: 1, classes: features, backbone: layer), classNames: [],
                imageSize: 12, mean: [0.5], std: [0.2]))
    }

    @Test func aFileOpensToTheSameFeatures() throws {
        defer { try? FileManager.default.removeItem(atPath: file) }
        let layer = try ChainSpace(channels: 1, widths: [4, 8], depths: [1, 1]).description().fixed(
            to: Architecture([0, 2]))
        let store = try ParameterStore(seed: 3, format: .channelsLast)
        let backbone = try Backbone(layer, channels: 1, store: store)
        _ = try NeckHead(
            features: backbone.features, identities: 5, labelSmoothing: 0, tripletWeight: 1, store.root / "fc")
        try card(layer, features: backbone.features).write(store, to: file)
        let read = try TaskNetworkCard.read(file)
        #expect(read.card == card(layer, features: backbone.features))
        let images = try Tensor.normal([2, 1, 12, 12], using: Generator(seed: 1)).contiguous(.channelsLast)
        let (before, after) = try (backbone(images, .evaluation), read.backbone(images, .evaluation))
        #expect(try before.array(Float.self) == after.array(Float.self))
        #expect(throws: NetworkFileError.self, "it is no network of classification") { _ = try NetworkFile.read(file) }
    }

    @Test func aCardThatPromisesMoreThanTheFileHoldsIsRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: file) }
        let layer = try ChainSpace(channels: 1, widths: [64, 128], depths: [1, 1]).description().fixed(
            to: Architecture([0, 2]))
        let store = try ParameterStore(seed: 3)
        _ = try store.root.parameter("conv", [2], .zeros)
        try card(layer, features: 128).write(store, to: file)
        #expect(throws: NetworkFileError.self) { _ = try TaskNetworkCard.read(file) }
        try Checkpoint.write(store.state, metadata: ["format": "pt"], to: file)
        #expect(throws: NetworkFileError.self) { _ = try TaskNetworkCard.read(file) }
    }
}
