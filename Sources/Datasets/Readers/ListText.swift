/// The records of a list: one a line, except that a quoted CSV field may go over several.
struct ListText {
    /// How the fields of a line are told apart.
    enum Format: Sendable {
        /// Comma-separated values with quotes (RFC 4180).
        case commas
        /// The same with tabs.
        case tabs
        /// Two fields; the last run of spaces and tabs divides them, so that the first may hold spaces.
        case spaces
        /// One field: the line without blanks at its ends.
        case lines
    }

    struct Record: Hashable {
        /// The line on which it begins, counted from 1.
        let line: Int
        let fields: [String]
    }

    private(set) var records: [Record] = []
    private(set) var problems: [DatasetError.Problem] = []

    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private var line = 1

    /// Divides `bytes` into records. Blank lines are passed over; lines that cannot be divided become `problems`.
    init(_ bytes: [UInt8], format: Format) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        self.bytes = bytes.dropFirst(bytes.starts(with: mark) ? mark.count : 0)
        position = self.bytes.startIndex
        while position < self.bytes.endIndex {
            switch format {
            case .commas: readRecord(delimiter: UInt8(ascii: ","))
            case .tabs: readRecord(delimiter: UInt8(ascii: "\t"))
            case .spaces: readLine(divided: true)
            case .lines: readLine(divided: false)
            }
        }
    }

    /// Tabs for a name that ends in `.tsv`; otherwise commas if the name ends in `.csv` or the first line has one.
    static func format(of bytes: [UInt8], name: String) -> Format {
        let lowercased = name.lowercased()
        if lowercased.hasSuffix(".tsv") { return .tabs }
        let first = bytes.drop(while: isLineEnd).prefix { !isLineEnd($0) }
        return lowercased.hasSuffix(".csv") || first.contains(UInt8(ascii: ",")) ? .commas : .spaces
    }

    // MARK: - Quoted fields

    private enum FieldFailure: Error {
        case quoteInside, textAfterQuote, unterminated, notUTF8

        var words: String {
            switch self {
            case .quoteInside: "a quote within a field that does not begin with one"
            case .textAfterQuote: "text after a closing quote"
            case .unterminated: "a quoted field that never ends"
            case .notUTF8: "text that is not UTF-8"
            }
        }
    }

    private mutating func readRecord(delimiter: UInt8) {
        let first = line
        var fields: [String] = []
        do throws(FieldFailure) {
            while true {
                fields.append(try readField(delimiter: delimiter))
                guard let next = peek(), next == delimiter else { break }
                position += 1
            }
        } catch {
            problems.append(.init(line: first, error.words))
            skipLine()
            return
        }
        endLine()
        if fields != [""] { records.append(Record(line: first, fields: fields)) }
    }

    /// Reads a field and stops at what follows it: the delimiter, the line's end or the text's.
    private mutating func readField(delimiter: UInt8) throws(FieldFailure) -> String {
        while let byte = peek(), Self.isBlank(byte), byte != delimiter { position += 1 }
        guard peek() == Self.quote else {
            let start = position
            while let byte = peek(), byte != delimiter, !Self.isLineEnd(byte) {
                guard byte != Self.quote else { throw .quoteInside }
                position += 1
            }
            return try Self.text(bytes[start..<position])
        }
        position += 1
        var content: [UInt8] = []
        while true {
            guard let byte = peek() else { throw .unterminated }
            if Self.isLineEnd(byte) {
                let start = position
                endLine()
                content += bytes[start..<position]
                continue
            }
            position += 1
            guard byte == Self.quote else {
                content.append(byte)
                continue
            }
            guard peek() == Self.quote else { break }
            content.append(Self.quote)
            position += 1
        }
        while let byte = peek(), Self.isBlank(byte), byte != delimiter { position += 1 }
        if let byte = peek(), byte != delimiter, !Self.isLineEnd(byte) { throw .textAfterQuote }
        guard let text = String(validating: content, as: UTF8.self) else { throw .notUTF8 }
        return text
    }

    // MARK: - Lines without quotes

    private mutating func readLine(divided: Bool) {
        let first = line
        let start = position
        while let byte = peek(), !Self.isLineEnd(byte) { position += 1 }
        let whole = Self.trimmed(bytes[start..<position])
        endLine()
        guard !whole.isEmpty else { return }
        do throws(FieldFailure) {
            guard divided, let divider = whole.lastIndex(where: Self.isBlank) else {
                records.append(Record(line: first, fields: [try Self.text(whole)]))
                return
            }
            let fields = [try Self.text(whole[..<divider]), try Self.text(whole[(divider + 1)...])]
            records.append(Record(line: first, fields: fields))
        } catch {
            problems.append(.init(line: first, error.words))
        }
    }

    // MARK: - Bytes

    private static let quote = UInt8(ascii: "\"")

    private func peek() -> UInt8? {
        position < bytes.endIndex ? bytes[position] : nil
    }

    /// Moves over a line's end, if it is here: LF, CR LF or CR.
    private mutating func endLine() {
        guard let byte = peek(), Self.isLineEnd(byte) else { return }
        position += 1
        if byte == UInt8(ascii: "\r"), peek() == UInt8(ascii: "\n") { position += 1 }
        line += 1
    }

    private mutating func skipLine() {
        while let byte = peek(), !Self.isLineEnd(byte) { position += 1 }
        endLine()
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let start = bytes.firstIndex { !isBlank($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
        return bytes[start..<max(start, end)]
    }

    private static func text(_ bytes: ArraySlice<UInt8>) throws(FieldFailure) -> String {
        guard let text = String(validating: trimmed(bytes), as: UTF8.self) else { throw .notUTF8 }
        return text
    }
}
