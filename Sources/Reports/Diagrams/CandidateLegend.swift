/// The colours of candidates, with how many blocks have each, in as many lines as the width asks for.
struct CandidateLegend {
    private struct Item {
        let text: String
        let colour: String
        let isUsed: Bool
        let place: PlotPoint
    }

    private let items: [Item]
    /// In pixels.
    let height: Double

    private enum Spacing {
        static let swatch = 11.0
        static let toName = 7.0
        static let toNext = 24.0
        static let line = 22.0
        static let size = 12.0
    }

    /// Nil for a diagram without choices, or with choices that do not all have the same candidates.
    init?(_ diagram: ArchitectureDiagram, width: Double) {
        guard let candidates = diagram.commonCandidates, !candidates.isEmpty else { return nil }
        let counts = diagram.blocks.compactMap(\.choice).reduce(into: [:]) { $0[$1, default: 0] += 1 }
        var items: [Item] = []
        var place = PlotPoint(0, 0)
        for (index, candidate) in candidates.enumerated() {
            let name = TextMeasure.shortened(candidate, to: width / 2, size: Spacing.size)
            let count = counts[index] ?? 0
            let text = "\(name)\u{2003}×\(NumberText.space)\(count)"
            let extent =
                Spacing.swatch + Spacing.toName + TextMeasure.width(text, size: Spacing.size)
            if place.x > 0, place.x + extent > width { place = PlotPoint(0, place.y + Spacing.line) }
            items.append(Item(text: text, colour: ChoiceColour.className(index), isUsed: count > 0, place: place))
            place.x += extent + Spacing.toNext
        }
        self.items = items
        height = place.y + Spacing.line
    }

    /// Paints it with the upper left corner of its first line at `left` and `top`.
    func draw(left: Double, top: Double, on svg: inout SVG) {
        for item in items {
            let (x, y) = (left + item.place.x, top + item.place.y)
            svg.rectangle(
                x: x, y: y + 3, width: Spacing.swatch, height: Spacing.swatch, corner: 3, style: "cell \(item.colour)")
            svg.text(
                item.text, at: PlotPoint(x + Spacing.swatch + Spacing.toName, y + 13),
                style: item.isUsed ? "category" : "")
        }
    }
}
