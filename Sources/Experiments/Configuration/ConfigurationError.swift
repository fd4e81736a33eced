/// The place where a configured value was written.
public enum ConfigurationOrigin: Equatable, Sendable, CustomStringConvertible {
    /// A line and a column of a file, both counted from 1; line 0 means the file as a whole.
    case file(String, line: Int, column: Int)
    /// A setting of the command line, `--set key=value`.
    case setting(String)

    /// The place as `file:line` or `--set key=value`, to stand in brackets after a message.
    public var description: String {
        switch self {
        case .file(let path, let line, _): line > 0 ? "\(path):\(line)" : path
        case .setting(let text): "--set \(ConfigurationProblem.shortened(text))"
        }
    }
}

/// A single problem of a configuration.
public struct ConfigurationProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of problems, with the details that their messages need.
    public enum Kind: Equatable, Sendable {
        /// An unknown key. `nearest` are up to three known keys that are spelled alike, or live elsewhere under that
        /// name; `known` are all keys of that section where they are few.
        case unknownKey(nearest: [String], known: [String])
        /// No such key among the options of a definition that was chosen by name. `owner` is the definition in words,
        /// such as "the search space `chain`"; `known` are all of its options, `nearest` those that are spelled alike.
        case unknownOption(owner: String, nearest: [String], known: [String])
        /// A value of another type than the key's.
        case mismatch(expected: String, found: String)
        /// A key without a default is absent.
        case missing
        /// The value was refused, with the reason.
        case invalid(String)
        /// The text is not YAML, or the setting not `key=value`.
        case malformed(String)
        /// The file cannot be read.
        case unreadable(String)
    }

    /// The full key path, such as `train.optimizer.lr` or `augment[2].size`; empty for a file as a whole.
    public var key: String
    /// The kind of the problem.
    public var kind: Kind
    /// The place where the value was written; nil where it was written nowhere, as with a refused default.
    public var origin: ConfigurationOrigin?

    /// The key, what is wrong with it and where it was written, in words.
    public var description: String {
        let place = origin.map { " (\($0))" } ?? ""
        let key = Self.shortened(key)
        let name = key.isEmpty ? "the top level" : "`\(key)`"
        switch kind {
        case .unknownKey(let nearest, let known):
            return "unknown key `\(key)`\(place)" + Self.hint(nearest: nearest, known: known)
        case .unknownOption(let owner, let nearest, let known):
            return "unknown key `\(key)`\(place); \(owner) has " + (known.isEmpty ? "no options" : Self.list(known))
                + Self.hint(nearest: nearest, known: [])
        case .mismatch(let expected, let found):
            return "\(name): expected \(expected), found \(found)\(place)"
        case .missing:
            return "\(name): missing, and it has no default\(place)"
        case .invalid(let reason):
            return "\(name): \(reason)\(place)"
        case .malformed(let reason), .unreadable(let reason):
            guard case .file(_, let line, let column) = origin, line > 0, column > 0 else { return "\(reason)\(place)" }
            return "\(reason) (\(origin.map(String.init(describing:)) ?? ""):\(column))"
        }
    }

    /// A key or a setting, cut where nobody would read on.
    static func shortened(_ text: String) -> String { text.utf8.count > 400 ? text.prefix(400) + "…" : text }

    private static func list(_ keys: [String]) -> String { keys.map { "`\($0)`" }.joined(separator: ", ") }

    private static func hint(nearest: [String], known: [String]) -> String {
        if !nearest.isEmpty { return "; did you mean \(list(nearest))?" }
        return known.isEmpty ? "" : "; the keys here are \(list(known))"
    }
}

/// Everything that is wrong with a configuration: what the file has wrong, line by line, and then the settings.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Every problem found, in the order in which they are reported.
    public var problems: [ConfigurationProblem]

    /// An error that reports `problems` in the order given.
    public init(_ problems: [ConfigurationProblem]) {
        self.problems = problems
    }

    /// So many problems are told; whoever has more of them has another one.
    private static let most = 50

    /// The problems in words, the first fifty of more than that.
    public var shown: [String] {
        let more = problems.count - Self.most
        return problems.prefix(Self.most).map(\.description) + (more > 0 ? ["… and \(more) more"] : [])
    }

    /// All problems in words, one a line if there are several.
    public var description: String {
        if problems.count == 1 { return "the configuration cannot be used: \(problems[0])" }
        return "the configuration cannot be used, for \(problems.count) reasons:\n"
            + shown.map { "  \($0)" }.joined(separator: "\n")
    }
}

extension ConfigurationProblem {
    /// File problems by line, then those of settings, then what has no place.
    static func inReadingOrder(_ problems: [ConfigurationProblem]) -> [ConfigurationProblem] {
        func rank(_ problem: ConfigurationProblem) -> (Int, Int, Int) {
            switch problem.origin {
            case .file(_, let line, let column): (0, line, column)
            case .setting: (1, 0, 0)
            case nil: (2, 0, 0)
            }
        }
        return problems.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
            .map(\.element)
    }
}

private func < (a: ((Int, Int, Int), Int), b: ((Int, Int, Int), Int)) -> Bool {
    a.0 == b.0 ? a.1 < b.1 : a.0 < b.0
}
