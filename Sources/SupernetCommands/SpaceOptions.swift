import ArgumentParser
import Experiments
import Support
import Workflows

/// The option `--space` of commands that work without a study.
enum SpaceOptions {
    /// The help of an option that names a space.
    static let nameHelp: ArgumentHelp =
        "A space's name (\(SpaceFamily.registry.names.joined(separator: ", "))), or a YAML file."

    /// The list of spaces and their settings, for help texts.
    static let discussion = "Spaces and their settings:\n\n" + SpaceFamily.help.joined(separator: "\n")

    /// Loads a space by name, with settings of its own.
    ///
    /// - Throws: `NamedOptionsError` for an unknown name; `ConfigurationError` for invalid settings.
    static func load(_ name: String, _ settings: [String]) throws -> SpaceConfiguration {
        try ConfigurationLoader.load(
            over: SpaceConfiguration(named: name), files: [], overrides: settings
        ).value
    }
}
