import Foundation
import Reports

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// What an XML parser finds in a document.
final class XMLContent: NSObject, XMLParserDelegate {
    /// The names of elements, in the order in which they begin.
    private(set) var elements: [String] = []
    /// The attributes of each.
    private(set) var attributes: [[String: String]] = []
    /// All text.
    private(set) var text = ""

    /// Nil for a document that is not well-formed.
    init?(_ document: String) {
        super.init()
        let parser = XMLParser(data: Data(document.utf8))
        parser.delegate = self
        if !parser.parse() { return nil }
    }

    /// A page, without the HTML document type, which only HTML has.
    convenience init?(page: String) {
        let start = "<!DOCTYPE html>\n"
        guard page.hasPrefix(start) else { return nil }
        self.init(String(page.dropFirst(start.count)))
    }

    func count(_ name: String) -> Int { elements.count { $0 == name } }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        elements.append(name)
        self.attributes.append(attributes)
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
