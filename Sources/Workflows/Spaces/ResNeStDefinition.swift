import Architectures
import Experiments

/// The sizes of a space of split-attention networks.
public struct ResNeStOptions: Configuration {
    /// The stem: `deep` for images of 224 pixels, `small` or `half` for 28 to 64.
    public var stem = ResNeStSpace.Stem.half
    /// The number of channels of the stem's first convolution; nil for 32 in the deep stem, and for the first stage's
    /// width in the others.
    public var stemWidth: Int?
    /// The width of each stage's 3x3 convolutions.
    public var planes = [32, 64, 128]
    /// The number of blocks of each stage.
    public var depths = [2, 2, 2]
    /// The ratio of a block's output channels to its stage's width.
    public var expansion = 2

    /// Creates the default sizes: three stages of two blocks, for images of 28 to 64 pixels.
    public init() {}

    /// A help text for each key.
    public static let keyHelp = [
        "stem": "How the image enters: deep for 224 pixels, small or half for 28 to 64.",
        "stem-width":
            "Channels of the stem's first convolution. Where null, 32 in a deep stem, the first stage's planes in others.",
        "planes": "Width of each stage's 3x3 convolutions.",
        "depths": "Blocks of each stage.",
        "expansion": "Output channels of a block over its stage's planes.",
    ]

    /// Checks that sizes are in range and that stages fit together.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.requireStages("planes", planes, as: "depths", depths)
        check.require("planes", planes, in: 1...65_536)
        check.require("depths", depths, in: 1...4096)
        check.require("expansion", [expansion], in: 1...65_536)
        check.require("stem-width", stemWidth.map { [$0] } ?? [], in: 1...65_536)
        try check.finish()
    }
}

/// The spaces of split-attention networks: `resnest`, `resnest-tiny` for small images, and `resnest50`, the space of
/// Pi-NAS.
struct ResNeStDefinition: SpaceDefinition {
    let name: String
    let summary: String
    let defaults: ResNeStOptions
    let usualImages: UsualImages

    static let resnest = ResNeStDefinition(
        name: "resnest", summary: "Split-attention networks of the sizes that are given.", defaults: ResNeStOptions(),
        usualImages: .photographs)

    static let tiny = ResNeStDefinition(
        name: "resnest-tiny", summary: "Small split-attention networks for images of 28 to 64 pixels.",
        defaults: ResNeStOptions(), usualImages: .smallGrey)

    static let resnest50 = ResNeStDefinition(
        name: "resnest50", summary: "The space of Pi-NAS: ResNeSt-50 with 4^16 paths, for 224 pixels.",
        defaults: options(of: .resnest50), usualImages: .photographs)

    private static func options(of space: ResNeStSpace) -> ResNeStOptions {
        var options = ResNeStOptions()
        (options.stem, options.stemWidth) = (space.stem, space.stemWidth)
        (options.planes, options.depths, options.expansion) = (space.planes, space.depths, space.expansion)
        return options
    }

    func description(_ options: ResNeStOptions, channels: Int) throws -> SupernetDescription {
        try ResNeStSpace(
            channels: channels, stem: options.stem, stemWidth: options.stemWidth, planes: options.planes,
            depths: options.depths, expansion: options.expansion
        ).description(name: name)
    }
}
