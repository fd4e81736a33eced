/// A plain chain of choice layers, with nothing beside them that could carry a weak one: a stem, then stages of layers,
/// each a convolution block, a mean or nothing at all, with a mean over 2x2 windows and a 1x1 convolution between the
/// stages. Small enough that hundreds of its architectures can be trained alone, to judge rankings by.
public struct ChainSpace: Sendable, Hashable {
    /// The number of channels of the images.
    public var channels: Int
    /// The number of channels of each stage.
    public var widths: [Int]
    /// The number of choice layers of each stage.
    public var depths: [Int]
    /// The stride of the stem, a 3x3 convolution.
    public var stemStride: Int

    /// A space of these sizes, unchecked; by default six choice layers in three stages.
    public init(channels: Int = 1, widths: [Int] = [8, 16, 32], depths: [Int] = [2, 2, 2], stemStride: Int = 2) {
        self.channels = channels
        self.widths = widths
        self.depths = depths
        self.stemStride = stemStride
    }

    /// The names of the candidates, in their order.
    public static let candidates = ["3x3", "1x1", "5x5", "average pool", "identity"]

    /// The supernet of the space.
    ///
    /// - Throws: `SpaceError.invalid` that names the field.
    public func description(name: String = "chain") throws -> SupernetDescription {
        guard !widths.isEmpty, widths.count == depths.count else {
            throw SpaceError.invalid(
                space: name, ["widths (\(widths)) and depths (\(depths)) must have one entry a stage, and at least one"]
            )
        }
        guard (widths + [channels]).allSatisfy({ (1...8192).contains($0) }), (1...8).contains(stemStride),
            depths.allSatisfy({ (1...256).contains($0) })
        else {
            throw SpaceError.invalid(
                space: name,
                [
                    "channels (\(channels)) and widths (\(widths)) must be from 1 to 8,192, depths (\(depths)) from 1 to "
                        + "256, the stem's stride (\(stemStride)) from 1 to 8"
                ])
        }
        var parts = Self.block("stem", widths[0], kernel: 3, stride: stemStride)
        for (stage, (width, depth)) in zip(widths, depths).enumerated() {
            if stage > 0 {
                parts.append(Layer.Part("", .pool(.init(.average, kernel: 2, stride: 2, ceil: true))))
                parts += Self.block("reduce\(stage)", width, kernel: 1)
            }
            for layer in 0..<depth {
                let point = "stage\(stage + 1).\(layer)"
                parts.append(Layer.Part(point, Self.choice(point, width)))
            }
        }
        return try SupernetDescription(
            name, channels: channels, backbone: .sequence(parts + [Layer.Part("", .globalPool)]))
    }

    private static func choice(_ point: String, _ width: Int) -> Layer {
        let pool = Layer.Pool(.average, kernel: 3, stride: 1, padding: 1, countsPadding: false)
        let layers: [Layer] =
            [3, 1, 5].map { .sequence(Layer.convolutionBlock("conv", "bn", .init(width, kernel: $0))) }
            + [.pool(pool), .identity]
        return .choice(.init(point, zip(candidates, layers).map { Layer.Candidate($0, $1) }))
    }

    private static func block(_ key: String, _ width: Int, kernel: Int, stride: Int = 1) -> [Layer.Part] {
        Layer.convolutionBlock("\(key).conv", "\(key).bn", .init(width, kernel: kernel, stride: stride))
    }
}
