import Experiments
import Workflows

/// A space by name, with settings of its own on top.
enum SpaceOptions {
    static func load(_ name: String, _ settings: [String]) throws -> SpaceConfiguration {
        try ConfigurationLoader.load(
            SpaceConfiguration.self, file: nil, overrides: ["name=\(name)"] + settings
        ).value
    }
}
