import ArgumentParser
import Experiments
import Foundation
import Support

/// The root of the command line.
public struct SupernetCommand: ParsableCommand {
    /// The program's name, its help text and its verbs.
    public static let configuration = CommandConfiguration(
        commandName: "supernet",
        abstract: "Turns a folder of images into a network.",
        discussion: """
            Every verb prints its plan, shows progress, can be killed at any moment and continues from the same \
            command, and ends by naming what it wrote and what to do next.
            """,
        version: ProgramVersion.number,
        subcommands: [
            Demo.self, RunCommand.self, DataCommand.self, Train.self, Probe.self, Search.self, Finetune.self,
            Retrain.self, Adapt.self, BenchmarkCommand.self, Rank.self, CompareCommand.self, Evaluate.self,
            Predict.self,
            Import.self,
            Export.self, Profile.self, Doctor.self,
        ])

    /// As the argument parser needs it; the root has no options of its own.
    public init() {}

    /// Refuses a verb that there is not with the nearest ones; the parser would only call it an unexpected argument.
    ///
    /// - Parameter arguments: the program first.
    /// - Throws: `ValidationError`.
    static func refuseUnknownVerb(_ arguments: [String]) throws {
        let verbs = configuration.subcommands.flatMap { [$0._commandName] + $0.configuration.aliases }
        guard let verb = arguments.dropFirst().first, !verb.hasPrefix("-"), verb != "help", !verbs.contains(verb) else {
            return
        }
        let nearest = NearestKeys.of(verb, among: verbs)
        throw ValidationError(
            "there is no verb `\(verb)`"
                + (nearest.isEmpty
                    ? "; the verbs are \(verbs.joined(separator: ", "))"
                    : "; did you mean \(nearest.map { "`\($0)`" }.joined(separator: " or "))?"))
    }

    /// The whole program: does what the command line says, and ends the process. An error ends it with its message and a
    /// status that is not zero, results that could not be written to standard output among them.
    public static func start() -> Never {
        StandardStream.secure()
        Interruption.announce(CommandLine.arguments)
        LeftOut.tellEach()
        do {
            if CommandLine.arguments.dropFirst() == ["--version"] {
                Console.result(ProgramVersion.text)
                try Console.finish()
                exit()
            }
            try refuseUnknownVerb(CommandLine.arguments)
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
