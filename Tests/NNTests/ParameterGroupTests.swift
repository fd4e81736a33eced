import NN
import Testing
import Torch

@Suite struct ParameterGroupTests {
    @Test func vectorsAreNotDecayed() throws {
        let store = try ParameterStore(seed: 0)
        _ = try Conv2d(store.root / "conv", 3, 4, kernel: 3)
        _ = try BatchNorm2d(store.root / "bn", 4)
        let groups = ParameterGroup.splitByDecay(store)
        #expect(groups.map { $0.parameters.map(\.key) } == [["conv.weight"], ["conv.bias", "bn.weight", "bn.bias"]])
        #expect(groups.map(\.weightDecay) == [nil, 0])
    }

    @Test func aGroupOverridesDecayAndScalesTheRate() throws {
        func moved(_ group: (Tensor) -> ParameterGroup) throws -> Double {
            let weight = try Tensor.ones([1]).requireGradient()
            try weight.setGradient(.full([1], 0.5))
            try SGD([group(weight)], weightDecay: 0.25).step(learningRate: 0.1)
            return try 1 - weight.item()
        }
        // Powers of two in the sum: what is left is float32's rounding of the rate.
        #expect(abs(try moved { ParameterGroup([("w", $0)]) } - 0.1 * (0.5 + 0.25)) < 1e-7)
        #expect(abs(try moved { ParameterGroup([("w", $0)], weightDecay: 0) } - 0.1 * 0.5) < 1e-7)
        #expect(abs(try moved { ParameterGroup([("w", $0)], learningRateScale: 0.5) } - 0.05 * 0.75) < 1e-7)
    }
}
