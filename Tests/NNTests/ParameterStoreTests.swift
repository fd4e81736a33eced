import NN
import Testing
import Torch

@Suite struct ParameterStoreTests {
    @Test func pathsAreDotted() throws {
        let store = try ParameterStore(seed: 0)
        let scope = store.root / "layer1" / 0 / "conv1"
        #expect(scope.path == "layer1.0.conv1")
        let weight = try scope.parameter("weight", [2, 3], .ones)
        _ = try store.root.buffer("count", .zeros([]))
        #expect(store.keys.map(\.key) == ["layer1.0.conv1.weight", "count"])
        #expect(store["layer1.0.conv1.weight"] === weight)
        #expect(store["layer1.0.conv1"] == nil)
    }

    @Test func parametersLearnAndBuffersDoNot() throws {
        let store = try ParameterStore(seed: 0)
        let weight = try store.root.parameter("weight", [4], .ones)
        let mean = try store.root.buffer("mean", .zeros([4]))
        #expect(weight.requiresGradient && weight.isLeaf)
        #expect(!mean.requiresGradient)
        #expect(store.parameters.map(\.key) == ["weight"])
        #expect(store.parameterCount == 4)
    }

    @Test func aKeyIsRegisteredOnce() throws {
        let store = try ParameterStore(seed: 0)
        let weight = try store.root.parameter("weight", [1], .ones)
        #expect(throws: StateError.duplicateKey("weight")) { try store.root.parameter("weight", [2], .ones) }
        #expect(throws: StateError.duplicateKey("weight")) { try store.root.buffer("weight", .zeros([1])) }
        #expect(throws: StateError.duplicateKey("weight")) { try store.root.share("weight", weight) }
        #expect(store.keys.count == 1 && store.entries.count == 1)
        #expect(try message { _ = try Linear(store.root, 2, 2) }.contains("'weight'"))
    }

    @Test func sharedTensorsCountOnce() throws {
        let store = try ParameterStore(seed: 0)
        let weight = try (store.root / "a").parameter("weight", [3], .ones)
        try (store.root / "b").share("weight", weight)
        #expect(store.state.map(\.key) == ["a.weight", "b.weight"])
        #expect(store["b.weight"] === weight)
        #expect(store.parameterCount == 3)
    }

    @Test func onlyOwnTensorsAreShared() throws {
        let store = try ParameterStore(seed: 0)
        let foreign = try Tensor.zeros([3])
        #expect(throws: StateError.foreignTensor("a.weight")) { try (store.root / "a").share("weight", foreign) }
        #expect(store.keys.isEmpty)
    }

    @Test func onlyImagesAreLaidOutByTheFormat() throws {
        let store = try ParameterStore(seed: 0, format: .channelsLast)
        let conv = try Conv2d(store.root / "conv", 4, 8, kernel: 3)
        #expect(conv.weight.isContiguous(.channelsLast) && !conv.weight.isContiguous())
        #expect(try Linear(store.root / "fc", 4, 8).weight.isContiguous())
    }

    @Test func aSeedMeansTheSameValuesInAnyLayout() throws {
        func made(_ seed: UInt64, _ format: MemoryFormat) throws -> [String: [UInt8]] {
            let store = try ParameterStore(seed: seed, format: format)
            _ = try Conv2d(store.root / "conv", 4, 8, kernel: 3)
            _ = try Linear(store.root / "fc", 4, 8)
            return try bits(store.state)
        }
        #expect(try made(1, .contiguous) == made(1, .channelsLast))
        #expect(try made(1, .contiguous) != made(2, .contiguous))
    }

    @Test func gradientsAreDropped() throws {
        let store = try ParameterStore(seed: 0)
        let linear = try Linear(store.root, 3, 2)
        try linear(.ones([1, 3])).sum().backward()
        #expect(store.parameters.allSatisfy { $0.tensor.gradient != nil })
        try store.clearGradients()
        #expect(store.parameters.allSatisfy { $0.tensor.gradient == nil })
    }
}
