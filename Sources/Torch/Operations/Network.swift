/// The operations that networks consist of. Images are [N, C, H, W] in any memory format.
extension Tensor {
    /// Two-dimensional cross-correlation with a weight [out, in / groups, kh, kw] and an optional bias [out].
    public func convolved(
        _ weight: Tensor, bias: Tensor? = nil, stride: (Int, Int) = (1, 1), padding: (Int, Int) = (0, 0),
        dilation: (Int, Int) = (1, 1), groups: Int = 1
    ) throws -> Tensor {
        // Weights that lie far apart have an operator of their own, for the sake of their gradient.
        if dilation.0 > 1, dilation.0 == dilation.1, padding == dilation, stride == (1, 1), groups == 1,
            weight.shape.suffix(2) == [3, 3]
        {
            return try Op.dilatedConvolution(
                .tensor(self), .tensor(weight), .optional(bias), .int(dilation.0))
        }
        return try Op.convolution(
            .tensor(self), .tensor(weight), .optional(bias), .ints([stride.0, stride.1]),
            .ints([padding.0, padding.1]), .ints([dilation.0, dilation.1]), .int(groups))
    }

    /// Applies a linear map, x W^T + b, over the last dimension, with a weight [out, in] and an optional bias [out].
    public func linear(_ weight: Tensor, bias: Tensor? = nil) throws -> Tensor {
        guard shape.count == 2, weight.shape.count == 2, dtype == .float32, device == .cpu,
            size(0) * weight.size(0) * weight.size(1) >= Self.largeProduct
        else { return try Op.linear(.tensor(self), .tensor(weight), .optional(bias)) }
        // libtorch gives matrices to its BLAS and convolutions to oneDNN, which is faster on some processors and nowhere slower
        // where there is much to do: the rows are the positions of one image, and no value moves.
        let image = try reshaped([1, size(0), 1, size(1)]).permuted([0, 3, 1, 2])
        return try image.convolved(weight.reshaped(weight.shape + [1, 1]), bias: bias)
            .permuted([0, 2, 3, 1]).reshaped([size(0), weight.size(0)])
    }

    /// The multiplications and additions from which a product of matrices is worth another way.
    static let largeProduct = 1 << 28

    /// Batch normalisation over [N, C, ...], then the addition of `residual`, then ReLU, in one pass over memory
    /// (Ioffe and Szegedy, 2015). Running statistics, if given with `training`, move by `momentum` towards those of
    /// the batch, the variance unbiased. With the name of a group of processes, the batch is that of all members together.
    public func batchNormalized(
        weight: Tensor? = nil, bias: Tensor? = nil, residual: Tensor? = nil, runningMean: Tensor? = nil,
        runningVariance: Tensor? = nil, training: Bool, momentum: Double = 0.1, epsilon: Double = 1e-5,
        relu: Bool = false, group: String = ""
    ) throws -> Tensor {
        try Op.fusedBatchNorm(
            .tensor(self), .optional(weight), .optional(bias), .optional(residual), .optional(runningMean),
            .optional(runningVariance), .bool(training), .double(momentum), .double(epsilon), .bool(relu),
            .string(group))
    }

    /// The largest element of each window; padding never wins.
    public func maxPooled(_ kernel: Int, stride: Int? = nil, padding: Int = 0) throws -> Tensor {
        let stride = stride ?? kernel
        return try Op.maxPool(
            .tensor(self), .ints([kernel, kernel]), .ints([stride, stride]), .ints([padding, padding]))
    }

    /// The mean of each window.
    ///
    /// - Parameters:
    ///   - kernel: side of the square window, in pixels.
    ///   - stride: pixels from window to window; `kernel` if nil.
    ///   - padding: rows and columns of zeros added at each border; at most half of `kernel`.
    ///   - ceil: windows that start inside but end outside are kept.
    ///   - countPadding: zeros of the padding count as elements.
    public func averagePooled(
        _ kernel: Int, stride: Int? = nil, padding: Int = 0, ceil: Bool = false, countPadding: Bool = true
    ) throws -> Tensor {
        let stride = stride ?? kernel
        return try Op.averagePool(
            .tensor(self), .ints([kernel, kernel]), .ints([stride, stride]), .ints([padding, padding]), .bool(ceil),
            .bool(countPadding))
    }

    /// Takes the mean over space of the sum over R splits of the channels: [N, R*C, H, W] to [N, C, 1, 1].
    public func splitPooled(radix: Int) throws -> Tensor { try Op.splitPool(.tensor(self), .int(radix)) }

    /// Sums R splits of the channels by their attention: [N, R*C, H, W] and [N, R*C, 1, 1] to [N, C, H, W].
    public func splitCombined(attention: Tensor, radix: Int) throws -> Tensor {
        try Op.splitCombine(.tensor(self), .tensor(attention), .int(radix))
    }

    /// The methods by which `resized` finds values between pixels.
    public enum Interpolation: String, Sendable {
        case nearest, bilinear, bicubic
    }
    /// Resizes images [N, C, H, W].
    ///
    /// - Parameters:
    ///   - height: the height of the result, in pixels.
    ///   - width: the width of the result, in pixels.
    ///   - mode: the method that finds values between pixels.
    ///   - alignCorners: whether the centres of the corner pixels stay in place, rather than the image's outer edges;
    ///     without effect on nearest.
    ///   - antialias: whether bilinear widens its window when shrinking, so that no pixel is passed over.
    public func resized(
        _ height: Int, _ width: Int, mode: Interpolation = .bilinear, alignCorners: Bool = false,
        antialias: Bool = false
    ) throws -> Tensor {
        let size = OperatorArgument.ints([height, width])
        switch mode {
        case .nearest: return try Op.nearest(.tensor(self), size)
        case .bicubic: return try Op.bicubic(.tensor(self), size, .bool(alignCorners))
        case .bilinear:
            let op = antialias ? Op.bilinearAntialiased : Op.bilinear
            return try op(.tensor(self), size, .bool(alignCorners))
        }
    }

    /// The mean over the batch of -sum_k t_k log softmax(x)_k for logits [N, K], or [N, K, H, W] with a target for each
    /// position.
    ///
    /// - Parameters:
    ///   - target: int64 [N] or [N, H, W], or probabilities of the shape of the logits.
    ///   - weight: the weight of each class, [K]; nil for equal ones.
    ///   - smoothing: the share of each target that goes to all classes alike (Szegedy et al., 2016).
    public func crossEntropy(_ target: Tensor, weight: Tensor? = nil, smoothing: Double = 0) throws -> Tensor {
        try Op.crossEntropy(
            .tensor(self), .tensor(target), .optional(weight), .int(1), .int(-100), .double(smoothing))
    }

    /// The sum of -sum_k t_k log softmax(x)_k for logits [N, K, H, W] over all positions but those that have no label.
    ///
    /// - Parameters:
    ///   - target: int64 [N, H, W].
    ///   - ignored: the value of positions without a label.
    ///   - smoothing: the share of each target that goes to all classes alike.
    public func crossEntropySum(_ target: Tensor, ignored: Int, smoothing: Double = 0) throws -> Tensor {
        try Op.crossEntropy(
            .tensor(self), .tensor(target), .optional(nil), .int(2), .int(ignored), .double(smoothing))
    }

    /// The cross-entropies of pixels, for maps of logits [N, K, h, w], float32, that may be smaller than the labels: they are
    /// brought to the labels' size bilinearly, the centres of the corner positions staying in the corners.
    ///
    /// On the CPU, for channels-last logits, no map of logits for all pixels is made.
    ///
    /// - Parameters:
    ///   - labels: the class of each pixel, [N, H, W], uint8.
    ///   - ignored: the value of pixels without a label.
    /// - Returns: the sum over labelled pixels, and the number of pixels whose class has the largest logit, one element each;
    ///   gradients flow through the first.
    /// - Throws: `TorchError` for other shapes, or a label beyond the classes.
    public func pixelCrossEntropy(_ labels: Tensor, ignored: Int) throws -> (sum: Tensor, correct: Tensor) {
        let found = try pair(
            Op.pixelCrossEntropy.list(.tensor(self), .tensor(labels), .int(ignored)), "pixelCrossEntropy")
        return (found.0, found.1)
    }

    /// The mean of the squared differences.
    public func meanSquaredError(_ target: Tensor) throws -> Tensor {
        try Op.meanSquaredError(.tensor(self), .tensor(target))
    }
}
