import Foundation

/// Commands as a shell takes them, so that what a page says it was made by can be given again.
enum CommandText {
    /// What this program was started with.
    static var own: String { text(CommandLine.arguments) }

    /// A command with its arguments; where the program lies is left out.
    static func text(_ arguments: [String]) -> String {
        (["supernet"] + arguments.dropFirst().map(quoted)).joined(separator: " ")
    }

    /// A command of a verb that reads data: `arguments`, then `--data` and the source, then `more`.
    static func next(_ arguments: [String], data source: String, _ more: [String] = []) -> String {
        // What begins with a dash would be taken for an option.
        let source = source.hasPrefix("-") ? "./\(source)" : source
        return text(["supernet"] + arguments + ["--data", source] + more)
    }

    /// In single quotes where a shell would take it apart or read something into it.
    static func quoted(_ argument: String) -> String {
        let isPlain = argument.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=:,+@%".contains($0)) }
        guard argument.isEmpty || !isPlain else { return argument }
        return "'" + argument.replacingOccurrences(of: "'", with: #"'\''"#) + "'"
    }
}
