import Architectures
import NN
import Networks
import Testing
import Torch

@Suite struct ResNeStTests {
    /// All four candidates, with and without a stride.
    private static let code = Architecture([0, 1, 2, 3, 3, 2, 1, 0])

    private func network(
        seed: UInt64 = 1, stem: ResNeStSpace.Stem = .small, lastScale: Double = 1, format: MemoryFormat = .contiguous
    ) throws -> ImageNetwork {
        let space = ResNeStSpace(stem: stem, planes: [16, 32], depths: [4, 4], expansion: 2)
        return try ImageNetwork(
            space.network(code: Self.code, classes: 5, lastScale: lastScale),
            store: ParameterStore(seed: seed, format: format))
    }

    @Test(arguments: ResNeStSpace.Stem.allCases)
    func everyParameterHasAFiniteGradient(stem: ResNeStSpace.Stem) throws {
        let network = try network(stem: stem)
        let loss = try network(images(6, 16), .training(nil)).crossEntropy(Tensor([0, 1, 2, 3, 4, 0]))
        try loss.backward()
        for entry in network.store.parameters {
            let gradient = try #require(entry.tensor.gradient, "\(entry.key)")
            #expect(gradient.shape == entry.tensor.shape, "\(entry.key)")
            #expect(try gradient.isFinite().all().integer() == 1, "\(entry.key)")
            // Batch norm follows fc1 and takes its bias away again: that gradient is zero but for rounding.
            guard !entry.key.hasSuffix(".fc1.bias") else { continue }
            #expect(try gradient.absolute().max().item() > 0, "\(entry.key)")
        }
    }

    @Test func theSameSeedIsTheSameNetwork() throws {
        func logits(_ seed: UInt64) throws -> [Float] {
            try network(seed: seed)(images(2, 8), .evaluation).array(Float.self)
        }
        #expect(try logits(1) == logits(1))
        #expect(try logits(1) != logits(2))
    }

    @Test func featuresAndLogitsHaveTheirShapes() throws {
        let network = try network()
        #expect(try network.features(images(2, 9), .evaluation).shape == [2, 64])
        #expect(try network(images(2, 9), .evaluation).shape == [2, 5])
    }

    @Test func evaluationLeavesTheBuffers() throws {
        let network = try network()
        func buffers() throws -> [[Double]] {
            let buffers = network.store.entries.filter { $0.role == .buffer }
            return try buffers.map { try $0.tensor.to(.float64).array(Double.self) }
        }
        let before = try buffers()
        _ = try network(images(2, 8), .evaluation)
        #expect(try buffers() == before)
        _ = try network(images(2, 8), .training(nil))
        #expect(try buffers() != before)
    }

    /// Blocks whose last batch norm starts at zero are their shortcuts.
    @Test func theLastScaleStartsWhereItIsTold() throws {
        let store = try network(lastScale: 0).store
        let scales = store.parameters.filter { $0.key.hasSuffix(".bn3.weight") }
        #expect(scales.count == 8)
        for scale in scales { #expect(try scale.tensor.absolute().max().item() == 0, "\(scale.key)") }
    }

    @Test(arguments: [MemoryFormat.contiguous, .channelsLast])
    func bfloat16IsCloseToFloat32(format: MemoryFormat) throws {
        let network = try network(format: format)
        func logits(_ precision: Precision) throws -> Tensor {
            try withPrecision(precision) {
                try withoutGradients { try network(images(32, 12), Mode(batchNorm: .batch)) }
            }
        }
        let (single, half) = (try logits(.float32), try logits(.bfloat16))
        #expect(half.dtype == .float32)
        let error = try (half - single).norm().item() / single.norm().item()
        // Eight bits of mantissa through eight blocks; an error of zero would mean that nothing was rounded.
        #expect(error > 1e-5 && error < 0.05)
    }

    @Test func imagesOfOtherChannelsAreRefusedWithTheShapes() throws {
        let network = try network()
        let error = try #require(throws: TorchError.self) { try network(.zeros([2, 1, 8, 8]), .evaluation) }
        #expect(error.description.contains("[2, 1, 8, 8] and [16, 3, 3, 3]"))
    }

    @Test func twoNetworksInOneStoreCollide() throws {
        let network = try network()
        #expect(throws: StateError.duplicateKey("conv1.weight")) {
            try ImageNetwork(network.description, store: network.store)
        }
    }
}
