import Architectures
import Experiments
import Support

/// Which search space.
public struct SpaceConfiguration: Configuration {
    /// `resnest`, `resnest-tiny`, `resnest50`, `nas-bench-201`, `mobile`, `mobile-tiny`, `chain`,
    /// `efficientnet-lite0`, or the path of a YAML or JSON file that declares a space.
    public var name = "resnest-tiny"
    /// Of a ResNeSt: how the image enters, `deep` for 224 pixels, `small` or `half` for 28 to 64. Nil: the space's own.
    public var stem: ResNeStSpace.Stem?
    /// Of a ResNeSt: channels of the stem's first convolution. Nil: the space's own.
    public var stemWidth: Int?
    /// Of a ResNeSt: width of each stage. Nil: the space's own.
    public var planes: [Int]?
    /// Of a ResNeSt, mobile space or chain: blocks of each stage. Nil: the space's own.
    public var depths: [Int]?
    /// Of a ResNeSt: output channels of a block over the stage's planes. Nil: the space's own.
    public var expansion: Int?
    /// Of nas-bench-201: channels of the first stage; of a mobile space: of the stem. Nil: the space's own.
    public var width: Int?
    /// Of nas-bench-201: cells of each stage. Nil: the space's own.
    public var cells: Int?
    /// Of nas-bench-201: what stands between stages, `residual` or `pool`. Nil: the space's own.
    public var reduction: NASBench201Space.Reduction?
    /// Of nas-bench-201, a chain or efficientnet-lite0: stride of the stem. Nil: the space's own.
    public var stemStride: Int?
    /// Of a mobile space or a chain: output channels of each stage. Nil: the space's own.
    public var widths: [Int]?
    /// Of a mobile space: stride of each stage's first block. Nil: the space's own.
    public var strides: [Int]?

    /// The default: `resnest-tiny`.
    public init() {}

    /// Names of the spaces that are there without a file.
    public static let names = [
        "resnest", "resnest-tiny", "resnest50", "nas-bench-201", "mobile", "mobile-tiny", "chain",
        "efficientnet-lite0",
    ]

    /// What `name` names, where it is the path of a file, by its key.
    ///
    /// - Parameter section: the key of these settings.
    /// - Throws: `FileError` for a file that cannot be read.
    public func places(under section: String) throws -> [String: NamedPlace] {
        guard !Self.names.contains(name), FilePath.exists(name) else { return [:] }
        return ["\(section).name": NamedPlace(name, digest: try FileDigest.text(of: name))]
    }

    /// The supernet of the space.
    ///
    /// - Parameter channels: of the images.
    /// - Throws: `SpaceError`, `.invalid` with lines and columns for a file that cannot be read.
    public func description(channels: Int) throws -> SupernetDescription {
        switch name {
        case "resnest50":
            return try resnest(over: .resnest50, channels).description(name: name)
        case "resnest", "resnest-tiny":
            let tiny = ResNeStSpace(stem: .half, planes: [32, 64, 128], depths: [2, 2, 2], expansion: 2)
            return try resnest(over: tiny, channels).description(name: name)
        case "nas-bench-201":
            let space = NASBench201Space(
                channels: channels, width: width ?? 16, cells: cells ?? 5, stemStride: stemStride ?? 1,
                reduction: reduction ?? .residual)
            return try space.description(name: name)
        case "chain":
            var space = ChainSpace(channels: channels)
            space.widths = widths ?? space.widths
            space.depths = depths ?? space.depths
            space.stemStride = stemStride ?? space.stemStride
            return try space.description(name: name)
        case "efficientnet-lite0":
            return try EfficientNetLiteSpace(channels: channels, stemStride: stemStride ?? 2).description(name: name)
        case "mobile", "mobile-tiny":
            var space = name == "mobile" ? MobileSpace(channels: channels) : .tiny(channels: channels)
            space.stemWidth = width ?? space.stemWidth
            space.widths = widths ?? space.widths
            space.depths = depths ?? space.depths
            space.strides = strides ?? space.strides
            return try space.description(name: name)
        default:
            guard name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name.hasSuffix(".json") else {
                throw SpaceError.unknownSpace(name, known: Self.names + ["or the path of a .yaml or .json file"])
            }
            return try Self.read(name, channels: channels)
        }
    }

    private func resnest(over base: ResNeStSpace, _ channels: Int) -> ResNeStSpace {
        ResNeStSpace(
            channels: channels, stem: stem ?? base.stem, stemWidth: stemWidth ?? base.stemWidth,
            planes: planes ?? base.planes, depths: depths ?? base.depths, expansion: expansion ?? base.expansion)
    }

    /// A space that a file declares: `name`, `channels` and `backbone`. What else stands at the top of it, such as layers
    /// that the backbone repeats, is for whoever wrote it.
    private static func read(_ path: String, channels: Int) throws -> SupernetDescription {
        let file: SpaceFile
        do {
            file = try ConfigurationLoader.decode(SpaceFile.self, file: path)
        } catch let error as ConfigurationError {
            throw SpaceError.invalid(space: path, error.shown)
        }
        let description = try SupernetDescription(file.name, channels: file.channels, backbone: file.backbone)
        guard description.channels == channels else {
            throw SpaceError.invalid(
                space: path, ["it is for images of \(description.channels) channels; the data has \(channels)"])
        }
        return description
    }
}

/// What a file says of a space.
private struct SpaceFile: Decodable {
    let name: String
    let channels: Int
    let backbone: Layer

    private enum Key: String, CodingKey { case name, channels, backbone }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        // Who asks for all keys says that there may be others.
        _ = container.allKeys
        name = try container.decode(String.self, forKey: .name)
        channels = try container.decode(Int.self, forKey: .channels)
        backbone = try container.decode(Layer.self, forKey: .backbone)
    }
}
