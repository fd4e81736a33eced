/// EfficientNet-Lite0 and what becomes of it when blocks are made narrower or left out (Tan and Le, "EfficientNet",
/// ICML 2019; Liu, "Higher accuracy on vision models with EfficientNet-Lite", 2020: ReLU6, no squeeze-and-excitation).
///
/// The path of zeros is the published network, under the keys of its checkpoint for PyTorch. Every other candidate is a
/// part of a block of it, so that one trained network gives all paths weights to begin with (as in Cai et al.,
/// "Once-for-All", ICLR 2020).
public struct EfficientNetLiteSpace: Sendable, Hashable {
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

    /// The names of the candidates of each block that is a choice: the whole of it, half of its inner channels, and
    /// nothing where it keeps the shape.
    private static let (whole, half, identity) = ("whole", "half", "identity")

    /// The space. The first block has no inner channels to spare and is no choice.
    ///
    /// - Throws: `SpaceError.invalid`.
    public func description(name: String = "efficientnet-lite0") throws -> SupernetDescription {
        try validate(name)
        var layout = EfficientNetLiteLayout()
        (layout.stemWidth, layout.stemStride, layout.headWidth) = (stemWidth, stemStride, headWidth)
        for (stage, width) in widths.enumerated() { layout.stages[stage].width = width }
        let backbone = layout.backbone { block in
            let whole = block.layer(inner: block.inner)
            guard block.expands else { return whole }
            var candidates = [
                Layer.Candidate(Self.whole, whole), Layer.Candidate(Self.half, block.layer(inner: block.inner / 2)),
            ]
            if block.keepsShape { candidates.append(Layer.Candidate(Self.identity, .identity)) }
            return .choice(Layer.Choice("block \(block.number)", candidates))
        }
        return try SupernetDescription(name, channels: channels, backbone: backbone)
    }

    private func validate(_ name: String) throws {
        var problems: [String] = []
        let stages = EfficientNetLiteLayout().stages.count
        if widths.count != stages {
            problems.append("widths (\(widths)) must have one entry for each of the \(stages) stages")
        }
        let sizes = widths + [channels, stemWidth, headWidth]
        if !sizes.allSatisfy({ (1...8192).contains($0) }) {
            problems.append("every size must be from 1 to 8,192; there are \(sizes)")
        }
        if !(1...2).contains(stemStride) { problems.append("stem-stride (=\(stemStride)) must be 1 or 2") }
        guard problems.isEmpty else { throw SpaceError.invalid(space: name, problems) }
    }
}
