import Architectures
import NN
import Networks
import Testing
import Torch

@Suite struct ResNeStCostTests {
    /// The count against the shapes that really pass: a convolution costs outputs times weights per output.
    @Test(arguments: [[0, 1, 2, 3], [3, 3, 0, 1]], [28, 33]) func theCountAgreesWithAForwardPass(
        code: [Int], size: Int
    ) throws {
        let space = ResNeStSpace(channels: 1, stem: .small, planes: [16, 32], depths: [2, 2])
        let description = try space.network(code: Architecture(code), classes: 7)
        let network = try ImageNetwork(description, store: ParameterStore(seed: 1))
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
        #expect(try description.cost(imageSize: .init(size)).multiplyAdds == total)
    }
}
