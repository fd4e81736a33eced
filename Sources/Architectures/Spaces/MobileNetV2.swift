/// MobileNetV2 as torchvision has it (Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
/// CVPR 2018), under the keys of torchvision's checkpoints: a network without choices.
///
/// With three channels and a multiplier of 1 it has 3,504,872 parameters and 300,774,272 multiply-adds at 224 pixels,
/// both with a classifier of 1,000 classes.
public struct MobileNetV2: Sendable, Hashable {
    /// Blocks of one width, of which the first may have a stride.
    private struct Stage {
        let expansion: Int
        let width: Int
        let depth: Int
        let stride: Int
    }

    /// The number of channels of the images.
    public var channels: Int
    /// The number by which all widths are multiplied, before they are rounded to multiples of 8. The features stay at
    /// 1,280 where it is less than 1.
    public var widthMultiplier: Double

    /// A network of these sizes, unchecked.
    public init(channels: Int = 3, widthMultiplier: Double = 1) {
        self.channels = channels
        self.widthMultiplier = widthMultiplier
    }

    private static let stages = [
        Stage(expansion: 1, width: 16, depth: 1, stride: 1),
        Stage(expansion: 6, width: 24, depth: 2, stride: 2),
        Stage(expansion: 6, width: 32, depth: 3, stride: 2),
        Stage(expansion: 6, width: 64, depth: 4, stride: 2),
        Stage(expansion: 6, width: 96, depth: 3, stride: 1),
        Stage(expansion: 6, width: 160, depth: 3, stride: 2),
        Stage(expansion: 6, width: 320, depth: 1, stride: 1),
    ]

    /// The layers from [channels, H, W] to the features: [1280], or more with a multiplier above 1. Each block is one
    /// part, `features.1.conv` to `features.17.conv`.
    ///
    /// - Throws: `SpaceError.layer` that names each size that makes no sense.
    public func backbone() throws -> Layer {
        let problems = ScaledWidth.problems(
            channels: channels, multipliers: [("the width multiplier", widthMultiplier)])
        guard problems.isEmpty else {
            throw SpaceError.layer(path: "mobilenet-v2", problems.joined(separator: "; "))
        }
        func scaled(_ width: Int) -> Int { ScaledWidth.channels(width, times: widthMultiplier) }
        var inputs = scaled(32)
        var parts = Self.convolution("features.0", inputs, kernel: 3, stride: 2)
        var number = 1
        for stage in Self.stages {
            let outputs = scaled(stage.width)
            for index in 0..<stage.depth {
                let block = Self.block(
                    inputs: inputs, outputs: outputs, expansion: stage.expansion,
                    stride: index == 0 ? stage.stride : 1)
                parts.append(Layer.Part("features.\(number).conv", block))
                (inputs, number) = (outputs, number + 1)
            }
        }
        parts += Self.convolution(
            "features.\(number)", ScaledWidth.channels(1280, times: max(1, widthMultiplier)), kernel: 1)
        return .sequence(parts + [Layer.Part("", .globalPool)])
    }

    /// An inverted bottleneck: expand, depthwise convolution, project, and the sum with what came in where it keeps the
    /// shape.
    private static func block(inputs: Int, outputs: Int, expansion: Int, stride: Int) -> Layer {
        let inner = inputs * expansion
        let expand = expansion > 1 ? [convolution("0", inner, kernel: 1)] : []
        let depthwise = convolution("\(expand.count)", inner, kernel: 3, stride: stride, groups: inner)
        let last = expand.count + 1
        let project = [
            Layer.Part("\(last)", .convolution(.init(outputs, kernel: 1))),
            Layer.Part("\(last + 1)", .batchNorm(scale: 1)),
        ]
        let body = Layer.sequence(expand.flatMap(\.self) + depthwise + project)
        return stride == 1 && inputs == outputs ? .residual(body: body, shortcut: nil, relu: false) : body
    }

    /// The parts of a convolution, a batch norm and ReLU6, under the keys `0` and `1` behind a prefix.
    private static func convolution(
        _ prefix: String, _ outputs: Int, kernel: Int, stride: Int = 1, groups: Int = 1
    ) -> [Layer.Part] {
        [
            Layer.Part(prefix + ".0", .convolution(.init(outputs, kernel: kernel, stride: stride, groups: groups))),
            Layer.Part(prefix + ".1", .batchNorm(scale: 1)), Layer.Part("", .relu6),
        ]
    }
}
