/// A piece of HTML or SVG: text, or an element with attributes and children.
///
/// Names of elements and attributes are `StaticString`s, so that they can only come from code; whatever comes from
/// outside is text or an attribute's value, and both are escaped when written. A whole page is well-formed XML too.
enum Markup: Sendable, Equatable {
    case text(String)
    case element(name: String, attributes: [Attribute], children: [Markup])

    /// A name and its value, not escaped.
    struct Attribute: Sendable, Equatable {
        /// The name, which comes from code and so is not escaped.
        var name: String
        /// The value from anywhere, which is escaped when written.
        var value: String
    }

    /// An element.
    init(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ children: [Markup] = []
    ) {
        self = .element(
            name: name.description,
            attributes: attributes.map { Attribute(name: $0.key.description, value: $0.value) },
            children: children)
    }

    /// An element that holds text.
    init(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], text: String) {
        self.init(name, attributes, [.text(text)])
    }

    /// The markup as it stands in a file.
    func rendered() -> String {
        var result = ""
        render(into: &result)
        return result
    }

    private func render(into result: inout String) {
        switch self {
        case .text(let text):
            result += Escaping.escaped(text)
        case .element(let name, let attributes, let children):
            result += "<\(name)"
            for attribute in attributes { result += " \(attribute.name)=\"\(Escaping.escaped(attribute.value))\"" }
            if children.isEmpty, Self.closedAtOnce.contains(name) {
                result += "/>"
                return
            }
            result += ">"
            let isStructure = Self.structure.contains(name)
            for child in children {
                if isStructure { result += "\n" }
                child.render(into: &result)
            }
            if isStructure { result += "\n" }
            result += "</\(name)>"
        }
    }

    /// HTML's void elements and SVG's shapes. Any other element without children needs its end tag in HTML.
    private static let closedAtOnce: Set<String> = [
        "meta", "img", "br", "hr", "path", "line", "rect", "circle",
    ]

    /// Elements whose children stand on lines of their own: white space between these means nothing.
    private static let structure: Set<String> = [
        "html", "head", "body", "main", "header", "section", "footer", "div", "figure", "dl", "table", "tbody", "svg",
        "g",
    ]
}

/// Makes any text safe to stand in XML and HTML, between tags and in quoted attributes alike.
enum Escaping {
    /// The text with `&`, `<`, `>` and both quotes as character references. Characters that XML 1.0 (section 2.2) does
    /// not allow, such as most control characters, become U+FFFD, and so do those that turn the direction of whatever
    /// follows, beyond the name that they stand in.
    static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(isAllowed(scalar) ? scalar : "\u{FFFD}")
            }
        }
        return result
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x202A...0x202E, 0x2066...0x2069: false
        case 0x9, 0xA, 0xD, 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }
}
