/// Writes a ``ConfigNode`` tree as YAML that any YAML reader takes for the same values.
enum ConfigYAMLWriter {
    static func write(_ node: ConfigNode) -> String {
        if let entries = node.entries, !entries.isEmpty { return block(entries, indent: 0) }
        return inline(node) + "\n"
    }

    private static func block(_ entries: [ConfigNode.Entry], indent: Int) -> String {
        entries.map { String(repeating: " ", count: indent) + line(string($0.key), $0.value, indent: indent) }.joined()
    }

    /// Writes `key: value` and the lines that belong under it.
    private static func line(_ key: String, _ value: ConfigNode, indent: Int) -> String {
        switch value.content {
        case .section(let entries) where !entries.isEmpty:
            return "\(key):\n" + block(entries, indent: indent + 2)
        case .list(let elements) where !elements.allSatisfy(isShort):
            return "\(key):\n" + list(elements, indent: indent + 2)
        default:
            return "\(key): \(inline(value))\n"
        }
    }

    private static func list(_ elements: [ConfigNode], indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        return elements.map { element in
            switch element.content {
            case .section(let entries) where !entries.isEmpty:
                // The first key shares the dash's line, the others stand under it.
                margin + "- " + block(entries, indent: indent + 2).dropFirst(indent + 2)
            case .list(let inner) where !inner.allSatisfy(isShort):
                margin + "- " + list(inner, indent: indent + 2).dropFirst(indent + 2)
            default:
                margin + "- " + inline(element) + "\n"
            }
        }.joined()
    }

    private static func isShort(_ node: ConfigNode) -> Bool {
        switch node.content {
        case .scalar: true
        case .list(let elements): elements.isEmpty
        case .section(let entries): entries.isEmpty
        }
    }

    static func inline(_ node: ConfigNode) -> String {
        switch node.content {
        case .scalar(let scalar): scalar.isPlain ? scalar.text : string(scalar.text)
        case .list(let elements): "[" + elements.map(inline).joined(separator: ", ") + "]"
        case .section(let entries):
            "{" + entries.map { "\(string($0.key)): \(inline($0.value))" }.joined(separator: ", ") + "}"
        }
    }

    /// Writes `text` as it stands where no reader, of YAML 1.1 or 1.2, could take it for something else, and in quotes
    /// otherwise.
    static func string(_ text: String) -> String {
        let words: Set = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", ".inf", ".nan"]
        let isWord = text.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || " _./+-".unicodeScalars.contains(scalar))
        }
        let startsAsWord = text.unicodeScalars.first.map { $0.properties.isAlphabetic || $0 == "/" } ?? false
        let isPlain = isWord && startsAsWord && !text.hasSuffix(" ") && !words.contains(text.lowercased())
        return isPlain ? text : quoted(text)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default:
                if isPrintable(scalar) {
                    result.unicodeScalars.append(scalar)
                } else {
                    let digits = String(scalar.value, radix: 16, uppercase: true)
                    let width = scalar.value > 0xFFFF ? 8 : 4
                    result +=
                        (width == 8 ? "\\U" : "\\u") + String(repeating: "0", count: width - digits.count) + digits
                }
            }
        }
        return result + "\""
    }

    /// YAML's printable characters (YAML 1.2, rule 1) without the two line separators and the byte order mark.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x1_0000...0x10_FFFF: true
        default: false
        }
    }
}
