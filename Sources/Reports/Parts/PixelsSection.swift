import Datasets
import Metrics
import Results

/// The classes that a network gives pixels: intersection over union of each class, confusions, and images with their label
/// maps beside the predictions.
struct PixelsSection {
    /// The names of the classes.
    let names: [String]
    /// Their colours, `#rrggbb`.
    let colours: [String]
    /// The numbers of pixels of each class (rows) that were predicted as each class (columns).
    let confusion: [[Int]]
    /// The best, the middle and the worst images.
    let shown: [PixelExample]
    let images: ExampleImages?

    /// The most classes with a row of their own; of more, the worst.
    static let mostRows = 40

    /// The sections from top to bottom, without those that have no data.
    ///
    /// - Throws: ``ReportError`` for a picture that cannot be written.
    func markup() throws(ReportError) -> [Markup] {
        var sections: [Markup] = []
        if let plot { sections.append(Page.section("Classes", lead: lead, [Page.row([plot.svg()])])) }
        let pictures = try pictures()
        if !pictures.isEmpty { sections.append(Page.section("Predictions", lead: picturesLead, pictures)) }
        if let matrix = try? ConfusionMatrix(shares), matrix.total > 0 {
            sections.append(
                ConfusionSection(matrix: matrix, classNames: names).titled(
                    "Confusions of pixels",
                    lead: "Of 1,000 labelled pixels of each class, those that were predicted as each class."))
        }
        return sections
    }

    /// Intersection over union of each class; nil for a class that occurs nowhere.
    var intersections: [Double?] {
        names.indices.map { label in
            let actual = confusion[label].reduce(0, +)
            let predicted = confusion.reduce(0) { $0 + $1[label] }
            let union = actual + predicted - confusion[label][label]
            return union > 0 ? Double(confusion[label][label]) / Double(union) : nil
        }
    }

    /// Pixels of each class in thousandths of the class, so that large classes do not hide small ones.
    private var shares: [[Int]] {
        confusion.map { row in
            let sum = row.reduce(0, +)
            return row.map { sum > 0 ? Int((1000 * Double($0) / Double(sum)).rounded()) : 0 }
        }
    }

    private var lead: String {
        let known = intersections.compactMap(\.self)
        guard !known.isEmpty else { return "" }
        let labelled = confusion.reduce(0) { $0 + $1.reduce(0, +) }
        let correct = confusion.indices.reduce(0) { $0 + confusion[$1][$1] }
        let absent = names.count - known.count
        return "Intersection over union of each class, "
            + "\(NumberText.percent(known.reduce(0, +) / Double(known.count))) in the mean of those that occur"
            + (absent > 0 ? "; \(absent) of \(names.count) occur neither in labels nor in predictions" : "") + ". "
            + "\(NumberText.percent(Double(correct) / Double(max(labelled, 1)))) of "
            + "\(NumberText.grouped(labelled)) labelled pixels are right."
    }

    /// The bars of the classes, from the best to the worst; nil without any.
    var plot: RowPlot? {
        let known = zip(names, intersections).enumerated().compactMap { place, row in
            row.1.map { (place: place, name: row.0, value: $0) }
        }.sorted { ($1.value, $0.place) < ($0.value, $1.place) }
        guard !known.isEmpty else { return nil }
        let title =
            known.count > Self.mostRows
            ? "Intersection over union of the worst \(Self.mostRows) of \(known.count) classes"
            : "Intersection over union"
        return RowPlot(
            title: title, axis: Axis("intersection over union", format: .percent, limits: 0...1, including: 0),
            rows: known.suffix(Self.mostRows).map {
                RowPlot.Row(
                    name: $0.name, value: $0.value, range: 0...$0.value, text: NumberText.percent($0.value),
                    style: Tone.accent.className)
            })
    }

    private var picturesLead: String {
        let kept = shown.count
        return kept > 8
            ? "Image, label and prediction of the best, the middle and the worst images, by the mean over the classes that "
                + "occur in them. Black: not labelled."
            : "Image, label and prediction of each image, the best first. Black: not labelled."
    }

    /// The images with their maps, under a legend of the classes that occur in them.
    private func pictures() throws(ReportError) -> [Markup] {
        let palette = colours.map { PixelColour(hex: $0) ?? PixelColour(128, 128, 128) }
        var entries: [ImageGrid.Entry] = []
        var occurring: Set<UInt8> = []
        for (rank, example) in shown.enumerated() {
            guard let actual = example.actual.map, let predicted = example.predicted.map,
                example.actual.height == example.predicted.height, example.actual.width == example.predicted.width
            else { continue }
            occurring.formUnion(actual)
            occurring.formUnion(predicted)
            func map(_ classes: [UInt8]) -> LabelMap {
                LabelMap(height: example.actual.height, width: example.actual.width, classes: classes)
            }
            let word = shown.count > 8 ? ["best", "middle", "worst"][min(3 * rank / shown.count, 2)] : "image"
            let share = NumberText.percent(example.meanIntersectionOverUnion)
            if let image = images?.seen(example.image) {
                entries.append(
                    .init(image, caption: [.text("\(word), \(share)")], label: "\(word) image, IoU \(share)"))
            }
            entries.append(.init(map(actual).drawn(palette), caption: [.text("label")], label: "label of the image"))
            // What lies outside the labels counts nowhere, and would only distract.
            let masked = zip(actual, predicted).map { $0 == LabelMap.ignored ? LabelMap.ignored : $1 }
            entries.append(
                .init(map(masked).drawn(palette), caption: [.text("prediction")], label: "prediction for the image"))
        }
        guard !entries.isEmpty else { return [] }
        let legend = occurring.sorted().filter { Int($0) < names.count }.map { label in
            Markup(
                "span", ["class": "swatch-name"],
                [
                    Markup("span", ["class": "swatch", "style": "background:\(palette[Int(label)].hex)"], []),
                    .text(names[Int(label)]),
                ])
        }
        let columns = images == nil ? 2 : 3
        let rows = stride(from: 0, to: entries.count, by: columns).map {
            Array(entries[$0..<min($0 + columns, entries.count)])
        }
        var groups: [Markup] = []
        for row in rows { groups.append(Markup("div", ["class": "triple"], try ImageGrid(row).figures())) }
        return [Markup("p", ["class": "legend"], legend), Markup("div", ["class": "triples"], groups)]
    }
}
