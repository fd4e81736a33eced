/// Fields of comma-separated values (RFC 4180), safe to be opened in a spreadsheet.
public enum CSVField {
    /// A text as a field. One that a spreadsheet would take for a formula gets an apostrophe before it, by which
    /// spreadsheets know text; ``text(of:)`` takes it away again.
    ///
    /// Numbers are no texts: `-0.5` is to stay one.
    public static func of(text: String) -> String { quoted(isFormula(text) ? "'" + text : text) }

    /// A field as it stands, in quotes where it must be, with the quotes in it doubled.
    public static func quoted(_ field: String) -> String {
        // By scalars: a quote that is followed by a combining mark is no quote among characters.
        let scalars = field.unicodeScalars
        guard scalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else { return field }
        return "\"" + scalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }

    /// The text that a field stands for, whose quotes have been taken away.
    public static func text(of field: String) -> String {
        guard field.unicodeScalars.first == "'", isFormula(field) else { return field }
        return String(field.unicodeScalars.dropFirst())
    }

    /// Whether a spreadsheet computes a text, once any apostrophes before it are gone: so text with an apostrophe of its own
    /// comes back, too.
    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first(where: { $0 != "'" }) else { return false }
        return "=+-@\t\r".unicodeScalars.contains(first)
    }
}
