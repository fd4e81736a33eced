import Foundation
import Support

/// One picture of many images: a row of samples for each class, with its name before them.
public struct ContactSheet: Sendable {
    /// Images side by side, after a name.
    public struct Row: Sendable {
        /// The name before the images; characters beyond ASCII lose their accents or become boxes.
        public var name: String
        /// The note below the name, paler.
        public var note: String
        /// The images from left to right, of any sizes; each is fitted into a cell.
        public var images: [Image]
        /// Positions of images that begin a group: a wider gap stands before them.
        public var groupStarts: Set<Int>

        /// A row of `images`; an empty note leaves only the name, no `groupStarts` all images alike.
        public init(name: String, note: String = "", images: [Image], groupStarts: Set<Int> = []) {
            self.name = name
            self.note = note
            self.images = images
            self.groupStarts = groupStarts
        }

        /// Gaps between groups before the image at `position`.
        fileprivate func gaps(before position: Int) -> Int {
            groupStarts.count { $0 > 0 && $0 <= position }
        }
    }

    /// A colour and what it stands for.
    public struct LegendEntry: Sendable, Hashable {
        /// The name beside the colour.
        public var name: String
        /// The colour.
        public var colour: PixelColour

        /// An entry of this name and colour.
        public init(name: String, colour: PixelColour) { (self.name, self.colour) = (name, colour) }
    }

    /// The title above the rows; empty for none.
    public var title: String
    /// The subtitle below the title, smaller and paler; empty for none.
    public var subtitle: String
    /// The rows from top to bottom; they may differ in length.
    public var rows: [Row]
    /// The side of the square that each image is fitted into, in pixels; at least 8.
    public var cell: Int
    /// Whether cells are only as high as the highest image in them.
    public var trimsCells = false
    /// Colours below the heading; empty for none.
    public var legend: [LegendEntry] = []

    /// A sheet of the given rows. A `cell` below 8 pixels is taken as 8.
    public init(title: String = "", subtitle: String = "", rows: [Row], cell: Int = 84) {
        self.title = title
        self.subtitle = subtitle
        self.rows = rows
        self.cell = max(8, cell)
    }

    /// A sheet of samples drawn at random from each class, in the data set's order.
    ///
    /// - Parameters:
    ///   - dataset: where the images come from.
    ///   - title: above the rows.
    ///   - perClass: the most images a row.
    ///   - maximumClasses: the most rows; the subtitle tells how many classes there are.
    ///   - seed: of the choice of samples.
    ///   - cell: the side of the square that each image is fitted into, in pixels; at least 8.
    ///
    /// Images that cannot be read are left out, and taken down in `UnreadableImages.shared`.
    public init(
        of dataset: any ImageDataset, title: String = "", perClass: Int = 10, maximumClasses: Int = 40,
        seed: UInt64 = 0, cell: Int = 84
    ) {
        let names = dataset.classNames
        var members = [[Int]](repeating: [], count: names.count)
        for index in 0..<dataset.count { members[dataset.label(at: index)].append(index) }
        let decoding = ImageDecoding(channels: .asStored, minimumShortSide: max(8, cell))
        var rows: [Row] = []
        for (label, indices) in members.enumerated().prefix(max(0, maximumClasses)) {
            var generator = SeededGenerator(seed: seed, UInt64(label))
            let chosen = generator.permutation(indices.count).prefix(max(0, perClass)).sorted()
            let images = Self.readable(chosen.map { indices[$0] }, of: dataset, decoding)
            rows.append(Row(name: names[label], note: Self.grouped(indices.count), images: images))
        }
        let classes = rows.count < names.count ? "\(rows.count) of \(names.count) classes" : "\(names.count) classes"
        self.init(title: title, subtitle: "\(Self.grouped(dataset.count)) images, \(classes)", rows: rows, cell: cell)
    }

    /// Some images of a data set, without those that cannot be read.
    static func readable(_ indices: [Int], of dataset: any ImageDataset, _ decoding: ImageDecoding) -> [Image] {
        indices.compactMap { index in
            do { return try dataset.image(at: index, decoding: decoding) } catch {
                UnreadableImages.shared.note(.init(error, in: dataset, at: index))
                return nil
            }
        }
    }

    private enum Palette {
        static let background = Canvas.Colour(250, 250, 248)
        static let card = Canvas.Colour(255, 255, 255)
        static let line = Canvas.Colour(221, 222, 226)
        static let ink = Canvas.Colour(36, 38, 44)
        static let quiet = Canvas.Colour(132, 134, 142)
    }

    private enum Spacing {
        static let margin = 28
        static let gap = 8
        static let groupGap = 22
        static let afterName = 20
        static let nameScale = 2
        static let noteScale = 2
        static let titleScale = 3
        static let widestName = 260
        static let belowTitle = 12
        static let belowHeading = 22
        static let belowName = 8
        static let swatch = 16
        static let legendLine = 26
        static let belowLegend = 10
    }

    /// Draws the sheet.
    public func render() -> Image {
        let names = rows.map { Self.shortened(Self.ascii($0.name), scale: Spacing.nameScale) }
        let notes = rows.map { Self.shortened(Self.ascii($0.note), scale: Spacing.noteScale) }
        let nameWidth =
            zip(names, notes)
            .map { max(Self.width($0, Spacing.nameScale), Self.width($1, Spacing.noteScale)) }.max() ?? 0
        let imagesWidth =
            rows.map { row in
                row.images.isEmpty ? 0 : offset(of: row.images.count - 1, in: row) + cell
            }.max() ?? 0
        let left = Spacing.margin + (nameWidth > 0 ? nameWidth + Spacing.afterName : 0)
        let heading = max(
            Self.width(Self.ascii(title), Spacing.titleScale), Self.width(Self.ascii(subtitle), Spacing.nameScale))
        let width = max(left + imagesWidth, Spacing.margin + heading, left) + Spacing.margin
        let entries = placedLegend(width: width - 2 * Spacing.margin)
        let legendHeight = entries.last.map { $0.y + Spacing.legendLine + Spacing.belowLegend } ?? 0
        let top = Spacing.margin + headingHeight + legendHeight
        let tall = cellHeight
        let step = tall + Spacing.gap
        var canvas = Canvas(
            width: width,
            height: top + max(0, rows.count * step - Spacing.gap) + Spacing.margin,
            background: Palette.background)

        drawHeading(on: &canvas)
        for entry in entries {
            let (x, y) = (Spacing.margin + entry.x, Spacing.margin + headingHeight + entry.y)
            canvas.fill(x: x - 1, y: y - 1, width: Spacing.swatch + 2, height: Spacing.swatch + 2, Palette.line)
            canvas.fill(
                x: x, y: y, width: Spacing.swatch, height: Spacing.swatch,
                Canvas.Colour(entry.entry.colour.red, entry.entry.colour.green, entry.entry.colour.blue))
            canvas.draw(
                Self.shortened(Self.ascii(entry.entry.name), scale: Spacing.nameScale),
                x: x + Spacing.swatch + Spacing.gap, y: y + 1, scale: Spacing.nameScale, Palette.ink)
        }
        for (position, row) in rows.enumerated() {
            let y = top + position * step
            drawName(names[position], notes[position], y: y, on: &canvas)
            for (column, image) in row.images.enumerated() {
                drawCell(image, x: left + offset(of: column, in: row), y: y, on: &canvas)
            }
        }
        return canvas.image
    }

    /// Where the entries of the legend stand, in lines of at most `width` pixels, from the legend's top left corner.
    private func placedLegend(width: Int) -> [(entry: LegendEntry, x: Int, y: Int)] {
        var (x, y) = (0, 0)
        return legend.map { entry in
            let name = Self.shortened(Self.ascii(entry.name), scale: Spacing.nameScale)
            let needed = Spacing.swatch + Spacing.gap + Self.width(name, Spacing.nameScale)
            if x > 0, x + needed > width { (x, y) = (0, y + Spacing.legendLine) }
            defer { x += needed + Spacing.afterName }
            return (entry, x, y)
        }
    }

    private var cellHeight: Int {
        guard trimsCells else { return cell }
        let highest = rows.flatMap(\.images).map { image -> Int in
            let longer = max(image.width, image.height, 1)
            return longer <= cell ? image.height * (cell / longer) : max(1, image.height * cell / longer)
        }.max()
        // There must be room for a row's name and note.
        return min(cell, max(highest ?? cell, 48))
    }

    /// Pixels from a row's first image to the one at `position`.
    private func offset(of position: Int, in row: Row) -> Int {
        position * (cell + Spacing.gap) + row.gaps(before: position) * Spacing.groupGap
    }

    private var headingHeight: Int {
        var height = 0
        if !title.isEmpty { height += BitmapFont.capHeight * Spacing.titleScale }
        if !title.isEmpty, !subtitle.isEmpty { height += Spacing.belowTitle }
        if !subtitle.isEmpty { height += BitmapFont.capHeight * Spacing.nameScale }
        return height > 0 ? height + Spacing.belowHeading : 0
    }

    private func drawHeading(on canvas: inout Canvas) {
        var y = Spacing.margin
        if !title.isEmpty {
            canvas.draw(Self.ascii(title), x: Spacing.margin, y: y, scale: Spacing.titleScale, Palette.ink)
            y += BitmapFont.capHeight * Spacing.titleScale + Spacing.belowTitle
        }
        canvas.draw(Self.ascii(subtitle), x: Spacing.margin, y: y, scale: Spacing.nameScale, Palette.quiet)
    }

    /// Centred on the row's middle.
    private func drawName(_ name: String, _ note: String, y: Int, on canvas: inout Canvas) {
        let nameHeight = BitmapFont.capHeight * Spacing.nameScale
        let noteHeight = note.isEmpty ? 0 : Spacing.belowName + BitmapFont.capHeight * Spacing.noteScale
        let top = y + (cellHeight - nameHeight - noteHeight) / 2
        canvas.draw(name, x: Spacing.margin, y: top, scale: Spacing.nameScale, Palette.ink)
        let below = top + nameHeight + Spacing.belowName
        canvas.draw(note, x: Spacing.margin, y: below, scale: Spacing.noteScale, Palette.quiet)
    }

    private func drawCell(_ image: Image, x: Int, y: Int, on canvas: inout Canvas) {
        let picture = image.fitted(to: cell)
        let tall = cellHeight
        canvas.fill(x: x - 1, y: y - 1, width: cell + 2, height: tall + 2, Palette.line)
        canvas.fill(x: x, y: y, width: cell, height: tall, Palette.card)
        canvas.draw(picture, x: x + (cell - picture.width) / 2, y: y + (tall - picture.height) / 2)
    }

    // MARK: - Text

    private static func width(_ text: String, _ scale: Int) -> Int {
        BitmapFont.width(of: text) * scale
    }

    /// The text, or as much of its beginning as fits into the column of names, with dots.
    private static func shortened(_ text: String, scale: Int) -> String {
        guard width(text, scale) > Spacing.widestName else { return text }
        // No character is less than a pixel wide; names may have a hundred thousand of them.
        var kept = String(text.prefix(Spacing.widestName))
        while !kept.isEmpty, width(kept + "...", scale) > Spacing.widestName { kept.removeLast() }
        return kept + "..."
    }

    /// Gives a text without accents, one scalar a character.
    private static func ascii(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.map { character in
                    let base = String(character).decomposedStringWithCanonicalMapping.unicodeScalars.first
                    return base ?? " "
                }))
    }

    /// Writes a number with a comma before each three digits.
    static func grouped(_ number: Int) -> String {
        let digits = String(number)
        return digits.enumerated().reduce(into: "") { text, digit in
            if digit.offset > 0, (digits.count - digit.offset) % 3 == 0 { text += "," }
            text.append(digit.element)
        }
    }
}
