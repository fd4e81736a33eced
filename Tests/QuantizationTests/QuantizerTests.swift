import Architectures
import ONNX
import Testing
import Torch

@testable import Quantization

@Suite struct QuantizerTests {
    private func quantizer(
        _ sample: SampleNetwork, options: Quantizer.Options = .init(),
        changing: (String, ONNXTensor) -> ONNXTensor = { $1 }
    ) throws -> Quantizer {
        let network = try sample.made()
        var tensors: [String: ONNXTensor] = [:]
        for (key, _) in network.store.state {
            tensors[key] = try network.exported(key).map { changing(key, $0) }
        }
        let all = tensors
        return Quantizer(
            sample.network, imageSize: sample.imageSize, head: .classifier, options: options
        ) { all[$0] }
    }

    @Test(arguments: SampleNetwork.all) func integersGiveNearlyTheSame(sample: SampleNetwork) throws {
        let outcome = try quantizer(sample)([sample.images(16), sample.images(16, seed: 2)])
        #expect(outcome.quantization.floatLayers.isEmpty)
        #expect(outcome.error < 0.01 && outcome.error > 0, "\(outcome.error)")
        #expect(outcome.agreement > 0.85)
        // What they were not found by loses little more.
        let network = try sample.made()
        let fresh = try sample.images(16, seed: 9)
        let options = ONNXExport.Options(quantization: outcome.quantization)
        let export = try ONNXExport(sample.network, imageSize: sample.imageSize, options: options)
        let found = try GraphRunner(export, tensors: network.exported)(fresh)[0]
        let wanted = try withoutGradients { try network.outputs(fresh, precision: .float32) }
        let error: Double = try (found - wanted).power(2).sum().item()
        let variance: Double = try (wanted - wanted.mean([1], keep: true)).power(2).sum().item()
        #expect(error / variance < 0.03, "\(error / variance)")
    }

    /// One number of a layer that is far larger than all others leaves one step to the rest of its channel.
    @Test func aLayerThatLosesTooMuchStaysInFloatingPoint() throws {
        let sample = SampleNetwork.all[1]
        func spoilt(_ key: String, _ tensor: ONNXTensor) -> ONNXTensor {
            var tensor = tensor
            // A channel that is always zero takes the large number in, so that nothing but the rounding changes.
            if key == "block.norm-deep.bias" { tensor.values[0] = -100 }
            if key == "block.conv-down.weight" {
                let each = tensor.values.count / tensor.shape[0]
                for channel in 0..<tensor.shape[0] { tensor.values[channel * each] = 60 }
            }
            return tensor
        }
        let (images, options) = ([try sample.images(16)], Quantizer.Options(largestError: 0.002))
        let outcome = try quantizer(sample, options: options, changing: spoilt)(images)
        #expect(outcome.quantization.floatLayers.contains("block.conv-down"))
        #expect(outcome.error < outcome.errorOfAll)
        #expect(outcome.quantization.floatLayers.count == 1 && outcome.layers == 6)
    }

    @Test func withoutImagesThereIsAnError() throws {
        #expect(throws: QuantizationError.noImages) { try quantizer(SampleNetwork.all[0])([]) }
    }

    @Test func damagedWeightsAreNoticed() throws {
        let sample = SampleNetwork.all[0]
        let damaged = try quantizer(sample) { key, tensor in
            var tensor = tensor
            if key == "conv-a.weight" { tensor.values[0] = .infinity }
            return tensor
        }
        #expect {
            try damaged([sample.images(2)])
        } throws: { error in
            guard case QuantizationError.notFinite = error else { return false }
            return true
        }
    }

    @Test func aFewFarValuesAreCutOff() {
        var counts = [Double](repeating: 0, count: 2048)
        for place in 0..<600 { counts[place] = 1000 }
        counts[2047] = 1
        let cut = ValueRanges.cut(0...10, counts)
        #expect(cut.lowerBound == 0 && cut.upperBound < 6)
        // Without them, or with many, all of the range counts.
        #expect(ValueRanges.cut(-1...1, [Double](repeating: 10, count: 2048)) == -1...1)
    }
}
