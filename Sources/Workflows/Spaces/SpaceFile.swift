import Architectures
import Experiments

/// A space that a YAML or JSON file declares, known by the path of the file.
struct SpaceFile: SpaceDefinition {
    let name: String
    let summary = "A space that a file declares."
    let defaults = NoOptions()

    /// A file by its path; nil where the name is that of no YAML or JSON file. Whether there is one is seen when it is
    /// read.
    init?(path: String) {
        guard [".yaml", ".yml", ".json"].contains(where: path.hasSuffix) else { return nil }
        name = path
    }

    var file: String? { name }

    /// The file has `name`, `channels` and `backbone`. What else stands at the top of it, such as layers that the
    /// backbone repeats, is for whoever wrote it.
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

    /// What the file says of the space.
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
