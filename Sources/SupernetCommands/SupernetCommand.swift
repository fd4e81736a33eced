import ArgumentParser
import Distributed
import Experiments
import Foundation
import Support
import Torch

/// The root command, `supernet`.
public struct SupernetCommand: ParsableCommand {
    /// The name, help text and subcommands of the program.
    public static let configuration = CommandConfiguration(
        commandName: "supernet",
        abstract: "Neural architecture search and adaptation for vision.",
        discussion: """
            Start with `supernet demo`, or with `supernet run --data FOLDER` for images of your own. Every command \
            prints its plan and its progress, and at the end the files that it wrote and a command to continue with. A \
            command that is interrupted continues where it was when it is given again.
            """,
        version: ProgramVersion.number,
        subcommands: [
            Demo.self, RunCommand.self, DataCommand.self, Train.self, Probe.self, Search.self, Finetune.self,
            Retrain.self, Adapt.self, Watch.self, BenchmarkCommand.self, Rank.self, CompareCommand.self, Evaluate.self,
            Predict.self, Import.self, Export.self, Profile.self, ConfigCommand.self, Doctor.self,
            MeasureReduction.self,
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

    /// Prints an error and exits.
    private static func end(_ error: any Error) -> Never {
        // Of processes that have ended with a status of their own, all is said.
        if !(error is ExitCode) {
            // Where rank 0 has the same error, it says it, and this process is ended before it does.
            if ChildProcess.isFollower { usleep(1_500_000) }
            let place = Console.isQuiet ? Ranks.current.map { "rank \($0.rank): " } ?? "" : ""
            Console.isQuiet = false
            Console.say(place + fullMessage(for: error))
        }
        var status = exitCode(for: error).rawValue
        if case .lost? = error as? RanksError { status = RanksError.lostStatus }
        // At once: threads of a group that is broken may wait for the others in what a process does at its end.
        if Ranks.current != nil { _exit(status) }
        Foundation.exit(status)
    }

    /// Runs the command line and exits. An error, including results that could not be written to standard output,
    /// prints its message and exits with a non-zero status.
    public static func start() -> Never {
        StandardStream.secure()
        Interruption.announce(CommandLine.arguments)
        Interruption.listen()
        LeftOut.tellEach()
        do {
            if CommandLine.arguments.dropFirst() == ["--version"] {
                Console.result(ProgramVersion.text)
                try Console.finish()
                exit()
            }
            try refuseUnknownVerb(CommandLine.arguments)
            try ProcessOptions.refuseSeveral(CommandLine.arguments.dropFirst().first)
            var command = try parseAsRoot()
            try command.run()
            try Console.finish()
            exit()
        } catch {
            // Help and completion scripts are our own text; of errors, some is that of files and of the command line.
            guard exitCode(for: error) != .success else { exit(withError: error) }
            end(error)
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
