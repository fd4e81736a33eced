import Foundation
import FoundationXML
import Support

/// The objects of one image in Pascal VOC's XML (Everingham et al., "The Pascal visual object classes challenge", 2010):
/// `annotation` with `filename`, `size` and an `object` for each, with `name`, `difficult` and `bndbox`. The first pixel has
/// the number 1, so that a box begins one pixel before its numbers. Objects marked as difficult count as crowds: nothing
/// is learned from them.
struct VOCBoxFile {
    /// An object with the name of its class.
    struct Named {
        var name: String
        var place: SIMD4<Double>
        var isDifficult: Bool
    }

    /// The name of the image's file as it stands in the XML; nil where it has none.
    let imageName: String?
    /// The size of the image; nil where the file does not tell it.
    let size: ImageSize?
    /// The objects in their order.
    let objects: [Named]

    /// The largest file that is read.
    static let maximumBytes = 64 << 20

    /// Reads a file.
    ///
    /// - Throws: `DatasetError` that names the file: where it cannot be read or is no XML, with the line, or has an object
    ///   without a name or a box.
    init(at path: String) throws(DatasetError) {
        let parser = XMLParser(data: Data(try FileBytes.read(path, limit: Self.maximumBytes)))
        // Nothing outside of the file is looked at.
        parser.shouldResolveExternalEntities = false
        let reader = Reader()
        parser.delegate = reader
        let advice = "Pascal VOC's files have annotation/object with name and bndbox (xmin, ymin, xmax, ymax)."
        // The parser may take a file that ends too early for a whole one.
        guard parser.parse(), reader.isWhole else {
            throw DatasetError(
                .malformed, file: path, line: max(parser.lineNumber, 1), "is no XML, or ends too early", advice: advice)
        }
        guard reader.isAnnotation else {
            throw DatasetError(.malformed, file: path, "has no element annotation", advice: advice)
        }
        guard reader.problems.isEmpty else {
            throw DatasetError(.malformed, file: path, problems: reader.problems, advice: advice)
        }
        (imageName, size, objects) = (reader.imageName, reader.size, reader.objects)
    }

    private final class Reader: NSObject, XMLParserDelegate {
        var isAnnotation = false
        var imageName: String?
        var size: ImageSize?
        var objects: [Named] = []
        var problems: [DatasetError.Problem] = []
        /// Whether every element was closed.
        var isWhole: Bool { elements.isEmpty }
        private var elements: [String] = []
        private var text = ""
        private var fields: [String: String] = [:]
        private var line = 0

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            if elements.isEmpty { isAnnotation = name == "annotation" }
            elements.append(name)
            text = ""
            if elements == ["annotation", "object"] || elements == ["annotation", "size"] {
                (fields, line) = ([:], parser.lineNumber)
            }
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

        func parser(
            _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
        ) {
            let value = text.trimmingCharacters(in: .whitespacesAndNewlines)
            text = ""
            switch elements {
            case ["annotation", "filename"]: imageName = value.isEmpty ? nil : value
            case ["annotation", "object"]: addObject()
            case ["annotation", "size"]:
                let sides = ["height", "width"].compactMap { fields[$0].flatMap { Int($0) } }.filter { $0 > 0 }
                if sides.count == 2 { size = ImageSize(height: sides[0], width: sides[1]) }
            // Parts of an object have names and boxes of their own.
            case ["annotation", "object", name], ["annotation", "object", "bndbox", name],
                ["annotation", "size", name]:
                fields[name] = value
            default: break
            }
            elements.removeLast()
        }

        private func addObject() {
            guard let name = fields["name"], !name.isEmpty else {
                problems.append(.init(line: line, "an object has no name"))
                return
            }
            let corners = ["xmin", "ymin", "xmax", "ymax"].compactMap { fields[$0].flatMap { Double($0) } }
            guard corners.count == 4, corners.allSatisfy({ $0.isFinite && abs($0) < 1e9 }) else {
                problems.append(.init(line: line, "the object \(name) has no box of xmin, ymin, xmax and ymax"))
                return
            }
            objects.append(
                Named(
                    name: name,
                    place: SIMD4(
                        corners[0] - 1, corners[1] - 1, corners[2] - corners[0] + 1, corners[3] - corners[1] + 1),
                    isDifficult: fields["difficult"] == "1"))
        }
    }
}
