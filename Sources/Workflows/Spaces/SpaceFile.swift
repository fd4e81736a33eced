import Architectures
import Experiments

/// A space that a YAML or JSON file declares, known by the path of the file.
struct SpaceFile: SpaceDefinition {
    let name: String
    let summary = "A space that a file declares."
    let defaults = NoOptions()

    /// Creates the space of a file; nil for a path that does not end like that of a YAML or JSON file. The file is
    /// opened when the space is built.
    init?(path: String) {
        guard [".yaml", ".yml", ".json"].contains(where: path.hasSuffix) else { return nil }
        name = path
    }

    var file: String? { name }

    /// Reads the file, which has `name`, `channels` and `backbone`. Other keys, such as layers that the backbone
    /// repeats, are ignored.
    func description(_ options: NoOptions, channels: Int) throws -> SupernetDescription {
        let file = try LayersFile(path: name)
        let description = try SupernetDescription(file.name, channels: file.channels, backbone: file.backbone)
        try file.require(channels: channels)
        return description
    }
}

/// Layers that a YAML or JSON file declares: `name`, `channels` and `backbone`.
public struct LayersFile: Sendable {
    /// The path of the file.
    public let path: String
    /// The name of the network or space.
    public let name: String
    /// The number of channels of the images.
    public let channels: Int
    /// The layers from [channels, H, W] to [features].
    public let backbone: Layer

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: the path of the file.
    ///   - known: names that could have been meant by a path that ends like no file, for the message.
    /// - Throws: `SpaceError.invalid` for a path that does not end like that of a YAML or JSON file, or a file that
    ///   cannot be read.
    public init(path: String, known: [String] = []) throws {
        guard [".yaml", ".yml", ".json"].contains(where: path.hasSuffix) else {
            throw SpaceError.invalid(
                space: path,
                ["it is no YAML or JSON file" + (known.isEmpty ? "" : ", and none of \(known.joined(separator: ", "))")]
            )
        }
        let content: Content
        do {
            content = try ConfigurationLoader.decode(Content.self, file: path)
        } catch let error as ConfigurationError {
            throw SpaceError.invalid(space: path, error.shown)
        }
        self.path = path
        (name, channels, backbone) = (content.name, content.channels, content.backbone)
    }

    /// Refuses data of another number of channels.
    ///
    /// - Throws: `SpaceError.invalid`.
    public func require(channels: Int) throws {
        guard self.channels == channels else {
            throw SpaceError.invalid(
                space: path, ["it is for images of \(self.channels) channels; the data has \(channels)"])
        }
    }

    private struct Content: Decodable {
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
}
