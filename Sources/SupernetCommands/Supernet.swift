import ArgumentParser
import Files
import Foundation

/// The root of the command line.
public struct Supernet: ParsableCommand {
    /// The program's name, its help text and its verbs.
    public static let configuration = CommandConfiguration(
        commandName: "supernet",
        abstract: "Turns a folder of images into a network.",
        discussion: """
            Every verb prints its plan, shows progress, can be killed at any moment and continues from the same \
            command, and ends by naming what it wrote and what to do next.
            """,
        subcommands: [
            Demo.self, RunStudy.self, DataCommand.self, Train.self, Probe.self, Search.self, Finetune.self,
            Retrain.self, Adapt.self, Truth.self, Rank.self, StudyMethods.self, Evaluate.self, Predict.self,
            Import.self,
            Export.self, Profile.self, Doctor.self,
        ])

    /// As the argument parser needs it; the root has no options of its own.
    public init() {}

    /// The whole program: does what the command line says, and ends the process. An error ends it with its message and a
    /// status that is not zero, results that could not be written to standard output among them.
    public static func start() -> Never {
        StandardStream.secure()
        Interruption.announce(CommandLine.arguments)
        LeftOut.tellEach()
        do {
            var command = try parseAsRoot()
            try command.run()
            try Console.finish()
            exit()
        } catch {
            // Help and completion scripts are our own text; of errors, some is that of files and of the command line.
            guard exitCode(for: error) != .success else { exit(withError: error) }
            Console.say(fullMessage(for: error))
            Foundation.exit(exitCode(for: error).rawValue)
        }
    }
}
