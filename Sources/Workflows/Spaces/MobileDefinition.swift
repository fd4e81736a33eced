import Architectures
import Experiments

/// The sizes of a space of inverted bottlenecks.
public struct MobileOptions: Configuration {
    /// The number of channels after the stem.
    public var width = 32
    /// The number of output channels of each stage.
    public var widths = [16, 24, 40, 80, 96, 192, 320]
    /// The number of blocks of each stage.
    public var depths = [1, 4, 4, 4, 4, 4, 1]
    /// The stride of each stage's first block.
    public var strides = [1, 2, 2, 2, 1, 2, 1]

    /// Creates the default sizes: seven stages, for images of 224 pixels.
    public init() {}

    /// A help text for each key.
    public static let keyHelp = [
        "width": "Channels after the stem.",
        "widths": "Output channels of each stage.",
        "depths": "Blocks of each stage.",
        "strides": "Stride of each stage's first block.",
    ]

    /// Checks that sizes are in range and that stages fit together.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.requireStages("widths", widths, as: "depths", depths)
        check.requireStages("strides", strides, as: "depths", depths)
        check.require("width", [width], in: 1...8192)
        check.require("widths", widths, in: 1...8192)
        check.require("depths", depths, in: 1...4096)
        check.require("strides", strides, in: 1...8192)
        try check.finish()
    }
}

/// The spaces of inverted bottlenecks: `mobile` for photographs, and `mobile-tiny` for small images.
struct MobileDefinition: SpaceDefinition {
    let name: String
    let summary: String
    /// The space, with sizes that the options do not set.
    private let space: MobileSpace
    let usualImages: UsualImages

    static let imageNet = MobileDefinition(
        name: "mobile", summary: "Inverted bottlenecks of any kernel and expansion, for 224 pixels.",
        space: MobileSpace(), usualImages: .photographs)

    static let tiny = MobileDefinition(
        name: "mobile-tiny", summary: "Small inverted bottlenecks for images of 28 to 64 pixels.",
        space: .tiny(channels: 1), usualImages: .smallGrey)

    var defaults: MobileOptions {
        var options = MobileOptions()
        (options.width, options.widths) = (space.stemWidth, space.widths)
        (options.depths, options.strides) = (space.depths, space.strides)
        return options
    }

    func description(_ options: MobileOptions, channels: Int) throws -> SupernetDescription {
        var space = space
        (space.channels, space.stemWidth) = (channels, options.width)
        (space.widths, space.depths, space.strides) = (options.widths, options.depths, options.strides)
        return try space.description(name: name)
    }
}
