import Architectures
import Experiments

/// Sizes of a plain chain of choice layers.
public struct ChainOptions: Configuration {
    /// Channels of each stage.
    public var widths = [8, 16, 32]
    /// Choice layers of each stage.
    public var depths = [2, 2, 2]
    /// Stride of the stem.
    public var stemStride = 2

    /// Six choice layers in three stages.
    public init() {}

    /// What each key is for.
    public static let keyHelp = [
        "widths": "Channels of each stage.",
        "depths": "Choice layers of each stage.",
        "stem-stride": "Stride of the stem.",
    ]

    /// Refuses sizes out of range, and stages that do not fit together.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.requireStages("widths", widths, as: "depths", depths)
        check.require("widths", widths, in: 1...8192)
        check.require("depths", depths, in: 1...256)
        check.require("stem-stride", [stemStride], in: 1...8)
        try check.finish()
    }
}

/// A plain chain of choice layers.
struct ChainDefinition: SpaceDefinition {
    let name = "chain"
    let summary = "A plain chain of choice layers, small enough that hundreds of its networks can be trained alone."
    let defaults = ChainOptions()

    func description(_ options: ChainOptions, channels: Int) throws -> SupernetDescription {
        try ChainSpace(
            channels: channels, widths: options.widths, depths: options.depths, stemStride: options.stemStride
        ).description(name: name)
    }
}
