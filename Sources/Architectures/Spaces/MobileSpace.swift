/// Networks of inverted bottlenecks (Sandler et al., "MobileNetV2", 2018), each block with a kernel of 3, 5 or 7 and an
/// expansion of 3 or 6, or left out where it keeps the shape (Cai et al., "ProxylessNAS", 2019).
public struct MobileSpace: Sendable, Hashable {
    /// The number of channels of the images.
    public var channels: Int
    /// The number of channels after the stem, a 3x3 convolution.
    public var stemWidth: Int
    /// The stride of the stem: 2 for 224 pixels, 1 for 28 to 64.
    public var stemStride: Int
    /// The number of output channels of each stage.
    public var widths: [Int]
    /// The number of blocks of each stage.
    public var depths: [Int]
    /// The stride of each stage's first block.
    public var strides: [Int]
    /// The number of channels of the 1x1 convolution after the last block.
    public var headWidth: Int

    /// A space of these sizes, unchecked.
    public init(
        channels: Int = 3, stemWidth: Int = 32, stemStride: Int = 2, widths: [Int] = [16, 24, 40, 80, 96, 192, 320],
        depths: [Int] = [1, 4, 4, 4, 4, 4, 1], strides: [Int] = [1, 2, 2, 2, 1, 2, 1], headWidth: Int = 1280
    ) {
        self.channels = channels
        self.stemWidth = stemWidth
        self.stemStride = stemStride
        self.widths = widths
        self.depths = depths
        self.strides = strides
        self.headWidth = headWidth
    }

    /// The space for one-channel or colour images of 28 to 64 pixels.
    public static func tiny(channels: Int) -> MobileSpace {
        MobileSpace(
            channels: channels, stemWidth: 16, stemStride: 1, widths: [16, 32, 64], depths: [2, 3, 3],
            strides: [1, 2, 2], headWidth: 128)
    }

    /// Checks the sizes.
    ///
    /// - Throws: `SpaceError.invalid` that names the field.
    public func validate() throws {
        var problems: [String] = []
        if widths.isEmpty || widths.count != depths.count || widths.count != strides.count {
            problems.append(
                "widths (\(widths)), depths (\(depths)) and strides (\(strides)) must have one entry a stage, and there "
                    + "must be a stage")
        }
        let sizes = widths + depths + strides + [channels, stemWidth, stemStride, headWidth]
        if !sizes.allSatisfy({ (1...8192).contains($0) }) {
            problems.append("every size must be from 1 to 8,192; there are \(sizes)")
        } else if depths.reduce(0, +) > 4096 {
            problems.append("depths (\(depths)) must not add up to more than 4,096 blocks")
        }
        guard problems.isEmpty else { throw SpaceError.invalid(space: "mobile", problems) }
    }

    /// The kernel and expansion of the candidates, in their order; where a block keeps the shape, leaving it out comes
    /// last.
    static let candidates = [3, 5, 7].flatMap { kernel in [3, 6].map { (kernel: kernel, expansion: $0) } }

    /// The supernet of the space.
    ///
    /// - Throws: `SpaceError.invalid`.
    public func description(name: String = "mobile") throws -> SupernetDescription {
        try validate()
        var parts = Layer.convolutionBlock(
            "stem.conv", "stem.bn", .init(stemWidth, kernel: 3, stride: stemStride))
        var inputs = stemWidth
        for (stage, width) in widths.enumerated() {
            for index in 0..<depths[stage] {
                let stride = index == 0 ? strides[stage] : 1
                let keepsShape = stride == 1 && inputs == width
                var candidates = Self.candidates.map { kernel, expansion in
                    Layer.Candidate(
                        "kernel \(kernel), expansion \(expansion)",
                        Self.block(
                            inputs: inputs, outputs: width, kernel: kernel, expansion: expansion, stride: stride,
                            residual: keepsShape))
                }
                if keepsShape { candidates.append(Layer.Candidate("identity", .identity)) }
                let name = "stage\(stage + 1).\(index)"
                parts.append(Layer.Part(name, .choice(Layer.Choice(name, candidates))))
                inputs = width
            }
        }
        parts += Layer.convolutionBlock("head.conv", "head.bn", .init(headWidth, kernel: 1))
        return try SupernetDescription(
            name, channels: channels, backbone: .sequence(parts + [Layer.Part("", .globalPool)]))
    }

    /// An inverted bottleneck: expand, depthwise convolution, project; ReLU in place of MobileNetV2's ReLU6, whose
    /// bound served eight-bit arithmetic.
    static func block(
        inputs: Int, outputs: Int, kernel: Int, expansion: Int, stride: Int, residual: Bool
    ) -> Layer {
        let inner = inputs * expansion
        let body = Layer.sequence(
            Layer.convolutionBlock("expand.conv", "expand.bn", .init(inner, kernel: 1))
                + Layer.convolutionBlock(
                    "depthwise.conv", "depthwise.bn", .init(inner, kernel: kernel, stride: stride, groups: inner))
                + Layer.convolutionBlock("project.conv", "project.bn", .init(outputs, kernel: 1), relu: false))
        return residual ? .residual(body: body, shortcut: nil, relu: false) : body
    }
}
