import Architectures
import ONNX
import Support
import Torch

/// Finds how a network computes in integers of eight bits with little loss, from its weights and some images.
///
/// Ranges of values are seen on the images. Then the quantized network is run beside the one in floating point; where their
/// outputs differ by too much, the layers that lose most alone stay in floating point, as few as do.
public struct Quantizer {
    /// What decides how a network is quantized.
    public struct Options: Sendable {
        /// The largest error of the outputs that is taken: the share of their variance.
        public var largestError: Double
        /// The largest part of the layers that may stay in floating point.
        public var largestFloatShare: Double

        /// Options.
        public init(largestError: Double = 0.01, largestFloatShare: Double = 0.2) {
            self.largestError = largestError
            self.largestFloatShare = largestFloatShare
        }
    }

    /// A quantization and what it loses, on the images by which it was found.
    public struct Outcome: Sendable {
        /// How the graph computes.
        public var quantization: ONNXQuantization
        /// The number of layers with weights.
        public var layers: Int
        /// The error of the outputs with all layers quantized, as a share of their variance.
        public var errorOfAll: Double
        /// The error of the outputs as it is, likewise.
        public var error: Double
        /// The share of images, or of positions of a map, whose largest output is the same one as in floating point.
        public var agreement: Double
    }

    private let network: NetworkDescription
    private let imageSize: ImageSize
    private let head: ONNXExport.Head
    private let options: Options
    private let tensors: (String) throws -> ONNXTensor?

    /// Creates a quantizer of a network.
    ///
    /// - Parameters:
    ///   - network: without choices.
    ///   - imageSize: the size of the images, in pixels.
    ///   - head: the head on the features.
    ///   - options: what decides.
    ///   - tensors: gives the tensor of a key of the network, as for `ONNXExport.model`.
    public init(
        _ network: NetworkDescription, imageSize: ImageSize, head: ONNXExport.Head, options: Options = Options(),
        tensors: @escaping (String) throws -> ONNXTensor?
    ) {
        (self.network, self.imageSize, self.head, self.options) = (network, imageSize, head, options)
        self.tensors = tensors
    }

    /// Finds the quantization.
    ///
    /// - Parameters:
    ///   - batches: images [N, C, H, W], prepared as in training; a few hundred in all are enough.
    ///   - progress: is called with what is done and the number of steps of the same kind, done and in all.
    /// - Throws: `QuantizationError`, `ONNXError`, `SpaceError`, `TorchError`.
    public func callAsFunction(
        _ batches: [Tensor], progress: (_ doing: String, _ step: Int, _ steps: Int) -> Void = { _, _, _ in }
    ) throws -> Outcome {
        guard !batches.isEmpty else { throw QuantizationError.noImages }
        let plain = try export(nil)
        let runner = try GraphRunner(plain, tensors: tensors)
        var step = 0
        let ranges = try ValueRanges(runner, batches) {
            step += 1
            progress("ranges", step, 2 * batches.count)
        }
        let layers = plain.operators.filter { ["Conv", "Gemm"].contains($0.operation) }.map(\.name)
        let wanted = try batches.map { try runner($0)[0] }
        var quantization = ONNXQuantization(ranges: ranges)
        let all = try loss(quantization, batches, wanted)
        var current = all
        if all.error > options.largestError {
            // The first batch is enough to tell which layer loses more than another.
            var alone: [(name: String, error: Double)] = []
            for (place, layer) in layers.enumerated() {
                let others = ONNXQuantization(ranges: ranges, floatLayers: Set(layers).subtracting([layer]))
                alone.append((layer, try loss(others, [batches[0]], [wanted[0]]).error))
                progress("layers", place + 1, layers.count)
            }
            alone.sort { $0.error > $1.error }
            let most = Int(Double(layers.count) * options.largestFloatShare)
            for layer in alone.prefix(most) where current.error > options.largestError {
                quantization.floatLayers.insert(layer.name)
                current = try loss(quantization, batches, wanted)
            }
        }
        return Outcome(
            quantization: quantization, layers: layers.count, errorOfAll: all.error, error: current.error,
            agreement: current.agreement)
    }

    private func export(_ quantization: ONNXQuantization?) throws -> ONNXExport {
        try ONNXExport(
            network, imageSize: imageSize, head: head,
            options: .init(foldBatchNorm: true, quantization: quantization))
    }

    /// What a quantization loses against the outputs of the network in floating point.
    private func loss(
        _ quantization: ONNXQuantization, _ batches: [Tensor], _ wanted: [Tensor]
    ) throws -> (error: Double, agreement: Double) {
        let runner = try GraphRunner(export(quantization), tensors: tensors)
        var (error, variance, same, count) = (0.0, 0.0, 0.0, 0.0)
        for (batch, right) in zip(batches, wanted) {
            let found = try runner(batch)[0]
            try withoutGradients {
                error += try (found - right).power(2).sum().item()
                variance += try (right - right.mean([1], keep: true)).power(2).sum().item()
                let equal = try found.argmax(1).equals(right.argmax(1)).to(.float32)
                same += try equal.sum().item()
                count += Double(equal.shape.reduce(1, *))
            }
        }
        return (error / max(variance, .leastNormalMagnitude), same / max(count, 1))
    }
}
