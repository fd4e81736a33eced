import Support

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

    /// How often a delimiter stands in a line outside of quotes.
    private static func count(_ delimiter: UInt8, in line: String) -> Int {
        var isQuoted = false
        return line.utf8.reduce(into: 0) { count, byte in
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == delimiter, !isQuoted { count += 1 }
        }
    }
}
