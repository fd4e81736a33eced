/// Why a data set, or one image of it, cannot be had: what is wrong, in which file and lines, and what to do.
public struct DatasetError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The sort of failure, for a caller that acts on it: a loader may skip a `.corrupt` image, and should stop at
    /// the rest.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The file or folder is missing, or may not be read.
        case unreadable
        /// The file could not be written.
        case unwritable
        /// The bytes are of a kind, or use a feature, that is not read here.
        case unsupported
        /// The bytes are damaged or end too early.
        case corrupt
        /// The content passes a limit.
        case tooLarge
        /// There is no image, or a class without one.
        case empty
        /// Lines or values that contradict the format, the class names or each other.
        case malformed
        /// A path at which no known layout was found, or several.
        case unrecognised
        /// A number or an index that the caller gave.
        case invalidArgument
        /// A data set that could not be fetched.
        case unobtainable
    }

    /// One thing that is wrong.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The line of the file, counted from 1, where there are lines.
        public let line: Int?
        /// What is wrong.
        public let what: String

        /// A problem at a line, or of the whole file where `line` is nil.
        public init(line: Int? = nil, _ what: String) {
            self.line = line
            self.what = what
        }

        /// What is wrong, after the line's number where there is one.
        public var description: String {
            line.map { "line \($0): \(what)" } ?? what
        }
    }

    /// The number of problems that an error spells out; it counts the rest.
    public static let maximumProblems = 20

    /// The sort of failure.
    public let kind: Kind
    /// The file or folder it is about.
    public let file: String?
    /// What is wrong: at least one problem, at most `maximumProblems`.
    public let problems: [Problem]
    /// Problems beyond those in `problems`.
    public let unlisted: Int
    /// What to do about it.
    public let advice: String

    /// Makes an error of several problems.
    ///
    /// - Parameters:
    ///   - kind: the sort of failure, for a caller that acts on it.
    ///   - file: the path of the file or folder it is about; nil for none.
    ///   - problems: all of them; those beyond `maximumProblems` are counted and dropped.
    ///   - unlisted: problems already dropped by the caller.
    ///   - advice: what to do about it; the last line of the description.
    public init(_ kind: Kind, file: String? = nil, problems: [Problem], unlisted: Int = 0, advice: String) {
        self.kind = kind
        self.file = file
        self.problems = Array(problems.prefix(Self.maximumProblems))
        self.unlisted = unlisted + max(0, problems.count - Self.maximumProblems)
        self.advice = advice
    }

    /// An error of one problem.
    public init(_ kind: Kind, file: String? = nil, line: Int? = nil, _ what: String, advice: String) {
        self.init(kind, file: file, problems: [Problem(line: line, what)], advice: advice)
    }

    /// The file, what is wrong with it, and on the last line what to do.
    public var description: String {
        let place = file.map { "\($0): " } ?? ""
        guard problems.count > 1 || unlisted > 0 else {
            return "\(place)\(problems.first?.description ?? kind.rawValue)\n\(advice)"
        }
        var lines = ["\(place)\(problems.count + unlisted) problems"]
        lines += problems.map { "  \($0)" }
        if unlisted > 0 { lines.append("  and \(unlisted) more") }
        lines.append(advice)
        return lines.joined(separator: "\n")
    }
}
