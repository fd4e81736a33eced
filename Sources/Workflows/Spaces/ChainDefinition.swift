import Architectures
import Experiments

/// The sizes of the space `chain`.
public struct ChainOptions: Configuration {
    /// The number of channels of each stage.
    public var widths = [8, 16, 32]
    /// The number of choice layers of each stage.
    public var depths = [2, 2, 2]
    /// The stride of the stem.
    public var stemStride = 2

    /// Creates the default sizes: six choice layers in three stages.
    public init() {}

    /// A help text for each key.
    public static let keyHelp = [
        "widths": "Channels of each stage.",
        "depths": "Choice layers of each stage.",
        "stem-stride": "Stride of the stem.",
    ]

    /// Checks that sizes are in range and that stages fit together.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.requireStages("widths", widths, as: "depths", depths)
        check.require("widths", widths, in: 1...8192)
        check.require("depths", depths, in: 1...256)
        check.require("stem-stride", [stemStride], in: 1...8)
        try check.finish()
    }
}

/// The space `chain`: a plain chain of choice layers.
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
