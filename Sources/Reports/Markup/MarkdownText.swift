import Support

/// Text for GitHub's Markdown.
enum MarkdownText {
    /// Any text, in one line, to be read as it is. Inside a table too.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\\", "`", "*", "_", "[", "]", "|", "~", "$": result += "\\\(character)"
            case _ where character.isNewline || character == "\t": result += " "
            case _ where character.unicodeScalars.contains(where: TerminalText.isObeyed): result += "\u{FFFD}"
            default: result.append(character)
            }
        }
        return result
    }

    /// A table whose first column is words, and the others numbers. Its cells are Markdown.
    static func table(_ heads: [String], _ rows: [[String]]) -> String {
        func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |" }
        let rule = heads.indices.map { $0 == 0 ? "---" : "---:" }
        return ([line(heads.map(escaped)), line(rule)] + rows.map(line)).joined(separator: "\n")
    }

    /// Text as it stands, such as a command, whatever backticks it has.
    static func block(_ text: String) -> String {
        var (longest, run) = (0, 0)
        for character in text {
            run = character == "`" ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: max(3, longest + 1))
        return "\(fence)sh\n\(text)\n\(fence)"
    }
}
