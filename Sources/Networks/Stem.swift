import NN
import Torch

/// How the image enters a ResNeSt. Keys: `conv1` (`conv1.0` to `conv1.6` for the deep one), `bn1`.
struct Stem {
    private let deep: (Conv2d, BatchNorm2d, Conv2d, BatchNorm2d)?
    private let conv: Conv2d
    private let bn: BatchNorm2d

    init(_ scope: Scope, _ description: ResNeStDescription) throws {
        func convolution(_ scope: Scope, _ inputs: Int, _ outputs: Int, stride: Int = 1) throws -> Conv2d {
            try Conv2d(
                scope, inputs, outputs, kernel: 3, stride: stride, padding: 1, bias: false,
                initializer: SplitAttentionBottleneck.initializer)
        }
        let width = description.firstChannels
        let outputs = description.stemChannels
        let conv1 = scope / "conv1"
        switch description.stem {
        case .deep:
            // Numbered as in a PyTorch Sequential with ReLU at 2 and 5.
            deep = (
                try convolution(conv1 / 0, description.channels, width, stride: 2), try BatchNorm2d(conv1 / 1, width),
                try convolution(conv1 / 3, width, width), try BatchNorm2d(conv1 / 4, width)
            )
            conv = try convolution(conv1 / 6, width, outputs)
        case .small:
            deep = nil
            conv = try convolution(conv1, description.channels, outputs)
        }
        bn = try BatchNorm2d(scope / "bn1", outputs)
    }

    /// [N, channels, H, W] to [N, stem channels, H, W], or a quarter of each side for the deep stem.
    func callAsFunction(_ images: Tensor, _ mode: Mode) throws -> Tensor {
        guard let (conv0, bn0, conv3, bn3) = deep else {
            return try bn(conv(images), mode.batchNorm, relu: true)
        }
        let first = try bn0(conv0(images), mode.batchNorm, relu: true)
        let second = try bn3(conv3(first), mode.batchNorm, relu: true)
        return try bn(conv(second), mode.batchNorm, relu: true).maxPooled(3, stride: 2, padding: 1)
    }
}
