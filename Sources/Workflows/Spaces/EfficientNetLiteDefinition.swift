import Architectures
import Experiments

/// The settings of the space `efficientnet-lite0`.
public struct EfficientNetLiteOptions: Configuration {
    /// The stride of the stem: 2 in the published network, 1 for images of 28 to 64 pixels.
    public var stemStride = 2

    /// Creates the settings of the published network.
    public init() {}

    /// A help text for each key.
    public static let keyHelp = [
        "stem-stride": "Stride of the stem: 2 in the published network, 1 for images of 28 to 64 pixels."
    ]

    /// Checks that the stride is 1 or 2.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require("stem-stride", [stemStride], in: 1...2)
        try check.finish()
    }
}

/// The space `efficientnet-lite0`: EfficientNet-Lite0 with blocks that may be narrower or left out.
struct EfficientNetLiteDefinition: SpaceDefinition {
    let name = "efficientnet-lite0"
    let summary = "EfficientNet-Lite0 with blocks that may be narrower or left out, for its published weights."
    let defaults = EfficientNetLiteOptions()

    func description(_ options: EfficientNetLiteOptions, channels: Int) throws -> SupernetDescription {
        try EfficientNetLiteSpace(channels: channels, stemStride: options.stemStride).description(name: name)
    }
}
