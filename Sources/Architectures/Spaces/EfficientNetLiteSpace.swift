/// EfficientNet-Lite0 and what becomes of it when blocks are made narrower or left out (Tan and Le, "EfficientNet",
/// ICML 2019; Liu, "Higher accuracy on vision models with EfficientNet-Lite", 2020: ReLU6, no squeeze-and-excitation).
///
/// The path of zeros is the published network, under the keys of its checkpoint for PyTorch. Every other candidate is a
/// part of a block of it, so that one trained network gives all paths weights to begin with (as in Cai et al.,
/// "Once-for-All", ICLR 2020).
public struct EfficientNetLiteSpace: Sendable, Hashable {
    /// Blocks of one kernel and width, of which the first may have a stride.
    private struct Stage {
        let depth: Int
        let kernel: Int
        let stride: Int
        let expansion: Int
    }

    /// The number of channels of the images.
    public var channels: Int
    /// The stride of the stem: 2 in the published network, 1 for images of 28 to 64 pixels.
    public var stemStride: Int
    /// The number of channels after the stem.
    public var stemWidth: Int
    /// The number of output channels of each of the seven stages.
    public var widths: [Int]
    /// The number of channels of the 1x1 convolution after the last block.
    public var headWidth: Int

    /// The published network's space, for images of 224 pixels; other sizes are best multiples of 32.
    public init(
        channels: Int = 3, stemStride: Int = 2, stemWidth: Int = 32,
        widths: [Int] = [16, 24, 40, 80, 112, 192, 320], headWidth: Int = 1280
    ) {
        self.channels = channels
        self.stemStride = stemStride
        self.stemWidth = stemWidth
        self.widths = widths
        self.headWidth = headWidth
    }

    private static let stages = [
        Stage(depth: 1, kernel: 3, stride: 1, expansion: 1),
        Stage(depth: 2, kernel: 3, stride: 2, expansion: 6),
        Stage(depth: 2, kernel: 5, stride: 2, expansion: 6),
        Stage(depth: 3, kernel: 3, stride: 2, expansion: 6),
        Stage(depth: 3, kernel: 5, stride: 1, expansion: 6),
        Stage(depth: 4, kernel: 5, stride: 2, expansion: 6),
        Stage(depth: 1, kernel: 3, stride: 1, expansion: 6),
    ]
    /// The names of the candidates of each block that is a choice: the whole of it, half of its inner channels, and
    /// nothing where it keeps the shape.
    private static let (whole, half, identity) = ("whole", "half", "identity")

    /// The space. The first block has no inner channels to spare and is no choice.
    ///
    /// - Throws: `SpaceError.invalid`.
    public func description(name: String = "efficientnet-lite0") throws -> SupernetDescription {
        try validate(name)
        var parts = Self.convolution("_conv_stem", "_bn0", stemWidth, kernel: 3, stride: stemStride, activation: true)
        var (inputs, number) = (stemWidth, 0)
        for (stage, outputs) in zip(Self.stages, widths) {
            for index in 0..<stage.depth {
                let key = "_blocks.\(number)"
                let stride = index == 0 ? stage.stride : 1
                let keepsShape = stride == 1 && inputs == outputs
                func block(_ inner: Int) -> Layer {
                    Self.block(
                        inner: inner, outputs: outputs, kernel: stage.kernel, stride: stride,
                        expands: stage.expansion > 1, residual: keepsShape)
                }
                let inner = inputs * stage.expansion
                if stage.expansion == 1 {
                    parts.append(Layer.Part(key, block(inner)))
                } else {
                    var candidates = [
                        Layer.Candidate(Self.whole, block(inner)), Layer.Candidate(Self.half, block(inner / 2)),
                    ]
                    if keepsShape { candidates.append(Layer.Candidate(Self.identity, .identity)) }
                    parts.append(Layer.Part(key, .choice(Layer.Choice("block \(number)", candidates))))
                }
                (inputs, number) = (outputs, number + 1)
            }
        }
        parts += Self.convolution("_conv_head", "_bn1", headWidth, kernel: 1, activation: true)
        return try SupernetDescription(
            name, channels: channels, backbone: .sequence(parts + [Layer.Part("", .globalPool)]))
    }

    private func validate(_ name: String) throws {
        var problems: [String] = []
        if widths.count != Self.stages.count {
            problems.append("widths (\(widths)) must have one entry for each of the \(Self.stages.count) stages")
        }
        let sizes = widths + [channels, stemWidth, headWidth]
        if !sizes.allSatisfy({ (1...8192).contains($0) }) {
            problems.append("every size must be from 1 to 8,192; there are \(sizes)")
        }
        if !(1...2).contains(stemStride) { problems.append("stem-stride (=\(stemStride)) must be 1 or 2") }
        guard problems.isEmpty else { throw SpaceError.invalid(space: name, problems) }
    }

    /// An inverted bottleneck: expand, depthwise convolution, project, under the checkpoint's keys.
    private static func block(
        inner: Int, outputs: Int, kernel: Int, stride: Int, expands: Bool, residual: Bool
    ) -> Layer {
        let body = Layer.sequence(
            (expands ? convolution("_expand_conv", "_bn0", inner, kernel: 1, activation: true) : [])
                + convolution(
                    "_depthwise_conv", "_bn1", inner, kernel: kernel, stride: stride, groups: inner, activation: true)
                + convolution("_project_conv", "_bn2", outputs, kernel: 1, activation: false))
        return residual ? .residual(body: body, shortcut: nil, relu: false) : body
    }

    /// The parts of a block of convolution, batch norm and, if wanted, ReLU6. Before a stride there are as many zeros
    /// as TensorFlow has for sides that are even: fewer in front than behind.
    private static func convolution(
        _ conv: String, _ norm: String, _ outputs: Int, kernel: Int, stride: Int = 1, groups: Int = 1, activation: Bool
    ) -> [Layer.Part] {
        var parts: [Layer.Part] = []
        let zeros = kernel - stride
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
