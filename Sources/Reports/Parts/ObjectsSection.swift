import Datasets
import Metrics
import Results
import Support

/// What a detector found: precision over recall, the average precision of each class by the size of objects, and images with
/// their objects beside what was found.
struct ObjectsSection {
    let figures: ObjectFigures
    /// The best, the middle and the worst images.
    let shown: [ObjectExample]
    let images: ExampleImages?

    /// The most classes with a row of their own; of more, those of the most objects.
    static let mostRows = 40
    /// The longer side of a picture on the page, in pixels.
    private static let pictureSide = 240

    /// The sections from top to bottom, without those that have no data.
    ///
    /// - Throws: ``ReportError`` for a picture that cannot be written.
    func markup() throws(ReportError) -> [Markup] {
        var sections: [Markup] = []
        let what = figures.comparesMasks ? "masks" : "boxes"
        if let plot {
            sections.append(
                Page.section(
                    "Precision and recall",
                    lead:
                        "Of \(what), in the mean over the classes that occur: the share of findings that are right, at the "
                        + "share of objects that are found when the least sure are left out one after another.",
                    [Page.row([plot.svg()])]))
        }
        if let table {
            sections.append(
                Page.section(
                    "Classes and sizes",
                    lead: "Average precision of \(what), the mean over overlaps from 0.5 to 0.95, and the number of "
                        + "objects. Small: below 32 x 32 pixels, large: from 96 x 96 on. –: no objects."
                        + (figures.names.count > Self.mostRows
                            ? " The \(Self.mostRows) of \(figures.names.count) classes with the most objects." : ""),
                    [Page.scrolling(table: table)]))
        }
        let pictures = try pictures()
        if !pictures.isEmpty { sections.append(Page.section("Findings", lead: picturesLead, pictures)) }
        return sections
    }

    /// Precision over recall; nil where nothing counts.
    var plot: LineChart? {
        guard figures.classes.contains(where: { $0.objects[0] > 0 }) else { return nil }
        let tones: [Tone] = [.accent, .third, .fourth]
        return LineChart(
            title: "Precision over recall", horizontal: Axis("recall", format: .percent, limits: 0...1),
            vertical: Axis("precision", format: .percent, limits: 0...1, including: 0),
            series: zip(figures.curves, tones).map { curve, tone in
                Series(
                    curve.name, curve.precisions.enumerated().map { PlotPoint(Double($0) / 100, $1) }, tone: tone)
            })
    }

    /// The average precision of classes by size; nil where nothing counts.
    var table: Markup? {
        let occurring = figures.classes.indices.filter { figures.classes[$0].objects[0] > 0 }
        guard !occurring.isEmpty else { return nil }
        let order = occurring.sorted { (figures.classes[$1].objects[0], $0) < (figures.classes[$0].objects[0], $1) }
        let rows = order.prefix(Self.mostRows).map { label in
            let own = figures.classes[label]
            return [figures.names[label]]
                + zip(own.averages, own.objects).flatMap { average, count in
                    [average.map { NumberText.percent($0) } ?? "–", NumberText.grouped(count)]
                }
        }
        let sizes = ["all", "small", "medium", "large"]
        return Page.table(["class"] + sizes.flatMap { [$0, "objects"] }, rows)
    }

    private var picturesLead: String {
        let order =
            shown.count > 8
            ? "The objects of the data, left, and what was found with a probability of a half or more, right, of the best, "
                + "the middle and the worst images"
            : "The objects of the data, left, and what was found with a probability of a half or more, right, of each image, "
                + "the best first"
        return order
            + ", by twice the number of objects that were found at an overlap of a half over objects and findings together. "
            + "Broken lines: groups, which count neither way."
    }

    /// The images with objects and with findings, under a legend of the classes that occur in them.
    private func pictures() throws(ReportError) -> [Markup] {
        let palette = PixelClasses(figures.names).colours
        var groups: [Markup] = []
        var occurring: Set<Int> = []
        for (rank, example) in shown.enumerated() {
            guard let image = images?(example.image)?.inColours, image.width == example.width,
                image.height == example.height
            else { continue }
            occurring.formUnion((example.actual + example.found).map(\.label))
            let word = shown.count > 8 ? ["best", "middle", "worst"][min(3 * rank / shown.count, 2)] : "image"
            let share = example.agreement.map { NumberText.percent($0) } ?? "–"
            // Drawn at the size for a fine screen, so that lines are as wide in all of them.
            let small = image.fitted(to: 2 * Self.pictureSide)
            func picture(_ shapes: [ObjectExample.Shape]) -> Image {
                small.showing(shapes.enumerated().map { object($1, id: $0, in: example) }, of: image, palette)
            }
            groups.append(
                Markup(
                    "div", ["class": "pair"],
                    try ImageGrid(
                        [
                            .init(
                                picture(example.actual), caption: [.text("\(word), \(share)")],
                                label: "\(word) image, \(example.actual.count) objects"),
                            .init(
                                picture(example.found), caption: [.text("found: \(example.found.count)")],
                                label: "what was found in it: \(example.found.count) objects"),
                        ], side: Self.pictureSide
                    ).figures()))
        }
        guard !groups.isEmpty else { return [] }
        let legend = occurring.sorted().map { label in
            Markup(
                "span", ["class": "swatch-name"],
                [
                    Markup("span", ["class": "swatch", "style": "background:\(palette[label].hex)"], []),
                    .text(figures.names[label]),
                ])
        }
        return [Markup("p", ["class": "legend"], legend), Markup("div", ["class": "triples"], groups)]
    }

    private func object(_ shape: ObjectExample.Shape, id: Int, in example: ObjectExample) -> DetectionObject {
        // Masks that were not looked for are no part of the answer.
        let mask = (figures.comparesMasks ? shape.mask : nil).flatMap {
            try? RunLengths(height: example.height, width: example.width, compressed: $0)
        }
        return DetectionObject(
            id: id, place: shape.place, label: shape.label, isCrowd: shape.isCrowd, mask: mask.map { .runLengths($0) })
    }
}
