import Datasets
import Foundation

/// Pictures with captions, in as many columns as there is room for.
struct ImageGrid: Sendable {
    /// A picture of the grid.
    struct Entry: Sendable {
        /// The image of any size above zero; small ones are enlarged.
        var image: Image
        /// The text below the picture.
        var caption: [Markup]
        /// What the picture shows, for those who cannot see it.
        var label: String
        /// Whether it is marked with a frame.
        var isMarked: Bool
        /// Whether its frame is that of a right answer or of a wrong one, which caption and label say too; nil for
        /// neither.
        var isRight: Bool?

        /// A picture with its caption.
        init(
            _ image: Image, caption: [Markup], label: String, isMarked: Bool = false, isRight: Bool? = nil
        ) {
            (self.image, self.caption, self.label) = (image, caption, label)
            (self.isMarked, self.isRight) = (isMarked, isRight)
        }
    }

    /// The pictures from left to right and from top to bottom.
    var entries: [Entry]
    /// The square that each picture is fitted into, in the page's pixels.
    var side: Int
    /// The usual square.
    static let side = 112

    /// A grid of any number of pictures.
    init(_ entries: [Entry], side: Int = side) { (self.entries, self.side) = (entries, side) }

    /// The grid, with each picture inside as a PNG.
    ///
    /// - Throws: ``ReportError`` for an image of no pixels.
    func markup() throws(ReportError) -> Markup {
        Markup("div", ["class": "grid-of-images"], try figures())
    }

    /// The pictures alone, with their captions.
    ///
    /// - Throws: ``ReportError`` for an image of no pixels.
    func figures() throws(ReportError) -> [Markup] {
        var figures: [Markup] = []
        for entry in entries { figures.append(try figure(entry)) }
        return figures
    }

    private func figure(_ entry: Entry) throws(ReportError) -> Markup {
        let picture = entry.image.thumbnail(side: side)
        let data: String
        do throws(DatasetError) { data = Data(try picture.pngData(compression: 9)).base64EncodedString() } catch {
            throw ReportError([error.description])
        }
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

extension Image {
    /// The image for a place of `side` pixels in a page: small ones enlarged by a whole factor, pixel by pixel, so
    /// that what the network saw can be told; large ones reduced by one, each pixel a block's mean, yet kept fine
    /// enough for a screen of double density.
    func thumbnail(side: Int) -> Image {
        let longer = max(width, height)
        guard longer > 0, side > 0 else { return self }
        return longer <= side ? enlarged(by: side / longer) : averaged(by: (longer - 1) / (2 * side) + 1)
    }

    private func enlarged(by factor: Int) -> Image {
        guard factor > 1 else { return self }
        var result: [UInt8] = []
        result.reserveCapacity(pixels.count * factor * factor)
        for row in 0..<height {
            var line: [UInt8] = []
            line.reserveCapacity(width * factor * channels)
            for column in 0..<width {
                let place = (row * width + column) * channels
                for _ in 0..<factor { line += pixels[place..<place + channels] }
            }
            for _ in 0..<factor { result += line }
        }
        return Image(width: width * factor, height: height * factor, channels: channels, pixels: result)
    }

    /// Blocks at the right and lower edges may be smaller than `factor` squared.
    private func averaged(by factor: Int) -> Image {
        guard factor > 1 else { return self }
        let (newWidth, newHeight) = ((width - 1) / factor + 1, (height - 1) / factor + 1)
        var result: [UInt8] = []
        result.reserveCapacity(newWidth * newHeight * channels)
        for row in 0..<newHeight {
            let rows = row * factor..<min(height, (row + 1) * factor)
            for column in 0..<newWidth {
                let columns = column * factor..<min(width, (column + 1) * factor)
                let area = rows.count * columns.count
                for channel in 0..<channels {
                    var sum = 0
                    for y in rows {
                        for x in columns { sum += Int(pixels[(y * width + x) * channels + channel]) }
                    }
                    result.append(UInt8((sum + area / 2) / area))
                }
            }
        }
        return Image(width: newWidth, height: newHeight, channels: channels, pixels: result)
    }
}
