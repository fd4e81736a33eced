import Foundation

/// Commands of this program as a shell takes them, so that what a page says it was made by, and what a message says comes
/// next, can be given as it stands.
public enum CommandText {
    /// What this program was started with.
    public static var own: String { text(CommandLine.arguments) }

    /// A command with its arguments; where the program lies is left out.
    ///
    /// - Parameter arguments: the program first.
    public static func text(_ arguments: [String]) -> String {
        (["supernet"] + arguments.dropFirst().map(quoted)).joined(separator: " ")
    }

    /// A command to go on with.
    ///
    /// - Parameter words: a verb and its arguments.
    public static func command(_ words: String...) -> String { text(["supernet"] + words) }

    /// A command of a verb that reads data: `arguments`, then `--data` and the source, then `more`.
    public static func next(_ arguments: [String], data source: String, _ more: [String] = []) -> String {
        text(["supernet"] + arguments + ["--data", path(source)] + more)
    }

    /// An argument in single quotes where a shell would take it apart or read something into it.
    public static func quoted(_ argument: String) -> String {
        let isPlain = argument.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=:,+@%".contains($0)) }
        guard argument.isEmpty || !isPlain else { return argument }
        return "'" + argument.replacingOccurrences(of: "'", with: #"'\''"#) + "'"
    }

    /// A path as an argument: one that begins with a dash is named from the folder that it is in, as it would be an option.
    public static func path(_ path: String) -> String { path.hasPrefix("-") ? "./" + path : path }
}
