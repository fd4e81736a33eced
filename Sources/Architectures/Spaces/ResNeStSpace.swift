/// A block shape of Pi-NAS's search space, by radix, cardinality and base width (Peng et al., "Pi-NAS", ICCV 2021,
/// section 4.1).
public struct SplitAttentionChoice: Sendable, Hashable {
    /// The number of splits that attention weighs against each other.
    public let radix: Int
    /// The number of groups of channels that do not mix.
    public let cardinality: Int
    /// The number of channels of one group where a block has 64 planes.
    public let baseWidth: Int

    /// A block shape of any numbers; the search space has only those of `all`.
    public init(radix: Int, cardinality: Int, baseWidth: Int) {
        self.radix = radix
        self.cardinality = cardinality
        self.baseWidth = baseWidth
    }

    /// The candidates 0 to 3 of every block.
    public static let all = [
        SplitAttentionChoice(radix: 1, cardinality: 1, baseWidth: 64),
        SplitAttentionChoice(radix: 2, cardinality: 1, baseWidth: 64),
        SplitAttentionChoice(radix: 1, cardinality: 2, baseWidth: 42),
        SplitAttentionChoice(radix: 2, cardinality: 2, baseWidth: 40),
    ]

    /// The number of channels between a block's 1x1 convolutions.
    public func innerWidth(planes: Int) -> Int {
        // Integer arithmetic as in the published networks: 42 of 64 planes is 42, of 128 planes 84.
        planes * baseWidth / 64 * cardinality
    }

    /// The shape in words, such as `radix 2, 1 x 64`.
    public var name: String { "radix \(radix), \(cardinality) x \(baseWidth)" }
}

/// Residual networks of split-attention bottlenecks whose blocks are chosen one by one (Zhang et al., "ResNeSt", 2020;
/// the space of Peng et al., "Pi-NAS", 2021, section 4.1). Keys are those of the published networks: `conv1`, `bn1`,
/// `layerL.i.…`.
public struct ResNeStSpace: Sendable, Hashable {
    /// The ways in which the image can enter.
    public enum Stem: String, Sendable, Codable, CaseIterable {
        /// Three 3x3 convolutions, the first of stride 2, and max-pooling of stride 2: for 224 pixels.
        case deep
        /// One 3x3 convolution of stride 1: for 28 to 64 pixels.
        case small
        /// One 3x3 convolution of stride 2: for 28 to 128 pixels, at a quarter of the small stem's cost.
        case half
    }

    /// The number of channels of the images.
    public var channels: Int
    /// The way in which the image enters, which depends on its size.
    public var stem: Stem
    /// The number of channels of the stem's first convolution: the deep stem ends with twice as many, the others with
    /// as many. Where nil, 32 in the deep stem, the first stage's planes in the others.
    public var stemWidth: Int?
    /// The width of each stage's 3x3 convolutions, before the candidate's own factor.
    public var planes: [Int]
    /// The number of blocks of each stage.
    public var depths: [Int]
    /// The number of output channels of a block over its stage's planes.
    public var expansion: Int

    /// A space of these sizes, unchecked.
    public init(
        channels: Int = 3, stem: Stem, stemWidth: Int? = nil, planes: [Int], depths: [Int], expansion: Int = 4
    ) {
        self.channels = channels
        self.stem = stem
        self.stemWidth = stemWidth
        self.planes = planes
        self.depths = depths
        self.expansion = expansion
    }

    /// The space of Pi-NAS: 16 blocks, 4^16 architectures.
    public static let resnest50 = ResNeStSpace(stem: .deep, planes: [64, 128, 256, 512], depths: [3, 4, 6, 3])

    /// The code that Pi-NAS found for classification.
    public static let classificationCode = Architecture([3, 0, 1, 3, 2, 3, 1, 2, 0, 3, 2, 1, 3, 0, 3, 2])
    /// The code that Pi-NAS found for dense tasks, `trans` (J. Peng et al., ICCV 2021).
    public static let transferCode = Architecture([3, 3, 3, 3, 1, 1, 3, 3, 3, 0, 0, 1, 1, 0, 2, 1])

    /// The number of blocks.
    public var blocks: Int { depths.reduce(0, &+) }

    private var firstChannels: Int { stemWidth ?? (stem == .deep ? 32 : planes.first ?? 0) }
    private var stemChannels: Int { stem == .deep ? 2 * firstChannels : firstChannels }

    /// Checks the sizes.
    ///
    /// - Throws: `SpaceError.invalid` that names the field.
    public func validate() throws {
        var problems: [String] = []
        if planes.isEmpty || planes.count != depths.count {
            problems.append(
                "planes (\(planes)) and depths (\(depths)) must have one entry a stage, and there must be a stage")
        }
        let sizes = planes + depths + [channels, expansion, firstChannels]
        if !sizes.allSatisfy({ (1...65_536).contains($0) }) {
            problems.append(
                "planes (\(planes)), depths (\(depths)), channels (\(channels)), expansion (\(expansion)) and "
                    + "stemWidth (\(firstChannels)) must be from 1 to 65,536")
        } else if blocks > 4096 {
            problems.append("depths (\(depths)) must not add up to more than 4,096 blocks")
        }
        guard problems.isEmpty else { throw SpaceError.invalid(space: "resnest", problems) }
    }

    /// The supernet of the space, all four candidates at every block. Each block's last batch norm starts with scale 0,
    /// so that a block starts as its shortcut.
    ///
    /// - Throws: `SpaceError.invalid`.
    public func description(name: String = "resnest") throws -> SupernetDescription {
        try validate()
        let backbone = backbone { name, _, planes, outputs, stride in
            .choice(
                Layer.Choice(
                    name,
                    SplitAttentionChoice.all.map { choice in
                        Layer.Candidate(
                            choice.name,
                            Self.bottleneck(choice, planes: planes, outputs: outputs, stride: stride, lastScale: 0))
                    }))
        }
        return try SupernetDescription(name, channels: channels, backbone: backbone)
    }

    /// The stand-alone network of a code.
    ///
    /// - Parameters:
    ///   - code: the candidate of each block, 0 to 3, stage after stage.
    ///   - classes: outputs of the last layer.
    ///   - lastScale: where the scale of each block's last batch norm starts.
    /// - Throws: `SpaceError` that names the field.
    public func network(code: Architecture, classes: Int, lastScale: Double = 1) throws -> NetworkDescription {
        try validate()
        try description().space.validate(code)
        let backbone = backbone { _, position, planes, outputs, stride in
            Self.bottleneck(
                SplitAttentionChoice.all[code[position]], planes: planes, outputs: outputs, stride: stride,
                lastScale: lastScale)
        }
        return NetworkDescription(channels: channels, classes: classes, backbone: backbone)
    }

    /// The layers of a network: stem, blocks with their shortcuts, pooling; `body` gives what a block adds to its
    /// shortcut.
    private func backbone(
        body: (_ name: String, _ position: Int, _ planes: Int, _ outputs: Int, _ stride: Int) -> Layer
    ) -> Layer {
        var parts = stemParts
        var position = 0
        for (stage, (planes, depth)) in zip(planes, depths).enumerated() {
            for index in 0..<depth {
                let name = "layer\(stage + 1).\(index)"
                let outputs = planes * expansion
                let stride = index == 0 && stage > 0 ? 2 : 1
                // The first block of a stage always projects its shortcut, as in the published networks.
                let shortcut = index == 0 ? Layer.Part("downsample", Self.shortcut(outputs, stride: stride)) : nil
                parts.append(
                    Layer.Part(
                        name,
                        .residual(
                            body: body(name, position, planes, outputs, stride), shortcut: shortcut, relu: true)))
                position += 1
            }
        }
        return .sequence(parts + [Layer.Part("", .globalPool)])
    }

    private var stemParts: [Layer.Part] {
        switch stem {
        case .small, .half:
            return Layer.convolutionBlock(
                "conv1", "bn1", .init(stemChannels, kernel: 3, stride: stem == .half ? 2 : 1))
        case .deep:
            // Numbered as in a PyTorch Sequential with ReLU at 2 and 5.
            return Layer.convolutionBlock("conv1.0", "conv1.1", .init(firstChannels, kernel: 3, stride: 2))
                + Layer.convolutionBlock("conv1.3", "conv1.4", .init(firstChannels, kernel: 3))
                + Layer.convolutionBlock("conv1.6", "bn1", .init(stemChannels, kernel: 3))
                + [Layer.Part("", .pool(.init(.max, kernel: 3, stride: 2, padding: 1)))]
        }
    }

    /// A bottleneck: 1x1 convolution, split attention, 1x1 convolution. Strides are taken by pooling after the 3x3,
    /// which keeps every pixel in play.
    static func bottleneck(
        _ choice: SplitAttentionChoice, planes: Int, outputs: Int, stride: Int, lastScale: Double
    ) -> Layer {
        let pooled: [Layer.Part] =
            stride > 1 ? [Layer.Part("", .pool(.init(.average, kernel: 3, stride: stride, padding: 1)))] : []
        return .sequence(
            Layer.convolutionBlock("conv1", "bn1", .init(choice.innerWidth(planes: planes), kernel: 1))
                + [Layer.Part("conv2", .splitAttention(radix: choice.radix, cardinality: choice.cardinality))] + pooled
                + Layer.convolutionBlock(
                    "conv3", "bn3", .init(outputs, kernel: 1), relu: false, scale: lastScale))
    }

    /// A projecting shortcut: pool, 1x1 convolution, batch norm (ResNet-D's shortcut, He et al., 2018), numbered as in
    /// a PyTorch Sequential with the pooling at 0. At stride 1 the window is one pixel, as in the published networks,
    /// whose count has it.
    static func shortcut(_ outputs: Int, stride: Int) -> Layer {
        let pool = Layer.Pool(.average, kernel: stride, stride: stride, ceil: true, countsPadding: false)
        return .sequence(
            [Layer.Part("", .pool(pool))]
                + Layer.convolutionBlock("1", "2", .init(outputs, kernel: 1), relu: false))
    }
}
