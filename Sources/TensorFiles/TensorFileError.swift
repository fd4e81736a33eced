/// A tensor file that cannot be read or written: which file, and everything found wrong with it.
public struct TensorFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One fault, with the tensor, record or field it concerns.
    public struct Problem: Sendable, Equatable, CustomStringConvertible {
        /// The tensor's name, the archive's record or the header's field; nil where the file as a whole is meant.
        public let key: String?

        /// What is wrong.
        public let fault: TensorFileFault

        /// A problem of `key`, or of the whole file where `key` is nil.
        public init(key: String? = nil, _ fault: TensorFileFault) {
            self.key = key
            self.fault = fault
        }

        /// The key in quotes, with control characters made visible, and what is wrong with it.
        public var description: String {
            guard let key else { return fault.description }
            return "\(quoted(key)): \(fault)"
        }
    }

    /// The file as the caller named it.
    public let path: String

    /// Every problem found, at least one, in the order of the file.
    public let problems: [Problem]

    /// An error about the file at `path`.
    public init(path: String, problems: [Problem]) {
        self.path = path
        self.problems = problems
    }

    /// An error with a single problem.
    public init(path: String, key: String? = nil, _ fault: TensorFileFault) {
        self.init(path: path, problems: [Problem(key: key, fault)])
    }

    /// The path and what is wrong, in words: on one line for a single problem, else one a line, at most 20 of them.
    public var description: String {
        if problems.count == 1 { return "\(path): \(problems[0])" }
        // A hostile file can hold a million bad keys; a person reads the first few.
        let shown = 20
        var lines = ["\(path): \(problems.count) problems"]
        lines += problems.prefix(shown).map { "  \($0)" }
        if problems.count > shown { lines.append("  … and \(problems.count - shown) more") }
        return lines.joined(separator: "\n")
    }
}

/// `text` in double quotes, cut to a readable length, with control characters made visible: text from a file must not
/// be able to drive the reader's terminal.
func quoted(_ text: String) -> String {
    var result = "\""
    var count = 0
    for scalar in text.unicodeScalars {
        if count == 120 {
            result += "…"
            break
        }
        count += 1
        switch scalar {
        case "\"", "\\":
            result.unicodeScalars.append("\\")
            result.unicodeScalars.append(scalar)
        case _ where scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format:
            result += "\\u{" + String(scalar.value, radix: 16) + "}"
        default:
            result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
