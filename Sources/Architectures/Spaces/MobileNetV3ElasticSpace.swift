/// The elastic MobileNetV3 of Once-for-All (Cai et al., ICLR 2020): five units of two to four inverted bottlenecks, of
/// which each has a window of 3, 5 or 7 and three, four or six times as many inner channels as come in. Blocks take
/// leading channels of the largest block, and smaller windows are made of larger ones by learned matrices.
///
/// A unit of d blocks runs its first d. With three kernels and three expansions a block there are
/// (9^2 + 9^3 + 9^4)^5 distinct networks, about 2.2e19.
public struct MobileNetV3ElasticSpace: Sendable, Hashable {
    /// The number of channels of the images.
    public var channels: Int
    /// The number by which all widths are multiplied, before they are rounded to multiples of 8: 1 or 1.2 in the
    /// published supernets.
    public var widthMultiplier: Double
    /// The stride of the first convolution: 2 in the published supernets, 1 for small images.
    public var stemStride: Int

    /// The published space, with a multiplier of 1.
    public init(channels: Int = 3, widthMultiplier: Double = 1, stemStride: Int = 2) {
        self.channels = channels
        self.widthMultiplier = widthMultiplier
        self.stemStride = stemStride
    }

    /// The sizes of windows, in the order of the candidates.
    public static let kernels = [3, 5, 7]
    /// The ratios of inner channels to those that come in, in the order of the candidates of one kernel.
    public static let expansions = [3, 4, 6]
    /// The numbers of blocks of a unit, in the order of the candidates.
    public static let depths = [2, 3, 4]

    /// Blocks of one width, of which the first has the stride.
    private struct Unit {
        let width: Int
        let stride: Int
        let activation: Layer
        let isGated: Bool
    }

    private static let units = [
        Unit(width: 24, stride: 2, activation: .relu, isGated: false),
        Unit(width: 40, stride: 2, activation: .relu, isGated: true),
        Unit(width: 80, stride: 2, activation: .hardSwish, isGated: false),
        Unit(width: 112, stride: 1, activation: .hardSwish, isGated: true),
        Unit(width: 160, stride: 2, activation: .hardSwish, isGated: true),
    ]

    /// The supernet of the space. The choice points are `unit1.0` to `unit5.3`, the blocks, and `unit1 depth` to
    /// `unit5 depth`; the features are [1280], or more with a multiplier above 1.
    ///
    /// - Throws: `SpaceError.invalid` that names each size that makes no sense.
    public func description(name: String = "mobilenet-v3-elastic") throws -> SupernetDescription {
        try validate(name)
        func scaled(_ width: Int) -> Int { ScaledWidth.channels(width, times: widthMultiplier) }
        var inputs = scaled(16)
        var parts = Self.convolution("first_conv", .init(inputs, kernel: 3, stride: stemStride), .hardSwish)
        let first = Block(inputs: inputs, outputs: scaled(16), stride: 1, activation: .relu, isGated: false)
        parts.append(Layer.Part("blocks.0.conv", first.layer(inner: inputs, kernel: 3, expands: false)))
        var number = 1
        for (position, unit) in Self.units.enumerated() {
            for index in 0..<(Self.depths.max() ?? 0) {
                let block = Block(
                    inputs: inputs, outputs: scaled(unit.width), stride: index == 0 ? unit.stride : 1,
                    activation: unit.activation, isGated: unit.isGated)
                let choice = block.choice("unit\(position + 1).\(index)")
                // The depth is one choice that stands at each block that may be left out.
                let layer =
                    index < (Self.depths.min() ?? 0)
                    ? choice
                    : .choice(
                        Layer.Choice(
                            "unit\(position + 1) depth",
                            Self.depths.map { .init("\($0) blocks", index < $0 ? choice : .identity) },
                            sharing: .slices))
                parts.append(Layer.Part("blocks.\(number).conv", layer))
                (inputs, number) = (scaled(unit.width), number + 1)
            }
        }
        parts += Self.convolution("final_expand_layer", .init(scaled(960), kernel: 1), .hardSwish)
        parts += [
            Layer.Part("", .squeeze),
            Layer.Part("feature_mix_layer.conv", .convolution(.init(scaled(1280), kernel: 1))),
            Layer.Part("", .hardSwish), Layer.Part("", .globalPool),
        ]
        return try SupernetDescription(name, channels: channels, backbone: .sequence(parts))
    }

    /// The architecture that has one depth, kernel and expansion throughout; nil for one that there is not.
    public static func architecture(depth: Int, kernel: Int, expansion: Int) -> Architecture? {
        guard let depth = depths.firstIndex(of: depth), let kernel = kernels.firstIndex(of: kernel),
            let expansion = expansions.firstIndex(of: expansion)
        else { return nil }
        let block = kernel * expansions.count + expansion
        // Within a unit, the depth is met behind the blocks that every unit has.
        let shortest = depths.min() ?? 0
        let rest = (depths.max() ?? 0) - shortest
        let unit = [Int](repeating: block, count: shortest) + [depth] + [Int](repeating: block, count: rest)
        return Architecture(units.flatMap { _ in unit })
    }

    private func validate(_ name: String) throws {
        var problems = ScaledWidth.problems(
            channels: channels, multipliers: [("width-multiplier", widthMultiplier)])
        if !(1...2).contains(stemStride) { problems.append("stem-stride (=\(stemStride)) must be 1 or 2") }
        guard problems.isEmpty else { throw SpaceError.invalid(space: name, problems) }
    }

    /// The parts of a convolution, a batch norm and, if wanted, an activation, under the keys of the published code.
    private static func convolution(
        _ key: String, _ convolution: Layer.Convolution, _ activation: Layer?
    ) -> [Layer.Part] {
        [Layer.Part(key + ".conv", .convolution(convolution)), Layer.Part(key + ".bn", .batchNorm(scale: 1))]
            + (activation.map { [Layer.Part("", $0)] } ?? [])
    }

    /// One block, with all that its layers follow from but the kernel and the inner channels.
    private struct Block {
        let inputs: Int
        let outputs: Int
        let stride: Int
        let activation: Layer
        let isGated: Bool

        /// The choice among all kernels and expansions.
        func choice(_ point: String) -> Layer {
            let candidates = kernels.flatMap { kernel in
                expansions.map { expansion in
                    Layer.Candidate(
                        "kernel \(kernel), expansion \(expansion)",
                        layer(inner: ScaledWidth.channels(inputs * expansion, times: 1), kernel: kernel, expands: true))
                }
            }
            return .choice(Layer.Choice(point, candidates, sharing: .matrices))
        }

        /// An inverted bottleneck: expand, depthwise convolution, squeeze-and-excitation, project.
        func layer(inner: Int, kernel: Int, expands: Bool) -> Layer {
            var parts =
                expands ? convolution("inverted_bottleneck", .init(inner, kernel: 1), activation) : []
            parts += convolution(
                "depth_conv", .init(inner, kernel: kernel, stride: stride, groups: inner), activation)
            if isGated {
                parts.append(
                    Layer.Part(
                        "depth_conv.se.fc",
                        .squeezeExcitation(
                            reduced: ScaledWidth.channels(inner / 4, times: 1), outputs: inner, reduce: "reduce",
                            expand: "expand")))
            }
            parts += convolution("point_linear", .init(outputs, kernel: 1), nil)
            return stride == 1 && inputs == outputs
                ? .residual(body: .sequence(parts), shortcut: nil, relu: false) : .sequence(parts)
        }
    }
}
