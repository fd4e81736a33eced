import Architectures
import Experiments
import Support

/// The definition of a search space: its name, its options, and the supernet that they give.
///
/// A new space is a type in a file of its own, and a line in ``SpaceFamily/registry`` or, in a program that uses the
/// library, a call of `SpaceFamily.register(_:)`.
public protocol SpaceDefinition: NamedDefinition {
    /// The images that the space is usually used with.
    var usualImages: UsualImages { get }
    /// The file that declares the space; nil for one that is declared in code.
    var file: String? { get }

    /// Builds the description of the supernet.
    ///
    /// - Parameters:
    ///   - options: the options of the space.
    ///   - channels: the number of channels of the images.
    /// - Throws: `SpaceError`.
    func description(_ options: Options, channels: Int) throws -> SupernetDescription
}

extension SpaceDefinition {
    /// By default, photographs as in ImageNet.
    public var usualImages: UsualImages { .photographs }
    /// By default, nil, as the space is declared in code.
    public var file: String? { nil }
}

/// The size, channels and classes of the images that a space is usually used with.
public struct UsualImages: Sendable, Hashable {
    /// The height and width in pixels.
    public var size: ImageSize
    /// The number of channels.
    public var channels: Int
    /// The number of classes.
    public var classes: Int

    /// Creates a description of images.
    public init(size: ImageSize, channels: Int, classes: Int) {
        self.size = size
        self.channels = channels
        self.classes = classes
    }

    /// Images as in ImageNet: 224 pixels, three channels, 1000 classes.
    public static let photographs = UsualImages(size: 224, channels: 3, classes: 1000)
    /// Images as in Fashion-MNIST: 28 pixels, one channel, ten classes.
    public static let smallGrey = UsualImages(size: 28, channels: 1, classes: 10)
}

/// The search spaces by name, from which configurations and commands choose.
public enum SpaceFamily: DefinitionFamily {
    /// The registered spaces.
    public static let registry = Registry<any SpaceDefinition>(
        of: "search space",
        [
            ResNeStDefinition.resnest,
            ResNeStDefinition.tiny,
            ResNeStDefinition.resnest50,
            NASBench201Definition(),
            MobileDefinition.imageNet,
            MobileDefinition.tiny,
            ChainDefinition(),
            EfficientNetLiteDefinition(),
            MobileNetV3ElasticDefinition(),
        ]
    ) { $0.name }

    /// The space of configurations that name none: `resnest-tiny`.
    public static var standard: any SpaceDefinition { ResNeStDefinition.tiny }

    /// The space as a named definition.
    public static func erased(_ member: any SpaceDefinition) -> any NamedDefinition { member }

    /// The space that a file declares, by the path of the file.
    public static func unregistered(_ name: String) -> (any SpaceDefinition)? { SpaceFile(path: name) }

    /// A description of what may be given instead of a registered name.
    public static var unregisteredNames: String? { "the path of a .yaml or .json file" }
}

/// The section `space` of a configuration: the name of a search space or the path of a file that declares one, and the
/// space's own options.
public typealias SpaceConfiguration = NamedOptions<SpaceFamily>

extension NamedOptions where Family == SpaceFamily {
    /// Builds the description of the space's supernet.
    ///
    /// - Parameter channels: the number of channels of the images.
    /// - Throws: `SpaceError`, `.invalid` with lines and columns for a file that cannot be read.
    public func description(channels: Int) throws -> SupernetDescription {
        func make<D: SpaceDefinition>(_ definition: D) throws -> SupernetDescription {
            try definition.description(options(of: definition), channels: channels)
        }
        return try make(definition)
    }

    /// The file that declares the space, by key; empty for a registered space.
    ///
    /// - Parameter section: the key of these settings.
    /// - Throws: `FileError` for a file that cannot be read.
    public func places(under section: String) throws -> [String: NamedPlace] {
        guard let file = definition.file, FilePath.exists(file) else { return [:] }
        return ["\(section).name": NamedPlace(file, digest: try FileDigest.text(of: file))]
    }
}

extension ConfigurationCheck {
    /// Checks that sizes are in range.
    mutating func require(_ key: String, _ values: [Int], in range: ClosedRange<Int>) {
        require(
            values.allSatisfy(range.contains), key,
            "must be from \(range.lowerBound) to \(range.upperBound), is "
                + (values.count == 1 ? "\(values[0])" : "\(values)"))
    }

    /// Checks that a list has one entry for each stage, like the list of another key.
    mutating func requireStages(_ key: String, _ values: [Int], as other: String, _ others: [Int]) {
        require(
            !values.isEmpty && values.count == others.count, key,
            "must have one entry a stage, as \(other) (=\(others)), and at least one; is \(values)")
    }
}
