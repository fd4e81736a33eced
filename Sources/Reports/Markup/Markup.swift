/// A piece of HTML or SVG: text, or an element with attributes and children.
///
/// Names of elements and attributes are `StaticString`s, so that they can only come from code; whatever comes from
/// outside is text or an attribute's value, and both are escaped when written. A whole page is well-formed XML too.
public enum Markup: Sendable, Equatable {
    case text(String)
    case element(name: String, attributes: [Attribute], children: [Markup])

    /// A name and its value, not escaped.
    public struct Attribute: Sendable, Equatable {
        /// From code, and so not escaped.
        public var name: String
        /// From anywhere; escaped when written.
        public var value: String
    }

    /// An element.
    public init(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ children: [Markup] = []
    ) {
        self = .element(
            name: name.description,
            attributes: attributes.map { Attribute(name: $0.key.description, value: $0.value) },
            children: children)
    }

    /// An element that holds text.
    public init(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], text: String) {
        self.init(name, attributes, [.text(text)])
    }

    /// As it stands in a file.
    public func rendered() -> String {
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
