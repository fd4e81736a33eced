/// Text that others wrote, made safe to be shown: names of files, folders and classes, and what stands in checkpoints,
/// may hold characters that a terminal obeys.
public enum TerminalText {
    /// The text with control characters and characters that turn the direction of what follows as visible escapes,
    /// `\u{1B}`.
    ///
    /// - Parameters:
    ///   - text: any text.
    ///   - lines: whether line feeds and tabs stay as they are: those of a text that was laid out here. Of a name, they
    ///     are escaped as all others.
    public static func shown(_ text: String, lines: Bool = true) -> String {
        guard text.unicodeScalars.contains(where: isObeyed) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isObeyed(scalar), !(lines && (scalar == "\n" || scalar == "\t")) {
                result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Whether a terminal or a page obeys a character instead of showing it: the controls C0 and C1, the separators of
    /// lines and paragraphs, and the embeddings, overrides and isolates of bidirectional text.
    public static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

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

    /// Whether a spreadsheet computes a text, once any apostrophes before it are removed: so a text with an apostrophe
    /// of its own comes back unchanged, too.
    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first(where: { $0 != "'" }) else { return false }
        return "=+-@\t\r".unicodeScalars.contains(first)
    }
}
