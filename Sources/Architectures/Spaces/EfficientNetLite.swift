/// A published network of the EfficientNet-Lite family (Tan and Le, "EfficientNet", ICML 2019; Liu, "Higher accuracy on
/// vision models with EfficientNet-Lite", 2020: ReLU6, no squeeze-and-excitation), under the keys of its checkpoints for
/// PyTorch: a network without choices. ``EfficientNetLiteSpace`` is a search space around the smallest of them.
///
/// A larger network of the family is wider and deeper by two multipliers, except that its stem and its head keep their
/// widths, and its first and last stage their depths.
public struct EfficientNetLite: Sendable, Hashable {
    /// The number of channels of the images.
    public var channels: Int
    /// The number by which the widths of the stages are multiplied, before they are rounded to multiples of 8.
    public var widthMultiplier: Double
    /// The number by which the depths of the stages are multiplied, before they are rounded up.
    public var depthMultiplier: Double
    /// The side of the square images, in pixels, for which zeros are put where TensorFlow puts them: before a stride,
    /// a side that is odd has one more in front of it than a side that is even. Parameters do not depend on it, and
    /// the network takes images of other sizes, too.
    public var imageSide: Int

    /// A network of these sizes, unchecked.
    public init(
        channels: Int = 3, widthMultiplier: Double = 1, depthMultiplier: Double = 1, imageSide: Int = 224
    ) {
        self.channels = channels
        self.widthMultiplier = widthMultiplier
        self.depthMultiplier = depthMultiplier
        self.imageSide = imageSide
    }

    /// EfficientNet-Lite0, for photographs of 224 pixels: 4,652,008 parameters and 385,187,552 multiply-adds with 1,000
    /// classes.
    public static let lite0 = EfficientNetLite()
    /// EfficientNet-Lite2, for photographs of 260 pixels: 6,092,072 parameters and 859,736,272 multiply-adds with 1,000
    /// classes.
    public static let lite2 = EfficientNetLite(widthMultiplier: 1.1, depthMultiplier: 1.2, imageSide: 260)

    /// The layers from [channels, H, W] to [1280] features. Each block is one part, `_blocks.0` and so on.
    ///
    /// - Throws: `SpaceError.layer` that names each size that makes no sense.
    public func backbone() throws -> Layer {
        var problems = ScaledWidth.problems(
            channels: channels,
            multipliers: [
                ("the width multiplier", widthMultiplier), ("the depth multiplier", depthMultiplier),
            ])
        if !(1...8192).contains(imageSide) {
            problems.append("the side of the images (=\(imageSide)) must be from 1 to 8,192")
        }
        guard problems.isEmpty else {
            throw SpaceError.layer(path: "efficientnet-lite", problems.joined(separator: "; "))
        }
        var layout = EfficientNetLiteLayout()
        layout.imageSide = imageSide
        for index in layout.stages.indices {
            layout.stages[index].width = ScaledWidth.channels(layout.stages[index].width, times: widthMultiplier)
            guard index > 0, index < layout.stages.count - 1 else { continue }
            let depth = (Double(layout.stages[index].depth) * depthMultiplier).rounded(.up)
            layout.stages[index].depth = Int(depth)
        }
        return layout.backbone { $0.layer(inner: $0.inner) }
    }
}

/// The sizes of a network of the EfficientNet-Lite family, and the layers that follow from them.
struct EfficientNetLiteLayout {
    /// Blocks of one kernel and width, of which the first may have a stride.
    struct Stage {
        var width: Int
        var depth: Int
        let kernel: Int
        let stride: Int
        let expansion: Int
    }

    /// One block, with all that its layers follow from.
    struct Block {
        /// The position among all blocks.
        let number: Int
        /// The number of inner channels of the published block.
        let inner: Int
        let outputs: Int
        let kernel: Int
        let stride: Int
        /// Whether a 1x1 convolution makes the inner channels; without it there are none to spare.
        let expands: Bool
        /// Whether as many channels of the same size come out as went in, so that the two are added.
        let keepsShape: Bool
        /// The number of zeros on both sides of the image together, before a stride.
        let zeros: Int

        /// An inverted bottleneck with this many inner channels: expand, depthwise convolution, project.
        func layer(inner: Int) -> Layer {
            let body = Layer.sequence(
                (expands
                    ? EfficientNetLiteLayout.convolution("_expand_conv", "_bn0", inner, kernel: 1, activation: true)
                    : [])
                    + EfficientNetLiteLayout.convolution(
                        "_depthwise_conv", "_bn1", inner, kernel: kernel, stride: stride, zeros: zeros, groups: inner,
                        activation: true)
                    + EfficientNetLiteLayout.convolution("_project_conv", "_bn2", outputs, kernel: 1, activation: false)
            )
            return keepsShape ? .residual(body: body, shortcut: nil, relu: false) : body
        }
    }

    var stemWidth = 32
    var stemStride = 2
    var headWidth = 1280
    /// The side of the images; nil for sides that are even before every stride.
    var imageSide: Int?
    /// The stages, with the sizes of EfficientNet-Lite0.
    var stages = [
        Stage(width: 16, depth: 1, kernel: 3, stride: 1, expansion: 1),
        Stage(width: 24, depth: 2, kernel: 3, stride: 2, expansion: 6),
        Stage(width: 40, depth: 2, kernel: 5, stride: 2, expansion: 6),
        Stage(width: 80, depth: 3, kernel: 3, stride: 2, expansion: 6),
        Stage(width: 112, depth: 3, kernel: 5, stride: 1, expansion: 6),
        Stage(width: 192, depth: 4, kernel: 5, stride: 2, expansion: 6),
        Stage(width: 320, depth: 1, kernel: 3, stride: 1, expansion: 6),
    ]

    /// Stem, blocks, head and pooling, with a layer for each block.
    func backbone(_ layer: (Block) -> Layer) -> Layer {
        var side = imageSide
        /// The zeros with which as many windows fit as the image has strides, begun ones included; the next image has a
        /// position for each.
        func zeros(kernel: Int, stride: Int) -> Int {
            let rest = side.map { $0 % stride } ?? 0
            side = side.map { ($0 + stride - 1) / stride }
            return max(kernel - (rest == 0 ? stride : rest), 0)
        }
        var parts = Self.convolution(
            "_conv_stem", "_bn0", stemWidth, kernel: 3, stride: stemStride,
            zeros: zeros(kernel: 3, stride: stemStride), activation: true)
        var (inputs, number) = (stemWidth, 0)
        for stage in stages {
            for index in 0..<stage.depth {
                let stride = index == 0 ? stage.stride : 1
                let block = Block(
                    number: number, inner: inputs * stage.expansion, outputs: stage.width, kernel: stage.kernel,
                    stride: stride, expands: stage.expansion > 1, keepsShape: stride == 1 && inputs == stage.width,
                    zeros: zeros(kernel: stage.kernel, stride: stride))
                parts.append(Layer.Part("_blocks.\(number)", layer(block)))
                (inputs, number) = (stage.width, number + 1)
            }
        }
        parts += Self.convolution("_conv_head", "_bn1", headWidth, kernel: 1, activation: true)
        return .sequence(parts + [Layer.Part("", .globalPool)])
    }

    /// The parts of a block of convolution, batch norm and, if wanted, ReLU6, under the checkpoint's keys. Before a
    /// stride there are as many zeros as TensorFlow has: where their number is odd, fewer in front than behind.
    private static func convolution(
        _ conv: String, _ norm: String, _ outputs: Int, kernel: Int, stride: Int = 1, zeros: Int = 0, groups: Int = 1,
        activation: Bool
    ) -> [Layer.Part] {
        var parts: [Layer.Part] = []
        if stride > 1 { parts.append(Layer.Part("", .pad(before: zeros / 2, after: zeros - zeros / 2))) }
        parts += [
            Layer.Part(
                conv,
                .convolution(
                    .init(
                        outputs, kernel: kernel, stride: stride, padding: stride > 1 ? 0 : kernel / 2, groups: groups))),
            Layer.Part(norm, .batchNorm(scale: 1)),
        ]
        return activation ? parts + [Layer.Part("", .relu6)] : parts
    }
}
