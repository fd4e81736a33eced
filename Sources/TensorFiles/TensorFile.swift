/// A file of tensors of any kind that is read here, told apart by its first bytes rather than its name: checkpoints are
/// called `.pth`, `.pth.tar`, `.ckpt`, `.bin` and more.
public struct TensorFile: Sendable {
    /// The file as the caller named it.
    public let path: String
    /// The tensors in the order of the file; nested dictionaries of PyTorch's become dotted names.
    public let tensors: [StoredTensor]
    /// Python objects in a file of PyTorch's that are not understood, and therefore not read.
    public let unread: [UnreadObject]
    /// Free text by key; empty for PyTorch's own files.
    public let metadata: [String: String]

    /// Maps the file at `path` and reads its structure.
    ///
    /// - Throws: ``TensorFileError`` for a file that is damaged, hostile or of another kind.
    public init(path: String) throws {
        let file = try MappedFile(path: path)
        self.path = path
        if Self.isPyTorch(file) {
            let read = try PyTorchFile(file)
            (tensors, unread, metadata) = (read.tensors, read.unread, [:])
        } else {
            let read = try SafeTensorsFile(file)
            (tensors, unread, metadata) = (read.tensors, [], read.metadata)
        }
    }

    /// A safetensors file begins with the length of its header, which may look like anything, and then a brace.
    private static func isPyTorch(_ file: MappedFile) -> Bool {
        file.withUnsafeBytes { bytes in
            guard bytes.count > 8, bytes[8] != UInt8(ascii: "{") else { return false }
            return bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes[0] == 0x80
                || bytes.dropFirst(257).starts(with: Array("ustar".utf8))
        }
    }
}

/// A tensor file that cannot be read or written: which file, and everything found wrong with it.
public struct TensorFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A fault, with the tensor, record or field it concerns.
    public struct Problem: Sendable, Equatable, CustomStringConvertible {
        /// The tensor's name, the archive's record or the header's field; nil where the file as a whole is meant.
        public let key: String?

        /// The fault.
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

/// Puts `text` in double quotes, cut to a readable length, with control characters made visible: text from a file must
/// not be able to drive the reader's terminal.
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
