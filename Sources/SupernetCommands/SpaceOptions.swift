import ArgumentParser
import Experiments
import Support
import Workflows

/// The search space that a verb without a study works on.
enum SpaceOptions {
    /// The help of an option that names a space.
    static let nameHelp: ArgumentHelp =
        "A space's name (\(SpaceFamily.registry.names.joined(separator: ", "))), or a YAML file."

    /// Spaces and their settings, for the help of a verb.
    static let discussion = "Spaces and their settings:\n\n" + SpaceFamily.help.joined(separator: "\n")

    /// A space by name, with settings of its own on top.
    ///
    /// - Throws: `NamedOptionsError` for a name that there is not, `ConfigurationError` for wrong settings.
    static func load(_ name: String, _ settings: [String]) throws -> SpaceConfiguration {
        try ConfigurationLoader.load(
            over: SpaceConfiguration(named: name), files: [], overrides: settings
        ).value
    }
}
