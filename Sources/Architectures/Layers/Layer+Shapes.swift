/// The shape of one image's features: [C, H, W], or [C] once they are pooled.
public struct FeatureShape: Hashable, Sendable, CustomStringConvertible {
    /// C, the number of channels or features.
    public var channels: Int
    /// H, the height in positions; 1 for a vector.
    public var height: Int
    /// W, the width in positions; 1 for a vector.
    public var width: Int
    /// Whether the features are pooled, so that there are no positions any more.
    public var isVector: Bool

    /// The shape [channels, height, width].
    public init(_ channels: Int, _ height: Int, _ width: Int) {
        self.channels = channels
        self.height = height
        self.width = width
        isVector = false
    }

    /// The shape [channels] of pooled features.
    public init(vector channels: Int) {
        self.channels = channels
        height = 1
        width = 1
        isVector = true
    }

    /// The number of values of one image.
    public var count: Int { channels * height * width }

    /// The shape in words: `64 x 14 x 14`, or `64` for a vector.
    public var description: String { isVector ? "\(channels)" : "\(channels) x \(height) x \(width)" }
}

extension Layer.Convolution {
    /// The shape that comes out of the convolution.
    ///
    /// - Throws: `SpaceError.layer` for features that are pooled or smaller than the window.
    func output(of input: FeatureShape, path: String) throws -> FeatureShape {
        if input.isVector { throw SpaceError.layer(path: path, "a convolution needs [C, H, W], not pooled features") }
        let (height, width) = (input.height + 2 * padding - window, input.width + 2 * padding - window)
        guard height >= 0, width >= 0 else {
            throw SpaceError.layer(path: path, "a \(window)x\(window) window is larger than the \(input) that comes in")
        }
        return try FeatureShape(outputs, height / stride + 1, width / stride + 1).bounded(path)
    }

    /// The cost for one image.
    ///
    /// - Throws: `SpaceError.layer` for products beyond 2^53.
    func cost(from input: FeatureShape, to output: FeatureShape, path: String) throws -> Cost {
        let weights = weights(inputs: input.channels)
        let products = try LayerTracer.product([weights, output.height, output.width], path)
        return Cost(
            parameters: weights + (bias ? outputs : 0), multiplyAdds: products,
            paperOperations: products + (bias ? output.count : 0))
    }
}

extension Layer.Pool {
    /// The shape that comes out of the pooling.
    ///
    /// - Throws: `SpaceError.layer` for features that are pooled or smaller than the window.
    func output(of input: FeatureShape, path: String) throws -> FeatureShape {
        if input.isVector { throw SpaceError.layer(path: path, "pooling needs [C, H, W], not pooled features") }
        func side(_ size: Int) throws -> Int {
            let room = size + 2 * padding - kernel
            // A window that is partly outside must still lie within a stride of one that is not, as PyTorch has it.
            guard room >= (ceil ? 1 - stride : 0) else {
                throw SpaceError.layer(
                    path: path, "a \(kernel)x\(kernel) window is larger than the \(input) that comes in")
            }
            guard ceil else { return room / stride + 1 }
            let windows = (room + stride - 1) / stride + 1
            // PyTorch's rule: the last window must begin inside the image or its left padding.
            return (windows - 1) * stride >= size + padding ? windows - 1 : windows
        }
        return try FeatureShape(input.channels, side(input.height), side(input.width)).bounded(path)
    }
}

extension FeatureShape {
    /// Gives back the shape itself if its sides are such that the number of its values fits.
    func bounded(_ path: String) throws -> FeatureShape {
        try LayerTracer.requirePositive([("the height of what comes out", height), ("its width", width)], path)
        return self
    }
}

extension LayerTracer {
    /// The layers inside split attention, with the keys of the published networks.
    func splitAttention(
        _ radix: Int, _ cardinality: Int, _ dilation: Int, _ input: FeatureShape, _ path: String,
        _ conditions: [CandidateReference]
    ) throws -> FeatureShape {
        if input.isVector {
            throw SpaceError.layer(path: path, "split attention needs [C, H, W], not pooled features")
        }
        let width = input.channels
        let convolutions = Layer.attentionConvolutions(width, radix, cardinality, dilation)
        func step(_ key: String, _ layer: Layer, _ input: FeatureShape) throws -> FeatureShape {
            try trace(layer, input, path: Self.join(path, key), within: conditions)
        }
        var splits = try step("conv", .convolution(convolutions[0].convolution), input)
        splits = try step("bn0", .batchNorm(scale: 1), splits)
        splits = try step("", .relu, splits)
        var pooled = FeatureShape(width, 1, 1)
        pooled = try step("fc1", .convolution(convolutions[1].convolution), pooled)
        pooled = try step("bn1", .batchNorm(scale: 1), pooled)
        pooled = try step("", .relu, pooled)
        _ = try step("fc2", .convolution(convolutions[2].convolution), pooled)
        return FeatureShape(width, splits.height, splits.width)
    }
}

extension Layer {
    /// The convolutions of split attention with their keys, and the channels that come into each.
    static func attentionConvolutions(
        _ width: Int, _ radix: Int, _ cardinality: Int, _ dilation: Int = 1
    ) -> [(key: String, convolution: Convolution, inputs: Int)] {
        let (splits, reduced) = (width * radix, attentionWidth(width, radix: radix, cardinality: cardinality))
        return [
            ("conv", Convolution(splits, kernel: 3, dilation: dilation, groups: cardinality * radix), width),
            ("fc1", Convolution(reduced, kernel: 1, groups: cardinality, bias: true), width),
            ("fc2", Convolution(splits, kernel: 1, groups: cardinality, bias: true), reduced),
        ]
    }

    /// The number of channels between the two layers that weigh the splits: a quarter of the splits' channels, at least
    /// 32; rounded up where the groups would not divide it.
    public static func attentionWidth(_ width: Int, radix: Int, cardinality: Int) -> Int {
        let wanted = max(width * radix / 4, 32)
        return (wanted + cardinality - 1) / cardinality * cardinality
    }
}
