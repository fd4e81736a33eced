import NN
import Torch

/// A projection for a block whose input and output differ: pool, 1x1 convolution, batch norm (ResNet-D's shortcut, He
/// et al., 2018). Keys: `1.weight`, `2.…`, as in a PyTorch Sequential with the pooling at 0.
public struct Shortcut {
    let stride: Int
    let conv: Conv2d
    let bn: BatchNorm2d

    /// A projection from `inputs` to `outputs` channels that also shrinks each side by `stride`.
    public init(_ scope: Scope, _ inputs: Int, _ outputs: Int, stride: Int) throws {
        self.stride = stride
        conv = try Conv2d(
            scope / 1, inputs, outputs, kernel: 1, bias: false, initializer: SplitAttentionBottleneck.initializer)
        bn = try BatchNorm2d(scope / 2, outputs)
    }

    /// [N, inputs, H, W] to [N, outputs, H', W'], each side divided by the stride and rounded up.
    public func callAsFunction(_ x: Tensor, _ mode: Mode) throws -> Tensor {
        let pooled = stride == 1 ? x : try x.averagePooled(stride, ceil: true, countPadding: false)
        return try bn(conv(pooled), mode.batchNorm)
    }
}

/// 1x1 convolution, split attention, 1x1 convolution, added to the shortcut. Keys: `conv1`, `bn1`, `conv2` (the split
/// attention), `conv3`, `bn3`, and `downsample` where the shortcut projects.
public struct SplitAttentionBottleneck {
    /// Normal of variance 2 / (kernel area * outputs).
    static let initializer = Initializer.kaimingNormal(fan: .output, slope: 0)

    let conv1: Conv2d
    let bn1: BatchNorm2d
    let conv2: SplitAttention
    let stride: Int
    let conv3: Conv2d
    let bn3: BatchNorm2d
    let shortcut: Shortcut?

    /// - Parameters:
    ///   - scope: where the tensors are stored; their keys begin with its path.
    ///   - inputs: channels in; they must equal `outputs` where there is no shortcut to project them.
    ///   - outputs: channels out.
    ///   - planes: the stage's width, from which `choice` makes that of the 3x3 convolution.
    ///   - stride: taken by average pooling after the split attention.
    ///   - choice: the candidate: radix, cardinality and base width.
    ///   - shortcut: the projection of the input; nil adds the input as it is.
    ///   - lastScale: where the scale of the last batch norm starts; 0 makes the block start as its shortcut.
    public init(
        _ scope: Scope, _ inputs: Int, _ outputs: Int, planes: Int, stride: Int, choice: SplitAttentionChoice,
        shortcut: Shortcut?, lastScale: Double = 1
    ) throws {
        let width = choice.innerWidth(planes: planes)
        conv1 = try Conv2d(scope / "conv1", inputs, width, kernel: 1, bias: false, initializer: Self.initializer)
        bn1 = try BatchNorm2d(scope / "bn1", width)
        conv2 = try SplitAttention(
            scope / "conv2", width, radix: choice.radix, cardinality: choice.cardinality,
            initializer: Self.initializer)
        self.stride = stride
        conv3 = try Conv2d(scope / "conv3", width, outputs, kernel: 1, bias: false, initializer: Self.initializer)
        bn3 = try BatchNorm2d(scope / "bn3", outputs, scale: lastScale)
        self.shortcut = shortcut
    }

    /// [N, inputs, H, W] to [N, outputs, H / stride, W / stride], rounded up.
    public func callAsFunction(_ x: Tensor, _ mode: Mode) throws -> Tensor {
        let residual = try shortcut.map { try $0(x, mode) } ?? x
        var y = try bn1(conv1(x), mode.batchNorm, relu: true)
        y = try conv2(y, mode)
        // Strides are taken by pooling after the 3x3, which keeps every pixel in play.
        if stride > 1 { y = try y.averagePooled(3, stride: stride, padding: 1) }
        return try bn3(conv3(y), mode.batchNorm, residual: residual, relu: true)
    }
}
