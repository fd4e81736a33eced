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

    /// A link to a drawing's file.
    static func image(_ svg: SVG, in folder: String, _ name: String) -> String {
        "![\(escaped(svg.label))](\(folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/")\(name))"
    }

    /// Blocks of text, and the command that made them, as a file.
    static func document(_ blocks: [String], command: String) -> String {
        (blocks + (command.isEmpty ? [] : ["Made by\n\n\(block(command))"])).joined(separator: "\n\n") + "\n"
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

/// Beginnings of file names.
enum FileStem {
    /// Lower-case letters and digits of each name, with hyphens for the rest, and a number where two would be the same.
    ///
    /// - Parameters:
    ///   - names: in the order in which they get their numbers.
    ///   - fallback: for a name without letters and digits.
    /// - Returns: One for each name, no two of which are the same.
    static func distinct(_ names: [String], otherwise fallback: String) -> [String] {
        var taken: Set<String> = []
        return names.map { name in
            let stem = plain(name, otherwise: fallback)
            var result = stem
            var number = 2
            while !taken.insert(result).inserted {
                result = "\(stem)-\(number)"
                number += 1
            }
            return result
        }
    }

    private static func plain(_ name: String, otherwise fallback: String) -> String {
        let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return words.isEmpty ? fallback : words.joined(separator: "-")
    }
}
