import Architectures
import Experiments
import Support

/// A search space as configurations name it: its options, and how they make a supernet.
///
/// A space of one's own is a type in a file of its own, and a line in ``SpaceFamily/registry`` or, in a program that
/// uses the library, a call of `SpaceFamily.register(_:)`.
public protocol SpaceDefinition: NamedDefinition {
    /// The images that the space is for, where nothing else says which.
    var usualImages: UsualImages { get }
    /// The file that declares the space; nil for one that is declared in code.
    var file: String? { get }

    /// The supernet.
    ///
    /// - Parameters:
    ///   - options: of the space.
    ///   - channels: of the images.
    /// - Throws: `SpaceError`.
    func description(_ options: Options, channels: Int) throws -> SupernetDescription
}

extension SpaceDefinition {
    /// Photographs as in ImageNet.
    public var usualImages: UsualImages { .photographs }
    /// None.
    public var file: String? { nil }
}

/// Size, channels and classes of images.
public struct UsualImages: Sendable, Hashable {
    /// Height and width in pixels.
    public var size: ImageSize
    /// Channels of a pixel.
    public var channels: Int
    /// The number of classes that the images belong to.
    public var classes: Int

    /// Images of any size, channels and classes.
    public init(size: ImageSize, channels: Int, classes: Int) {
        self.size = size
        self.channels = channels
        self.classes = classes
    }

    /// As in ImageNet: 224 pixels, three channels, 1000 classes.
    public static let photographs = UsualImages(size: 224, channels: 3, classes: 1000)
    /// As in Fashion-MNIST: 28 pixels, one channel, ten classes.
    public static let smallGrey = UsualImages(size: 28, channels: 1, classes: 10)
}

/// The search spaces that configurations and commands know by name.
public enum SpaceFamily: DefinitionFamily {
    /// The spaces, a line for each.
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
        ]
    ) { $0.name }

    /// The space of a study that names none: `resnest-tiny`.
    public static var standard: any SpaceDefinition { ResNeStDefinition.tiny }

    /// The member as a named definition.
    public static func erased(_ member: any SpaceDefinition) -> any NamedDefinition { member }

    /// A file that declares a space, by its path.
    public static func unregistered(_ name: String) -> (any SpaceDefinition)? { SpaceFile(path: name) }

    /// What may stand in place of a registered name.
    public static var unregisteredNames: String? { "the path of a .yaml or .json file" }
}

/// The section `space` of a configuration: the name of a search space, or the path of a file that declares one, and the
/// options that the space has.
public typealias SpaceConfiguration = NamedOptions<SpaceFamily>

extension NamedOptions where Family == SpaceFamily {
    /// The supernet of the space.
    ///
    /// - Parameter channels: of the images.
    /// - Throws: `SpaceError`, `.invalid` with lines and columns for a file that cannot be read.
    public func description(channels: Int) throws -> SupernetDescription {
        func make<D: SpaceDefinition>(_ definition: D) throws -> SupernetDescription {
            try definition.description(options(of: definition), channels: channels)
        }
        return try make(definition)
    }

    /// The path that the name is, where a file declares the space, by the name's key.
    ///
    /// - Parameter section: the key of these settings.
    /// - Throws: `FileError` for a file that cannot be read.
    public func places(under section: String) throws -> [String: NamedPlace] {
        guard let file = definition.file, FilePath.exists(file) else { return [:] }
        return ["\(section).name": NamedPlace(file, digest: try FileDigest.text(of: file))]
    }
}

extension ConfigurationCheck {
    /// Notes sizes that are out of range.
    mutating func require(_ key: String, _ values: [Int], in range: ClosedRange<Int>) {
        require(
            values.allSatisfy(range.contains), key,
            "must be from \(range.lowerBound) to \(range.upperBound), is "
                + (values.count == 1 ? "\(values[0])" : "\(values)"))
    }

    /// Notes a list that has not one entry a stage, as the list of another key has.
    mutating func requireStages(_ key: String, _ values: [Int], as other: String, _ others: [Int]) {
        require(
            !values.isEmpty && values.count == others.count, key,
            "must have one entry a stage, as \(other) (=\(others)), and at least one; is \(values)")
    }
}
