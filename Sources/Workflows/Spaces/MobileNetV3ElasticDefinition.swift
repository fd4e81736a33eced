import Architectures
import Experiments

/// The settings of the space `mobilenet-v3-elastic`.
public struct MobileNetV3ElasticOptions: Configuration {
    /// The number by which all widths are multiplied, before they are rounded to multiples of 8.
    public var widthMultiplier = 1.0
    /// The stride of the first convolution.
    public var stemStride = 2

    /// Creates the settings of the published space.
    public init() {}

    /// A help text for each key.
    public static let keyHelp = [
        "width-multiplier": "The number by which all widths are multiplied: 1 or 1.2 in the published supernets.",
        "stem-stride": "The stride of the first convolution: 2 in the published supernets, 1 for small images.",
    ]

    /// Checks that sizes are in range.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require(
            (0.01...10).contains(widthMultiplier), "width-multiplier", "must be from 0.01 to 10, is \(widthMultiplier)")
        check.require("stem-stride", [stemStride], in: 1...2)
        try check.finish()
    }
}

/// The space `mobilenet-v3-elastic`: the supernet of Once-for-All.
struct MobileNetV3ElasticDefinition: SpaceDefinition {
    let name = "mobilenet-v3-elastic"
    let summary = "Once-for-All's MobileNetV3: kernels, expansions and depths of one network, for 128 to 224 pixels."
    let defaults = MobileNetV3ElasticOptions()

    func description(_ options: MobileNetV3ElasticOptions, channels: Int) throws -> SupernetDescription {
        try MobileNetV3ElasticSpace(
            channels: channels, widthMultiplier: options.widthMultiplier, stemStride: options.stemStride
        ).description(name: name)
    }
}
