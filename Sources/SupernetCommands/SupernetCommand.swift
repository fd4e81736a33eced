import ArgumentParser
import Experiments
import Foundation
import Support
import Torch

/// The root command, `supernet`.
public struct SupernetCommand: ParsableCommand {
    /// The name, help text and subcommands of the program.
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

    /// Creates the command, which has no options of its own.
    public init() {}

    /// Checks the name of the subcommand. The message for an unknown one suggests the nearest, whereas the argument
    /// parser would report an unexpected argument.
    ///
    /// - Parameter arguments: the program and its arguments.
    /// - Throws: `ValidationError` for an unknown subcommand.
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

    /// Runs the command line and exits. An error, including results that could not be written to standard output,
    /// prints its message and exits with a non-zero status.
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

/// The version of the program.
public enum ProgramVersion {
    /// The version number, by semantic versioning; CHANGELOG.md lists its changes.
    public static let number = "0.9.0"

    /// The version with the commit of the program's checkout and the version of libtorch.
    static var text: String {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "."
        let folder = URL(fileURLWithPath: program).deletingLastPathComponent().path
        let commit = GitCommit.current(from: folder).map { "commit \($0.prefix(10))" } ?? "outside a checkout"
        let torch = (try? Runtime.version()).map { "libtorch \($0)" } ?? "no libtorch found"
        return "supernet \(number) (\(commit), \(torch))"
    }
}
