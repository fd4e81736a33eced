import Datasets
import Foundation

/// Pictures with captions, in as many columns as there is room for.
public struct ImageGrid: Sendable {
    /// One picture.
    public struct Entry: Sendable {
        /// Of any size above zero; small ones are enlarged.
        public var image: Image
        /// What stands below, in the page's words; text from outside is escaped as everywhere.
        public var caption: [Markup]
        /// What the picture shows, for those who cannot see it.
        public var label: String
        /// Whether it is marked with a frame.
        public var isMarked: Bool
        /// Whether its frame is that of a right answer or of a wrong one, which caption and label say too; nil for neither.
        public var isRight: Bool?

        /// A picture with its caption.
        public init(
            _ image: Image, caption: [Markup], label: String, isMarked: Bool = false, isRight: Bool? = nil
        ) {
            self.image = image
            self.caption = caption
            self.label = label
            self.isMarked = isMarked
            self.isRight = isRight
        }
    }

    /// From left to right and from top to bottom.
    public var entries: [Entry]
    /// The square that each picture is fitted into, in the page's pixels.
    public static let side = 112

    /// A grid of any number of pictures.
    public init(_ entries: [Entry]) { self.entries = entries }

    /// The grid, with each picture inside as a PNG.
    ///
    /// - Throws: `DatasetError` for an image of no pixels.
    public func markup() throws(DatasetError) -> Markup {
        Markup("div", ["class": "grid-of-images"], try figures())
    }

    /// The pictures alone, with their captions.
    ///
    /// - Throws: `DatasetError` for an image of no pixels.
    func figures() throws(DatasetError) -> [Markup] {
        var figures: [Markup] = []
        for entry in entries { figures.append(try Self.figure(entry)) }
        return figures
    }

    private static func figure(_ entry: Entry) throws(DatasetError) -> Markup {
        let picture = entry.image.thumbnail(side: side)
        let data = Data(try picture.pngData(compression: 9)).base64EncodedString()
        // A picture finer than the page's pixels is shown smaller than it is.
        let shrink = max(1, Double(max(picture.width, picture.height)) / Double(side))
        let size = (Int((Double(picture.width) / shrink).rounded()), Int((Double(picture.height) / shrink).rounded()))
        let image = Markup(
            "img",
            [
                "src": "data:image/png;base64,\(data)", "alt": entry.label, "width": "\(max(1, size.0))",
                "height": "\(max(1, size.1))",
            ])
        let verdict = entry.isRight.map { $0 ? " right" : " wrong" } ?? ""
        return Markup(
            "figure", ["class": (entry.isMarked ? "picture marked" : "picture") + verdict],
            [Markup("div", ["class": "frame"], [image]), Markup("figcaption", [:], entry.caption)])
    }
}
