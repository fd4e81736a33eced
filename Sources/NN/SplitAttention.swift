import Torch

/// A 3x3 convolution into R splits of C channels, summed with weights that each image chooses by a small network over
/// its pooled features (Zhang et al., "ResNeSt: Split-Attention Networks", 2020, figure 2). Keys: `conv.weight`,
/// `bn0`, `fc1`, `bn1`, `fc2`.
public struct SplitAttention {
    /// R, the number of splits that each image weighs against each other. With 1, a sigmoid gates the only one.
    public let radix: Int
    /// The number of groups of channels that do not mix, as in ResNeXt.
    public let cardinality: Int
    let conv: Conv2d
    let bn0: BatchNorm2d
    let fc1: Conv2d
    let bn1: BatchNorm2d
    let fc2: Conv2d

    /// Registers the tensors of a split-attention layer.
    ///
    /// - Parameters:
    ///   - scope: the place of the tensors in the store; their keys begin with its path.
    ///   - width: channels in and out; divisible by the cardinality.
    ///   - stride: the stride of the 3x3 convolution.
    ///   - dilation: the distance from one position of its window to the next.
    ///   - radix: R, the number of splits.
    ///   - cardinality: the number of groups of channels that do not mix.
    ///   - initializer: draws the weights of all three convolutions.
    public init(
        _ scope: Scope, _ width: Int, stride: Int = 1, dilation: Int = 1, radix: Int, cardinality: Int,
        initializer: Initializer
    ) throws {
        guard radix > 0, cardinality > 0, width % cardinality == 0 else {
            throw TorchError(
                .invalidArgument, operation: "SplitAttention '\(scope.path)'",
                message:
                    "radix (=\(radix)) must be positive and width (=\(width)) divisible by cardinality (=\(cardinality))"
            )
        }
        self.radix = radix
        self.cardinality = cardinality
        let reduced = Self.reducedWidth(width, radix: radix, cardinality: cardinality)
        conv = try Conv2d(
            scope / "conv", width, width * radix, kernel: 3, stride: stride, padding: dilation, dilation: dilation,
            groups: cardinality * radix, bias: false, initializer: initializer)
        bn0 = try BatchNorm2d(scope / "bn0", width * radix)
        fc1 = try Conv2d(scope / "fc1", width, reduced, kernel: 1, groups: cardinality, initializer: initializer)
        bn1 = try BatchNorm2d(scope / "bn1", reduced)
        fc2 = try Conv2d(
            scope / "fc2", reduced, width * radix, kernel: 1, groups: cardinality, initializer: initializer)
    }

    /// Channels between the two layers that choose the weights: a quarter of the splits' channels, at least 32; rounded
    /// up where the groups would not divide it.
    public static func reducedWidth(_ width: Int, radix: Int, cardinality: Int) -> Int {
        let wanted = max(width * radix / 4, 32)
        return (wanted + cardinality - 1) / cardinality * cardinality
    }

    /// Applies the layer to images: [N, width, H, W] to [N, width, H', W'].
    ///
    /// - Parameters:
    ///   - x: the input images.
    ///   - mode: the mode of this pass.
    ///   - observer: shown what each of the two ReLUs gave; nil, and nothing is shown.
    /// - Throws: `TorchError` if `x` does not fit; what the observer throws.
    public func callAsFunction(
        _ x: Tensor, _ mode: Mode, observing observer: ((Tensor) throws -> Void)? = nil
    ) throws -> Tensor {
        let splits = try bn0(conv(x), mode.batchNorm, relu: true)  // [N, R*C, H', W']
        try observer?(splits)
        let pooled = try splits.splitPooled(radix: radix)  // [N, C, 1, 1]
        let hidden = try bn1(fc1(pooled), mode.batchNorm, relu: true)
        try observer?(hidden)
        return try splits.splitCombined(attention: attention(fc2(hidden)), radix: radix)
    }

    /// Weights of the splits from their logits, [N, R*C, 1, 1]: they sum to one over the splits; a single split has a
    /// gate instead.
    private func attention(_ logits: Tensor) throws -> Tensor {
        guard radix > 1 else { return try logits.sigmoid() }
        let batch = logits.size(0)
        return try logits.reshaped([batch, cardinality, radix, -1])
            .transposed(1, 2)  // [N, R, cardinality, C / cardinality]
            .softmax(1)
            .reshaped([batch, -1, 1, 1])
    }
}
