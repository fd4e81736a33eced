import Datasets
import Foundation
import Metrics
import Results

/// The images that a network was scored on, from which a page takes its pictures.
public struct ExampleImages: Sendable {
    private let part: any ImageDataset
    private let decoding: ImageDecoding
    private let view: Augmentation?

    /// The images of a part of the data.
    ///
    /// - Parameters:
    ///   - part: the part that was scored, in its order.
    ///   - decoding: how an image is read for the page.
    ///   - view: the transforms by which it was prepared, for pages that show what lies over it; nil for the whole image.
    public init(_ part: any ImageDataset, decoding: ImageDecoding, view: Augmentation? = nil) {
        (self.part, self.decoding, self.view) = (part, decoding, view)
    }

    /// The image at a place as it was scored, nil as for the whole image.
    func seen(_ place: Int) -> Image? {
        guard let image = self(place) else { return nil }
        return view.flatMap { try? $0.seen(image) } ?? image
    }

    /// The image at a place; nil where there is none any more that can be read, as pages are also made of old runs.
    func callAsFunction(_ place: Int) -> Image? {
        guard (0..<part.count).contains(place), let image = try? part.image(at: place, decoding: decoding),
            image.width > 0, image.height > 0
        else { return nil }
        return image
    }
}

/// What a network says of the images that it was scored on, as parts of a page: one for each kind of output.
struct ExampleSections {
    let examples: [Examples]
    /// The examples of another network, whose confusions are shown beside those of this one; empty for none.
    var before: [Examples] = []
    /// The scored images; nil leaves out all pictures.
    let images: ExampleImages?

    /// The sections from top to bottom, without those that have no data.
    ///
    /// - Throws: ``ReportError`` for a picture that cannot be written.
    func markup() throws(ReportError) -> [Markup] {
        var sections: [Markup] = []
        for example in examples {
            switch example.content {
            case .galleries(let queries):
                sections += [try GallerySection(queries: queries, images: images).markup()].compactMap(\.self)
            case .numbers(let quantity, let unit, let actual, let predicted):
                let section = NumbersSection(
                    quantity: quantity, unit: unit, places: example.images, actual: actual, predicted: predicted,
                    images: images)
                sections += [try section.markup()].compactMap(\.self)
            case .classes(let names, let actual, let predicted, let confidence):
                let section = ClassesSection(
                    names: names, places: example.images, actual: actual, predicted: predicted,
                    confidence: confidence, images: images)
                sections += try section.markup(confusion: example.confusion, before: confusion(before, of: names))
            case .pixels(let names, let colours, let confusion, let shown):
                sections += try PixelsSection(
                    names: names, colours: colours, confusion: confusion, shown: shown, images: images
                ).markup()
            case .objects(let figures, let shown):
                sections += try ObjectsSection(figures: figures, shown: shown, images: images).markup()
            }
        }
        return sections
    }

    /// Everything in the examples that does not fit together.
    var problems: [String] {
        (examples + before).contains { !$0.isWhole } ? ["the examples do not have one value for each image"] : []
    }

    private func confusion(_ examples: [Examples], of names: [String]) -> [[Int]]? {
        examples.first {
            if case .classes(names, _, _, _) = $0.content { true } else { false }
        }?.confusion
    }
}

/// Queries with the images that the gallery gives first, each marked as right or wrong by a frame, a sign and a word.
struct GallerySection {
    let queries: [Examples.Query]
    let images: ExampleImages?

    /// The section; nil without queries.
    ///
    /// - Throws: ``ReportError`` for a picture that cannot be written.
    func markup() throws(ReportError) -> Markup? {
        var rows: [Markup] = []
        for query in queries {
            guard let image = images?(query.image) else { continue }
            rows.append(try row(query, image))
        }
        return rows.isEmpty ? nil : Page.section("Queries and what the gallery gives first", lead: lead, rows)
    }

    private var lead: String {
        let first = queries.count { $0.found.first?.isMatch == true }
        let count = queries.count == 1 ? "1 query" : "\(NumberText.grouped(queries.count)) queries"
        return "\(count), leftmost, each followed by the images nearest to it. The nearest is right for "
            + "\(NumberText.grouped(first)) of them; these are examples, not the score."
    }

    private func row(_ query: Examples.Query, _ image: Image) throws(ReportError) -> Markup {
        let head = ImageGrid.Entry(
            image, caption: [Markup("strong", text: "query"), Self.camera(query.camera)],
            label: "query: person \(query.identity), camera \(query.camera)")
        let ranked = query.found.enumerated().compactMap { rank, found in
            images?(found.image).map { image in
                ImageGrid.Entry(
                    image,
                    caption: [
                        .text("\(rank + 1) "),
                        Markup("span", ["class": "verdict"], text: found.isMatch ? "✓ right" : "✗ wrong"),
                        Self.camera(found.camera),
                    ],
                    label: "rank \(rank + 1), \(found.isMatch ? "right: the same person" : "wrong: somebody else"), "
                        + "camera \(found.camera)", isRight: found.isMatch)
            }
        }
        return Markup("div", ["class": "gallery"], try ImageGrid([head] + ranked).figures())
    }

    private static func camera(_ number: Int) -> Markup {
        Markup("span", ["class": "camera"], text: "camera \(number)")
    }
}

/// Predicted numbers over true ones, and a few images with both.
struct NumbersSection {
    /// What the numbers are, such as `age`.
    let quantity: String
    /// Their unit, such as `years`; empty for none.
    let unit: String
    /// The place of each image.
    let places: [Int]
    let actual: [Double]
    let predicted: [Double]
    let images: ExampleImages?

    /// The most pictures: half of them from all over, half of the worst.
    private static let mostPictures = 24

    /// The section; nil without numbers.
    ///
    /// - Throws: ``ReportError`` for a picture that cannot be written.
    func markup() throws(ReportError) -> Markup? {
        guard !actual.isEmpty else { return nil }
        var parts = [Page.scrolling(plot.svg())]
        let entries = shown.compactMap(entry)
        if !entries.isEmpty { parts.append(Markup("div", ["class": "side"], [try ImageGrid(entries).markup()])) }
        return Page.section(
            quantity.prefix(1).uppercased() + quantity.dropFirst(), lead: lead,
            [Markup("div", ["class": "beside"], parts)])
    }

    var plot: AgreementPlot {
        AgreementPlot(
            title: "Predicted \(quantity) over true \(quantity)", horizontal: named("true"),
            vertical: named("predicted"), points: zip(actual, predicted).map { PlotPoint($0, $1) },
            tolerance: tolerance, toleranceName: "within \(withUnit(NumberText.coordinate(tolerance)))")
    }

    /// The largest error, on either side, of a prediction that counts as right: five years, as the cumulative score of
    /// ages has it; of other numbers about a tenth of the range of the true ones, rounded to 1, 2 or 5 times a power of
    /// ten.
    var tolerance: Double {
        if unit == "years" { return 5 }
        let finite = actual.filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max() else { return 1 }
        let ticks = Ticks.linear(from: low, to: high, count: 10, isCovering: true)
        return ticks.count > 1 ? ticks[1] - ticks[0] : 1
    }

    private var lead: String {
        let errors = zip(actual, predicted).map { abs($0 - $1) }.filter(\.isFinite)
        guard !errors.isEmpty else { return "" }
        let mean = errors.reduce(0, +) / Double(errors.count)
        let near = Double(errors.count { $0 <= tolerance }) / Double(errors.count)
        let images = errors.count == 1 ? "1 image" : "\(NumberText.grouped(errors.count)) images"
        return "\(images): \(withUnit(NumberText.fixed(mean))) off on average, \(NumberText.percent(near)) of them by "
            + "at most \(withUnit(NumberText.coordinate(tolerance)))."
    }

    /// The rows of the images that are shown.
    private var shown: [Int] {
        let rows = actual.indices.filter { actual[$0].isFinite && predicted[$0].isFinite }
        let worst = rows.sorted { abs(actual[$0] - predicted[$0]) > abs(actual[$1] - predicted[$1]) }
        let half = min(Self.mostPictures / 2, rows.count)
        let some = (0..<half).map { rows[$0 * rows.count / half] }
        var seen: Set<Int> = []
        return (some + worst.prefix(half)).filter { seen.insert($0).inserted }
    }

    private func entry(_ row: Int) -> ImageGrid.Entry? {
        let decimals = tolerance < 1 ? Int(-log10(tolerance).rounded(.down)) : 0
        func text(_ value: Double) -> String { NumberText.fixed(value, decimals: decimals) }
        return images?(places[row]).map { image in
            let (truth, guess) = ("true \(text(actual[row])), ", "predicted \(text(predicted[row]))")
            return ImageGrid.Entry(
                image, caption: [.text(truth), Markup("span", ["class": "probability"], text: guess)],
                label: "\(quantity), \(withUnit(truth + guess))")
        }
    }

    private func named(_ kind: String) -> String { "\(kind) \(quantity)" + (unit.isEmpty ? "" : ", \(unit)") }

    private func withUnit(_ text: String) -> String { unit.isEmpty ? text : "\(text) \(unit)" }
}
