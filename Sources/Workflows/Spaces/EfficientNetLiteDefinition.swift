import Architectures
import Experiments

/// What may differ from the published EfficientNet-Lite0.
public struct EfficientNetLiteOptions: Configuration {
    /// Stride of the stem: 2 in the published network, 1 for images of 28 to 64 pixels.
    public var stemStride = 2

    /// As published.
    public init() {}

    /// What each key is for.
    public static let keyHelp = [
        "stem-stride": "Stride of the stem: 2 in the published network, 1 for images of 28 to 64 pixels."
    ]

    /// Refuses other strides.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require("stem-stride", [stemStride], in: 1...2)
        try check.finish()
    }
}

/// The space of EfficientNet-Lite0 and its parts.
struct EfficientNetLiteDefinition: SpaceDefinition {
    let name = "efficientnet-lite0"
    let summary = "EfficientNet-Lite0 with blocks that may be narrower or left out, for its published weights."
    let defaults = EfficientNetLiteOptions()

    func description(_ options: EfficientNetLiteOptions, channels: Int) throws -> SupernetDescription {
        try EfficientNetLiteSpace(channels: channels, stemStride: options.stemStride).description(name: name)
    }
}
