import Support

/// The records of a list: one a line, except that a quoted CSV field may go over several.
struct ListText {
    /// The way in which the fields of a line are separated.
    enum Format: Sendable {
        /// Values with quotes (RFC 4180), divided by this byte: a comma, a semicolon, a tab or a bar.
        case delimited(UInt8)
        /// Two fields; the last run of spaces and tabs divides them, so that the first may hold spaces.
        case spaces
        /// Each line is one field, without the blanks at its ends.
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

    /// Divides a text into records. Blank lines, and lines of nothing but delimiters, are passed over; lines that cannot
    /// be divided become `problems`.
    init(_ text: String, format: Format) {
        bytes = Array(text.utf8)[...]
        position = bytes.startIndex
        while position < bytes.endIndex {
            switch format {
            case .delimited(let delimiter): readRecord(delimiter: delimiter)
            case .spaces: readLine(divided: true)
            case .lines: readLine(divided: false)
            }
        }
    }

    /// Divides a list into records, by the format that its name and its first lines tell.
    init(_ text: String, name: String) {
        self.init(text, format: ListFormat.of(text, name: name))
        // Spreadsheets tell one another the delimiter in a first line of its own: `sep=;`.
        if records.first?.fields.first?.lowercased() == "sep=" { records.removeFirst() }
    }

    // MARK: - Quoted fields

    private enum FieldFailure: Error {
        case quoteInside, textAfterQuote, unterminated

        var words: String {
            switch self {
            case .quoteInside: "a quote within a field that does not begin with one"
            case .textAfterQuote: "text after a closing quote"
            case .unterminated: "a quoted field that never ends"
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
        if !fields.allSatisfy(\.isEmpty) { records.append(Record(line: first, fields: fields)) }
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
            return Self.text(bytes[start..<position])
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
        return String(decoding: content, as: UTF8.self)
    }

    // MARK: - Lines without quotes

    private mutating func readLine(divided: Bool) {
        let first = line
        let start = position
        while let byte = peek(), !Self.isLineEnd(byte) { position += 1 }
        let whole = Self.trimmed(bytes[start..<position])
        endLine()
        guard !whole.isEmpty else { return }
        guard divided, let divider = whole.lastIndex(where: Self.isBlank) else {
            records.append(Record(line: first, fields: [Self.text(whole)]))
            return
        }
        records.append(
            Record(line: first, fields: [Self.text(whole[..<divider]), Self.text(whole[(divider + 1)...])]))
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

    /// A piece of a text, cut at characters of one byte.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: trimmed(bytes), as: UTF8.self)
    }
}

/// Tells how the fields of a list are divided, from its name and its first lines: spreadsheets of one country write
/// commas, those of another semicolons, and what they call Unicode text has tabs.
enum ListFormat {
    private static let comma = UInt8(ascii: ",")
    private static let tab = UInt8(ascii: "\t")
    private static let delimiters = [comma, UInt8(ascii: ";"), tab, UInt8(ascii: "|")]

    /// The format of a list's text. Of several delimiters in the first line the one counts that stands equally often
    /// in all of the first lines; that of the name's ending (`.csv`, `.tsv`) comes first. Without any, a `.csv` or
    /// `.tsv` has its own, and other lists are divided at the last spaces of a line.
    static func of(_ text: String, name: String) -> ListText.Format {
        let lowercased = name.lowercased()
        let own = lowercased.hasSuffix(".csv") ? comma : lowercased.hasSuffix(".tsv") ? tab : nil
        let lines = firstLines(of: text)
        if let line = lines.first, let told = delimiter(in: line) { return .delimited(told) }
        let order = [own].compactMap { $0 } + delimiters.filter { $0 != own }
        let counts = order.map { delimiter in
            (delimiter: delimiter, counts: lines.map { count(delimiter, in: $0) })
        }.filter { $0.counts.first ?? 0 > 0 }
        let even = counts.first { found in found.counts.allSatisfy { $0 == found.counts[0] } }
        let throughout = counts.first { $0.counts.allSatisfy { $0 > 0 } }
        if let found = even ?? throughout { return .delimited(found.delimiter) }
        if own == nil { return counts.contains { $0.delimiter == comma } ? .delimited(comma) : .spaces }
        return .delimited(counts.first?.delimiter ?? own ?? comma)
    }

    /// The delimiter that a line such as `sep=;` tells; nil for any other line.
    static func delimiter(in line: String) -> UInt8? {
        let bytes = Array(line.utf8)
        guard bytes.count == 5, line.lowercased().hasPrefix("sep="), delimiters.contains(bytes[4]) else { return nil }
        return bytes[4]
    }

    private static func firstLines(of text: String) -> [String] {
        // Enough of them that a comma in one name misleads nobody, whatever the length of the list.
        let head = String(text.unicodeScalars.prefix(1 << 16))
        let lines = TextFile.lines(of: head).map { String($0) }
        let whole = head.utf8.count < text.utf8.count ? Array(lines.dropLast()) : lines
        return Array((whole.isEmpty ? lines : whole).filter { $0.contains { !$0.isWhitespace } }.prefix(20))
    }

    /// Counts the delimiters of a line that are outside quotes.
    private static func count(_ delimiter: UInt8, in line: String) -> Int {
        var isQuoted = false
        return line.utf8.reduce(into: 0) { count, byte in
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == delimiter, !isQuoted { count += 1 }
        }
    }
}
