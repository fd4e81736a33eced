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
        let content: Content
        do {
            content = try ConfigurationLoader.decode(Content.self, file: name)
        } catch let error as ConfigurationError {
            throw SpaceError.invalid(space: name, error.shown)
        }
        let description = try SupernetDescription(
            content.name, channels: content.channels, backbone: content.backbone)
        guard description.channels == channels else {
            throw SpaceError.invalid(
                space: name, ["it is for images of \(description.channels) channels; the data has \(channels)"])
        }
        return description
    }

    /// The content of the file.
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
