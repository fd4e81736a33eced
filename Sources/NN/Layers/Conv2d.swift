import Torch

/// Two-dimensional convolution. Keys: `weight` [out, in / groups, kh, kw], `bias` [out].
public struct Conv2d {
    /// [out, in / groups, kh, kw]; learned.
    public let weight: Tensor
    /// [out]; learned. Nil without a bias, as where a batch norm follows: its shift makes one redundant.
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

    /// - Throws: `TorchError` if the channels are not positive multiples of the groups, or a size is not positive.
    public init(
        _ scope: Scope, _ inputs: Int, _ outputs: Int, kernel: (Int, Int), stride: (Int, Int) = (1, 1),
        padding: (Int, Int) = (0, 0), dilation: (Int, Int) = (1, 1), groups: Int = 1, bias: Bool = true,
        initializer: Initializer = .defaultWeight
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
        self.bias = bias ? try scope.parameter("bias", [outputs], .defaultBias(weight: shape)) : nil
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
        format = scope.store.format
    }

    /// A square kernel. `padding` defaults to none.
    public init(
        _ scope: Scope, _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
        dilation: Int = 1, groups: Int = 1, bias: Bool = true, initializer: Initializer = .defaultWeight
    ) throws {
        try self.init(
            scope, inputs, outputs, kernel: (kernel, kernel), stride: (stride, stride), padding: (padding, padding),
            dilation: (dilation, dilation), groups: groups, bias: bias, initializer: initializer)
    }

    /// [N, in, H, W] to [N, out, H', W'], in the store's memory format.
    public func callAsFunction(_ x: Tensor) throws -> Tensor {
        let y = try x.convolved(
            weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
        // One input channel or a 1x1 kernel looks the same in either format, and libtorch then takes the contiguous
        // one; everything after it would follow.
        return try y.contiguous(format)
    }
}
