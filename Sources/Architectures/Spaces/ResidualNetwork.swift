/// A residual network of basic blocks for small images (He et al., "Deep Residual Learning for Image Recognition", CVPR
/// 2016, section 4.2), under the keys of torchvision's: a network without choices, whose stem has no pooling.
public struct ResidualNetwork: Sendable, Hashable {
    /// The number of channels of the images.
    public var channels: Int
    /// The stride of the stem: of its 3x3 convolution, or, above 1, of a second one behind it.
    public var stemStride: Int
    /// The number of channels of each stage; all stages but the first begin with a stride of 2.
    public var widths: [Int]
    /// The number of blocks of each stage.
    public var depths: [Int]

    /// A network of these sizes, unchecked.
    public init(channels: Int = 3, stemStride: Int = 1, widths: [Int] = [32, 64, 128], depths: [Int] = [2, 2, 2]) {
        (self.channels, self.stemStride, self.widths, self.depths) = (channels, stemStride, widths, depths)
    }

    /// The layers from [channels, H, W] to the features, as many as the last stage has channels. Each block is one part,
    /// `layer1.0` and so on.
    ///
    /// - Throws: `SpaceError.layer` that names each size that makes no sense.
    public func backbone() throws -> Layer {
        var problems: [String] = []
        if !(1...65_536).contains(channels) { problems.append("channels must be from 1 to 65,536, are \(channels)") }
        if !(1...4).contains(stemStride) { problems.append("the stem's stride must be from 1 to 4, is \(stemStride)") }
        if widths.isEmpty || widths.count != depths.count {
            problems.append("widths and depths must be of the same stages, are of \(widths.count) and \(depths.count)")
        }
        if let wrong = widths.first(where: { !(1...65_536).contains($0) }) {
            problems.append("widths must be from 1 to 65,536, one is \(wrong)")
        }
        if let wrong = depths.first(where: { !(1...256).contains($0) }) {
            problems.append("depths must be from 1 to 256, one is \(wrong)")
        }
        guard problems.isEmpty else { throw SpaceError.layer(path: "resnet", problems.joined(separator: "; ")) }
        var inputs = widths[0]
        var parts: [Layer.Part]
        if stemStride == 1 {
            parts = Layer.convolutionBlock("conv1", "bn1", .init(inputs, kernel: 3))
        } else {
            parts =
                Layer.convolutionBlock("conv1.0", "conv1.1", .init(max(inputs / 2, 1), kernel: 3))
                + Layer.convolutionBlock("conv1.3", "bn1", .init(inputs, kernel: 3, stride: stemStride))
        }
        for (stage, (width, depth)) in zip(widths, depths).enumerated() {
            for index in 0..<depth {
                let stride = stage > 0 && index == 0 ? 2 : 1
                parts.append(
                    .init("layer\(stage + 1).\(index)", Self.block(inputs: inputs, outputs: width, stride: stride)))
                inputs = width
            }
        }
        return .sequence(parts + [Layer.Part("", .globalPool)])
    }

    /// Two 3x3 convolutions and the sum with what came in, which a 1x1 convolution makes fit where the shape changes.
    private static func block(inputs: Int, outputs: Int, stride: Int) -> Layer {
        let body = Layer.sequence(
            Layer.convolutionBlock("conv1", "bn1", .init(outputs, kernel: 3, stride: stride))
                + Layer.convolutionBlock("conv2", "bn2", .init(outputs, kernel: 3), relu: false))
        let shortcut = Layer.sequence(
            Layer.convolutionBlock("0", "1", .init(outputs, kernel: 1, stride: stride), relu: false))
        return .residual(
            body: body, shortcut: stride == 1 && inputs == outputs ? nil : .init("downsample", shortcut), relu: true)
    }
}
