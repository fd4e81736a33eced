/// A file that should be text and is not, or is in an encoding that nobody can be sure of.
public struct TextFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What the bytes are instead.
    public enum Kind: Equatable, Sendable {
        /// A byte that is part of no character of UTF-8, as every letter beyond ASCII in Latin-1 or Windows-1252 is.
        case notUTF8(byte: UInt8)
        /// UTF-16 that ends in the middle of a character, or has halves of characters by themselves.
        case brokenUTF16
        /// An encoding by name, known by its mark, that is not read.
        case unknownEncoding(String)
        /// A zero, which no text has.
        case binary
    }

    /// The file.
    public var path: String
    /// The line where it ceases to be text, from 1.
    public var line: Int
    /// What is wrong.
    public var kind: Kind

    /// An error about the file at `path`.
    public init(path: String, line: Int, _ kind: Kind) {
        self.path = path
        self.line = line
        self.kind = kind
    }

    /// What is wrong and what to do, without the place: the end of a sentence.
    public var reason: String {
        switch kind {
        case .notUTF8(let byte):
            let digits = String(byte, radix: 16, uppercase: true)
            return
                "it is not UTF-8 text (byte 0x\(digits)): saved in Latin-1 or Windows-1252, perhaps; save it as UTF-8"
        case .brokenUTF16: return "it begins as UTF-16 and is broken; save it as UTF-8"
        case .unknownEncoding(let name): return "it is in \(name); save it as UTF-8"
        case .binary: return "it holds a zero byte, so it is not text; check that it is the file that was meant"
        }
    }

    /// File, line and reason.
    public var description: String { "\(path), line \(line): \(reason)" }
}
