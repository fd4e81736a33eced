import Torch

/// Two-dimensional convolution. Keys: `weight` [out, in / groups, kh, kw], `bias` [out].
public struct Conv2d {
    /// The kernels, [out, in / groups, kh, kw]; learned.
    public let weight: Tensor
    /// The bias, [out]; learned. Nil without a bias, as where a batch norm follows, whose shift makes one redundant.
    public let bias: Tensor?
    /// Steps between windows, (vertical, horizontal).
    public let stride: (Int, Int)
    /// Zeros added on both sides, (top and bottom, left and right).
    public let padding: (Int, Int)
    /// Distance between the pixels that neighbouring weights see, (vertical, horizontal); 1 leaves no gaps.
    public let dilation: (Int, Int)
    /// Groups of channels that do not mix; as many as there are input channels makes the convolution depthwise.
    public let groups: Int
    private let format: MemoryFormat

    /// Registers a convolution's tensors. The bias starts as PyTorch's does unless it has an initialiser, too.
    ///
    /// - Throws: `TorchError` if the channels are not positive multiples of the groups, or a size is not positive.
    public init(
        _ scope: Scope, _ inputs: Int, _ outputs: Int, kernel: (Int, Int), stride: (Int, Int) = (1, 1),
        padding: (Int, Int) = (0, 0), dilation: (Int, Int) = (1, 1), groups: Int = 1, bias: Bool = true,
        initializer: Initializer = .defaultWeight, biasInitializer: Initializer? = nil
    ) throws {
        func refuse(_ message: String) -> TorchError {
            TorchError(.invalidArgument, operation: "Conv2d '\(scope.path)'", message: message)
        }
        guard groups > 0, inputs > 0, outputs > 0 else {
            throw refuse(
                "in_channels (=\(inputs)), out_channels (=\(outputs)) and groups (=\(groups)) must be positive")
        }
        guard inputs % groups == 0 else {
            throw refuse("in_channels (=\(inputs)) must be divisible by groups (=\(groups))")
        }
        guard outputs % groups == 0 else {
            throw refuse("out_channels (=\(outputs)) must be divisible by groups (=\(groups))")
        }
        guard min(kernel.0, kernel.1, stride.0, stride.1, dilation.0, dilation.1) > 0, min(padding.0, padding.1) >= 0
        else {
            throw refuse(
                "kernel (=\(kernel)), stride (=\(stride)) and dilation (=\(dilation)) must be positive, "
                    + "padding (=\(padding)) not negative")
        }
        let shape = [outputs, inputs / groups, kernel.0, kernel.1]
        weight = try scope.parameter("weight", shape, initializer)
        self.bias =
            bias ? try scope.parameter("bias", [outputs], biasInitializer ?? .defaultBias(weight: shape)) : nil
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
        format = scope.store.format
    }

    /// A square kernel. `padding` defaults to none.
    public init(
        _ scope: Scope, _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
        dilation: Int = 1, groups: Int = 1, bias: Bool = true, initializer: Initializer = .defaultWeight,
        biasInitializer: Initializer? = nil
    ) throws {
        try self.init(
            scope, inputs, outputs, kernel: (kernel, kernel), stride: (stride, stride), padding: (padding, padding),
            dilation: (dilation, dilation), groups: groups, bias: bias, initializer: initializer,
            biasInitializer: biasInitializer)
    }

    /// Convolves images: [N, in, H, W] to [N, out, H', W'], in the memory format of the store.
    public func callAsFunction(_ x: Tensor) throws -> Tensor {
        let y = try x.convolved(
            weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
        // One input channel or a 1x1 kernel looks the same in either format, and libtorch then takes the contiguous
        // one; everything after it would follow.
        return try y.contiguous(format)
    }
}

/// A fully connected layer, x W^T + b. Keys: `weight` [out, in], `bias` [out].
public struct Linear {
    /// The weight, [out, in]; learned.
    public let weight: Tensor
    /// The bias, [out]; learned. Nil where the layer was made without one.
    public let bias: Tensor?

    /// A layer from `inputs` to `outputs` features. The bias starts as PyTorch's does unless it has an initialiser, too.
    public init(
        _ scope: Scope, _ inputs: Int, _ outputs: Int, bias: Bool = true, initializer: Initializer = .defaultWeight,
        biasInitializer: Initializer? = nil
    ) throws {
        weight = try scope.parameter("weight", [outputs, inputs], initializer)
        let start = biasInitializer ?? .defaultBias(weight: [outputs, inputs])
        self.bias = bias ? try scope.parameter("bias", [outputs], start) : nil
    }

    /// Maps features: [..., in] to [..., out].
    public func callAsFunction(_ x: Tensor) throws -> Tensor { try x.linear(weight, bias: bias) }

    /// Maps features [..., in] to outputs [..., out], float32. Features in bfloat16 are mapped in bfloat16 by weights of
    /// any element type, as a classifier within PyTorch's autocast is; the loss and the score are float32.
    public func outputs(_ features: Tensor) throws -> Tensor {
        guard features.dtype == .bfloat16 else { return try self(features).to(.float32) }
        return try withPrecision(.bfloat16, on: features.device) { try self(features) }.to(.float32)
    }
}

/// Batch normalisation (Ioffe and Szegedy, 2015), optionally with what follows it in a residual network. Keys:
/// `weight`, `bias`, `running_mean`, `running_var`, each [C], and `num_batches_tracked`.
public struct BatchNorm2d {
    /// The scale, [C]; learned. Nil without `affine`.
    public let weight: Tensor?
    /// The shift, [C]; learned. Nil without `affine`.
    public let bias: Tensor?
    /// Running mean of each channel, [C]; a buffer, 0 at first.
    public let runningMean: Tensor
    /// Running unbiased variance of each channel, [C]; a buffer, 1 at first.
    public let runningVariance: Tensor
    /// Batches that the running statistics were made from: int64, no dimensions. PyTorch's files hold it; it plays no
    /// part in the result.
    public let batchesTracked: Tensor
    /// Added to the variance before its square root is taken. 1e-5 is PyTorch's default, which checkpoints assume.
    public let epsilon: Double

    /// The default of PyTorch for `epsilon`.
    public static let defaultEpsilon = 1e-5

    /// Registers the tensors of a batch norm.
    ///
    /// - Parameters:
    ///   - scope: the place of the tensors in the store; their keys begin with its path.
    ///   - channels: C.
    ///   - affine: whether a scale and a shift are learned.
    ///   - scale: the initial value of the learned scale; 0 lets a residual block start as the identity.
    ///   - epsilon: added to the variance before its square root is taken.
    public init(
        _ scope: Scope, _ channels: Int, affine: Bool = true, scale: Double = 1,
        epsilon: Double = BatchNorm2d.defaultEpsilon
    ) throws {
        weight = affine ? try scope.parameter("weight", [channels], .constant(scale)) : nil
        bias = affine ? try scope.parameter("bias", [channels], .zeros) : nil
        runningMean = try scope.buffer("running_mean", .zeros([channels]))
        runningVariance = try scope.buffer("running_var", .ones([channels]))
        batchesTracked = try scope.buffer("num_batches_tracked", .zeros([], dtype: .int64))
        self.epsilon = epsilon
    }

    /// Computes relu?(norm(x) + residual?), [N, C, ...] to the same shape: of images [N, C, H, W], or of features [N,
    /// C], where the layer is what PyTorch calls `BatchNorm1d`, under the same keys.
    public func callAsFunction(
        _ x: Tensor, _ policy: BatchNormPolicy, residual: Tensor? = nil, relu: Bool = false
    ) throws -> Tensor {
        let momentum: Double
        switch policy {
        case .training(let given), .synchronised(let given, _):
            momentum = given
            try withoutGradients { try batchesTracked.addInPlace(Self.one(on: batchesTracked.device)) }
        case .recalibrating(let batch):
            momentum = 1 / Double(batch + 1)
            if batch == 0 {
                // With a momentum of 1 nothing of the old values is left, but for rounding: x + (y - x) is not y.
                try runningMean.fillInPlace(0)
                try runningVariance.fillInPlace(0)
            }
            try batchesTracked.fillInPlace(Double(batch + 1))
        case .batch, .running: momentum = 0
        }
        // `.batch` leaves the running statistics out of the call rather than moving them by nothing.
        let running = policy != .batch
        let group = if case .synchronised(_, let name) = policy { name } else { "" }
        return try x.batchNormalized(
            weight: weight, bias: bias, residual: residual, runningMean: running ? runningMean : nil,
            runningVariance: running ? runningVariance : nil, training: policy.usesBatch, momentum: momentum,
            epsilon: epsilon, relu: relu, group: group)
    }

    private static let hostOne = try? Tensor(Int64(1))

    private static func one(on device: Device) throws -> Tensor {
        if device.kind == .cpu, let hostOne { return hostOne }
        return try Tensor(Int64(1), device: device)
    }
}

extension Tensor {
    /// Dropout (Srivastava et al., 2014): sets elements to 0 with the given probability and scales the others so that
    /// the mean stays. Without a generator in the mode, the tensor itself is returned.
    ///
    /// - Parameters:
    ///   - probability: the share of elements that are set to 0, in the mean.
    ///   - channels: whether of [N, C, ...] the channels of an image are set to 0 as wholes (Tompson et al., 2015).
    ///   - mode: the mode of this pass, whose generator is drawn from.
    /// - Throws: `TorchError` unless 0 <= probability < 1.
    public func dropped(_ probability: Double, ofChannels channels: Bool = false, _ mode: Mode) throws -> Tensor {
        guard (0..<1).contains(probability) else {
            throw TorchError(
                .invalidArgument, operation: "dropout", shapes: [shape],
                message: "the probability must be at least 0 and less than 1, not \(probability)")
        }
        guard let generator = mode.dropout, probability > 0 else { return self }
        let keep = 1 - probability
        let drawn = channels ? shape.prefix(2) + shape.dropFirst(2).map { _ in 1 } : shape
        return try kept(where: .bernoulli(drawn, probability: keep, dtype: dtype, using: generator), share: keep)
    }

    /// The elements where `mask` is 1 over the share of those that are kept, and 0 where it is 0.
    func kept(where mask: Tensor, share: Double) throws -> Tensor { try self * (mask / share) }
}
