/// Text that others wrote, made safe to be shown: names of files, folders and classes, and what stands in checkpoints, may
/// hold characters that a terminal obeys.
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

    /// Whether a terminal or a page does something at a character instead of showing it: the controls C0 and C1, the
    /// separators of lines and paragraphs, and the embeddings, overrides and isolates of bidirectional text.
    public static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
