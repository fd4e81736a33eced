/// Text files as people and their programs write them: with a byte order mark, in UTF-16 as spreadsheets save "Unicode
/// text", with the line ends of any system.
///
/// Every text that a person may have written is read here: configurations, spaces, lists of images, names of classes.
public enum TextFile {
    /// The most bytes of a text unless told otherwise: 256 MiB, a list of millions of images.
    public static let defaultLimit = 256 << 20

    /// The text of a file, without a byte order mark.
    ///
    /// - Throws: ``FileError`` for what cannot be read or has more than `limit` bytes; ``TextFileError`` for what is
    ///   neither UTF-8 nor UTF-16, with the line where it ceases to be text.
    public static func read(_ path: String, limit: Int = defaultLimit) throws -> String {
        try text(of: InputFile.readAll(path, limit: limit), path: path)
    }

    /// The text that bytes stand for, without a byte order mark.
    ///
    /// - Parameters:
    ///   - bytes: the whole of a file.
    ///   - path: the path of the file, for the error.
    public static func text(of bytes: [UInt8], path: String) throws(TextFileError) -> String {
        switch encoding(of: bytes) {
        case .utf8(let mark): return try utf8(bytes[mark...], path: path)
        case .utf16(let mark, let bigEndian): return try utf16(bytes[mark...], bigEndian: bigEndian, path: path)
        case .utf32: throw TextFileError(path: path, line: 1, .unknownEncoding("UTF-32"))
        }
    }

    /// The lines of a text, which end with a line feed, a carriage return, or both; a last line that is empty is none.
    public static func lines(of text: String) -> [Substring] {
        // Scalars, as a carriage return and a line feed together are a single character.
        let scalars = text.unicodeScalars
        var lines: [Substring] = []
        var start = scalars.startIndex
        var index = start
        while index < scalars.endIndex {
            let next = scalars.index(after: index)
            switch scalars[index] {
            case "\r" where next < scalars.endIndex && scalars[next] == "\n":
                lines.append(text[start..<index])
                start = scalars.index(after: next)
                index = start
            case "\r", "\n":
                lines.append(text[start..<index])
                start = next
                index = next
            default: index = next
            }
        }
        if start < scalars.endIndex { lines.append(text[start...]) }
        return lines
    }

    /// The encoding of the bytes, with the size of the byte order mark.
    private enum Encoding {
        case utf8(mark: Int)
        case utf16(mark: Int, bigEndian: Bool)
        case utf32
    }

    private static func encoding(of bytes: [UInt8]) -> Encoding {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return .utf8(mark: 3) }
        if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return .utf32 }
        if bytes.starts(with: [0xFF, 0xFE]) { return .utf16(mark: 2, bigEndian: false) }
        if bytes.starts(with: [0xFE, 0xFF]) { return .utf16(mark: 2, bigEndian: true) }
        // Without a mark, Latin letters in UTF-16 are pairs of a letter and a zero, which no other text has.
        let pairs = min(bytes.count / 2, 64)
        if pairs > 0, bytes.count.isMultiple(of: 2) {
            let zeros = (0..<2 * pairs).reduce(into: [0, 0]) { if bytes[$1] == 0 { $0[$1 % 2] += 1 } }
            if 8 * zeros[0] < pairs, 2 * zeros[1] > pairs { return .utf16(mark: 0, bigEndian: false) }
            if 8 * zeros[1] < pairs, 2 * zeros[0] > pairs { return .utf16(mark: 0, bigEndian: true) }
        }
        return .utf8(mark: 0)
    }

    private static func utf8(_ bytes: ArraySlice<UInt8>, path: String) throws(TextFileError) -> String {
        if let zero = bytes.firstIndex(of: 0) {
            throw TextFileError(path: path, line: bytes[..<zero].reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }, .binary)
        }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        // A line feed is part of no longer character, so the lines can be looked at one by one.
        var number = 1
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if String(validating: line, as: UTF8.self) == nil {
                let whole = String(decoding: line, as: UTF8.self).unicodeScalars.prefix { $0 != "\u{FFFD}" }
                let offset = String(String.UnicodeScalarView(whole)).utf8.count
                throw TextFileError(path: path, line: number, .notUTF8(byte: line[line.startIndex + offset]))
            }
            number += 1
        }
        throw TextFileError(path: path, line: number, .binary)
    }

    private static func utf16(
        _ bytes: ArraySlice<UInt8>, bigEndian: Bool, path: String
    ) throws(TextFileError) -> String {
        let units = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map { index -> UInt16 in
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            return bigEndian ? first << 8 | second : second << 8 | first
        }
        func lines(_ units: some Sequence<UInt16>) -> Int { units.reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) } }
        guard bytes.count.isMultiple(of: 2), let text = String(validating: units, as: UTF16.self) else {
            throw TextFileError(path: path, line: lines(units), .brokenUTF16)
        }
        if let zero = units.firstIndex(of: 0) { throw TextFileError(path: path, line: lines(units[..<zero]), .binary) }
        return text
    }
}

/// A file that should be text and is not, or is in an encoding that nobody can be sure of.
public struct TextFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The fault of the bytes.
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

    /// The path of the file.
    public var path: String
    /// The line where it ceases to be text, from 1.
    public var line: Int
    /// The fault.
    public var kind: Kind

    /// An error about the file at `path`.
    public init(path: String, line: Int, _ kind: Kind) {
        self.path = path
        self.line = line
        self.kind = kind
    }

    /// The fault and its remedy, without the place, as the end of a sentence.
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

    /// The file, the line and the reason as one message.
    public var description: String { "\(path), line \(line): \(reason)" }
}
