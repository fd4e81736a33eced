import Foundation
import NN
import Networks
import Testing
import Torch

@Suite struct ResNeStCostTests {
    /// Peng et al., "Pi-NAS", ICCV 2021: 5.38 G by a count that adds normalisation, activations and pooling; 5.332 G are
    /// multiply-adds of convolutions and linear layers.
    @Test func thePublishedNetwork() throws {
        #expect(try ResNeStDescription.resnest50().multiplyAdds(imageSize: 224) == 5_332_293_584)
    }

    /// The count against the shapes that really pass: a convolution costs outputs times weights per output.
    @Test(arguments: [[0, 1, 2, 3], [3, 3, 0, 1]], [28, 33]) func theCountAgreesWithAForwardPass(
        code: [Int], size: Int
    ) throws {
        let description = ResNeStDescription(
            channels: 1, classes: 7, stem: .small, planes: [16, 32], depths: [2, 2], code: code)
        let network = try ResNeSt(description, store: ParameterStore(seed: 1))
        // Each block's 1x1 convolution in is at the input's size and the one out at the output's; sizes from a real pass.
        let image = try Tensor.zeros([1, 1, size, size])
        let features = try withoutGradients { try network.features(image, Mode(batchNorm: .running)) }
        #expect(features.shape == [1, 128])
        let half = (size - 1) / 2 + 1
        var total = 0
        for entry in network.store.parameters where entry.tensor.rank == 4 {
            let weights = entry.tensor.elementCount
            let isGate = entry.key.contains(".fc1.") || entry.key.contains(".fc2.")
            let isFirstOfSecond = entry.key.hasPrefix("layer2.0.")
            let atHalf =
                entry.key.hasPrefix("layer2.1.")
                || (isFirstOfSecond && (entry.key.contains("conv3") || entry.key.contains("downsample")))
            total += weights * (isGate ? 1 : atHalf ? half * half : size * size)
        }
        total += 128 * 7
        #expect(try description.multiplyAdds(imageSize: size) == total)
    }
}

@Suite struct NetworkFileTests {
    @Test func filesThatAreNoNetworksAreRefused() throws {
        let path = NSTemporaryDirectory() + "supernet-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Checkpoint.write([("x", Tensor.zeros([1]))], to: path)
        #expect(throws: NetworkFileError.noCard(path)) { try NetworkFile.read(path) }
        try Checkpoint.write([("x", Tensor.zeros([1]))], metadata: ["supernet.card": "{}"], to: path)
        let error = #expect(throws: NetworkFileError.self) { try NetworkFile.read(path) }
        #expect(error?.description.contains(path) == true)
        let description = ResNeStDescription(
            channels: 1, classes: 2, stem: .small, planes: [16], depths: [1], expansion: 1, code: [0])
        let network = try ResNeSt(description, store: ParameterStore(seed: 1))
        let card = NetworkFile.Card(network: description, classNames: ["a", "b"], imageSize: 8, mean: [0], std: [1])
        try NetworkFile.write(network, card, to: path)
        #expect(try NetworkFile.read(path).card == card)
        // One tensor less than the card's network has.
        let checkpoint = try Checkpoint.read(path)
        try Checkpoint.write(
            checkpoint.tensors.filter { $0.key != "fc.weight" }, metadata: checkpoint.metadata, to: path)
        #expect(throws: StateError.self) { try NetworkFile.read(path) }
    }
}
