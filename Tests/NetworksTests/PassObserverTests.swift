import Architectures
import NN
import Networks
import Testing
import Torch

/// What an observer is shown of a pass.
@Suite struct PassObserverTests {
    private static func norm(_ key: String) -> Layer.Part { Layer.Part(key, .batchNorm(scale: 1)) }
    private static let relu = Layer.Part("", .relu)

    /// Each ReLU once, wherever it is computed: alone, in a batch norm, after a sum, on its way into a sum.
    @Test func everyReLUIsSeenOnceAndInOrder() throws {
        let edge = Layer.sequence([Self.norm("n"), Self.relu])
        let backbone = Layer.sequence([
            Self.relu, Self.norm("a"), Self.relu,
            Layer.Part("b", .residual(body: edge, shortcut: nil, relu: true)),
            Layer.Part("c", .residual(body: .zero(stride: 1), shortcut: nil, relu: true)),
            Layer.Part(
                "d",
                .cell([
                    Layer.Edge(from: 0, to: 1, Layer.Part("0", edge)),
                    Layer.Edge(from: 0, to: 2, Layer.Part("1", edge)),
                    Layer.Edge(from: 1, to: 2, Layer.Part("2", edge)),
                ])),
            Layer.Part("e", .splitAttention(radix: 2, cardinality: 1)), Self.norm("f"),
            Layer.Part("", .globalPool), Layer.Part("g", .linear(outputs: 5)), Self.relu,
        ])
        let network = try ImageNetwork(
            NetworkDescription(channels: 4, classes: 3, backbone: backbone), store: ParameterStore(seed: 0))
        let images = try Tensor.normal([2, 4, 6, 6], using: Generator(seed: 1))
        var rectified: [Tensor] = []
        var pooled: [[Int]] = []
        let features = try network.features(images, .evaluation) { event in
            switch event {
            case .rectified(let y): rectified.append(y)
            case .pooling(let x): pooled.append(x.shape)
            }
        }
        let image = [2, 4, 6, 6]
        #expect(
            rectified.map(\.shape)
                == [[Int]](repeating: image, count: 8) + [[2, 8, 6, 6], [2, 32, 1, 1], [2, 5]])
        #expect(pooled == [image])
        let lowest = try rectified.map { try $0.min().item() }
        #expect(lowest.allSatisfy { $0 >= 0 })
        #expect(try rectified.first?.array(Float.self) == images.relu().array(Float.self))
        #expect(rectified.last === features)

        let unseen = try network.features(images, .evaluation)
        #expect(try unseen.array(Float.self) == features.array(Float.self))
    }

    private struct Enough: Error {}

    @Test func anObserverMayEndThePass() throws {
        let network = try ImageNetwork(
            NetworkDescription(
                channels: 1, classes: 2, backbone: .sequence([Self.relu, Layer.Part("", .globalPool)])),
            store: ParameterStore(seed: 0))
        #expect(throws: Enough.self) {
            try network.features(.ones([1, 1, 2, 2]), .evaluation) { _ in throw Enough() }
        }
    }

    /// A network of float64 is that of float32, computed with more digits.
    @Test func aNetworkMayBeOfFloat64() throws {
        let description = NetworkDescription(
            channels: 2, classes: 3,
            backbone: .sequence(
                Layer.convolutionBlock("conv", "norm", .init(4, kernel: 3)) + [
                    Layer.Part("attention", .splitAttention(radix: 2, cardinality: 1)), Layer.Part("", .globalPool),
                ]))
        let images = try Tensor.normal([3, 2, 5, 5], using: Generator(seed: 1))
        func logits(_ dtype: DType) throws -> Tensor {
            let network = try ImageNetwork(description, store: ParameterStore(seed: 7, dtype: dtype))
            let values = network.store.entries.filter { !$0.key.hasSuffix("num_batches_tracked") }
            #expect(values.allSatisfy { $0.tensor.dtype == dtype })
            return try withoutGradients { try network(images.to(dtype), .evaluation) }
        }
        let (exact, single) = (try logits(.float64), try logits(.float32))
        #expect(exact.dtype == .float64 && single.dtype == .float32)
        #expect(try single.to(.float64).isClose(to: exact, relative: 1e-5, absolute: 1e-5))
        #expect(throws: TorchError.self) { try ParameterStore(seed: 0, dtype: .int64) }
    }
}
