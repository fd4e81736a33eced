import NN
import Torch

/// A convolution, then a batch norm or a bias, then ReLU if wanted.
struct HeadConvolution {
    private let convolution: Conv2d
    private let norm: BatchNorm2d?
    private let relu: Bool

    /// Registers the tensors: `weight` and `bias`, or `weight` and those of `norm`.
    init(
        _ scope: Scope, _ inputs: Int, _ outputs: Int, kernel: Int, isNormed: Bool, relu: Bool,
        initializer: Initializer
    ) throws {
        convolution = try Conv2d(
            scope, inputs, outputs, kernel: kernel, padding: kernel / 2, bias: !isNormed, initializer: initializer,
            biasInitializer: .zeros)
        norm = isNormed ? try BatchNorm2d(scope / "norm", outputs) : nil
        self.relu = relu
    }

    func callAsFunction(_ x: Tensor, _ mode: Mode) throws -> Tensor {
        let y = try convolution(x)
        if let norm { return try norm(y, mode.batchNorm, relu: relu) }
        return relu ? try y.relu() : y
    }
}

/// Maps of all sizes with the same channels, each of which knows what the coarser ones saw (Lin et al., "Feature Pyramid
/// Networks for Object Detection", CVPR 2017). Keys: `fpn_lateral2` to `fpn_lateral5` and `fpn_output2` to `fpn_output5`.
public struct FeaturePyramid {
    private let laterals: [HeadConvolution]
    private let outputs: [HeadConvolution]

    /// Registers the pyramid's tensors.
    ///
    /// - Parameters:
    ///   - scope: the place of the tensors in the store.
    ///   - inputs: the channels of the backbone's maps, from the finest to the coarsest.
    ///   - width: the channels of all maps of the pyramid.
    ///   - isNormed: whether batch norms take the place of biases.
    /// - Throws: `TorchError` for channels that are none.
    public init(_ scope: Scope, inputs: [Int], width: Int, isNormed: Bool) throws {
        let start = Initializer.kaimingUniform(fan: .input, slope: 1)
        laterals = try inputs.enumerated().map { level, channels in
            try HeadConvolution(
                scope / "fpn_lateral\(level + 2)", channels, width, kernel: 1, isNormed: isNormed, relu: false,
                initializer: start)
        }
        outputs = try inputs.indices.map { level in
            try HeadConvolution(
                scope / "fpn_output\(level + 2)", width, width, kernel: 3, isNormed: isNormed, relu: false,
                initializer: start)
        }
    }

    /// The maps of the pyramid, the finest first; one coarser than the coarsest given follows, every second place of it.
    ///
    /// - Parameters:
    ///   - maps: the backbone's maps [N, C, H, W], the finest first.
    ///   - mode: the mode of the pass.
    public func callAsFunction(_ maps: [Tensor], _ mode: Mode) throws -> [Tensor] {
        var above: Tensor?
        var inner: [Tensor] = []
        for level in laterals.indices.reversed() {
            var map = try laterals[level](maps[level], mode)
            if let above {
                map = try map + above.resized(map.shape[2], map.shape[3], mode: .nearest)
            }
            above = map
            inner.append(map)
        }
        var levels = try zip(outputs, inner.reversed()).map { output, map in try output(map, mode) }
        if let last = levels.last { levels.append(try last.maxPooled(1, stride: 2)) }
        return levels
    }
}
