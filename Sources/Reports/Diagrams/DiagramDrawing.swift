/// Paints an architecture diagram whose data have been checked: title, rows of stages with the flow between them, a
/// legend and a word on how to read it.
struct DiagramDrawing {
    private let diagram: ArchitectureDiagram
    private let width: Double
    private let layout: DiagramLayout
    private let style: BlockBox.Style
    /// The boxes by stage, then by block.
    private let boxes: [[BlockBox]]

    private typealias Spacing = DiagramLayout.Spacing
    /// The room above the boxes of a row, for the stages' names.
    private static let head = 26.0
    private static let betweenRows = 30.0
    private static let noteSize = 11.0

    init(_ diagram: ArchitectureDiagram, width: Double) {
        let layout = DiagramLayout(diagram.stages, width: width)
        let blocks = diagram.blocks
        let lines = blocks.compactMap(\.chosen).map { BlockBox.Style.lines($0, width: layout.boxWidth).count }
        (self.diagram, self.layout) = (diagram, layout)
        self.width = max(width, layout.right + layout.left)
        boxes = Self.boxes(of: diagram)
        style = BlockBox.Style(
            width: layout.boxWidth, nameLines: lines.max() ?? 0, isCompared: boxes.joined().contains { $0.differs },
            hasChoices: blocks.contains(where: \.isChoice), hasOutputs: blocks.contains { !$0.output.isEmpty },
            isOtherNamed: diagram.compared?.isNamed ?? true)
    }

    private static func boxes(of diagram: ArchitectureDiagram) -> [[BlockBox]] {
        let total = diagram.blocks.reduce(0) { $0 + $1.multiplyAdds }
        let largest = diagram.blocks.map(\.multiplyAdds).max() ?? 0
        func share(_ part: Int, _ whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }
        var others = (diagram.compared?.choices ?? [])[...]
        return diagram.stages.map { stage in
            stage.blocks.map { block in
                BlockBox(
                    block: block, other: block.isChoice ? others.popFirst() : nil,
                    share: share(block.multiplyAdds, total), length: share(block.multiplyAdds, largest))
            }
        }
    }

    func svg() -> SVG {
        let top = diagram.title.isEmpty ? 2.0 : 34.0
        let rowHeight = Self.head + style.height + Spacing.padding
        let bottom = top + Double(layout.rows.count) * (rowHeight + Self.betweenRows) - Self.betweenRows
        let legend = CandidateLegend(diagram, width: width - 2 * layout.left)
        let notes = notes.flatMap { TextMeasure.lines($0, width: width - 2 * layout.left, size: Self.noteSize) }
        let legendHeight = legend.map { $0.height + 14 } ?? 0
        let height = max(0, bottom) + legendHeight + (notes.isEmpty ? 4 : 14 + Double(notes.count) * 16)
        var svg = SVG(width: width, height: height, label: label)
        svg.text(
            TextMeasure.shortened(diagram.title, to: width, size: 14), at: PlotPoint(0, 15), style: "title")
        let tops = layout.rows.indices.map { top + Double($0) * (rowHeight + Self.betweenRows) }
        for (row, top) in zip(layout.rows, tops) { draw(row, top: top, on: &svg) }
        for (row, tops) in zip(layout.rows, zip(tops, tops.dropFirst())) {
            drawTurn(after: row, from: tops.0, to: tops.1, on: &svg)
        }
        legend?.draw(left: layout.left, top: bottom + 14, on: &svg)
        for (line, note) in notes.enumerated() {
            svg.text(
                note, at: PlotPoint(layout.left, bottom + legendHeight + 24 + Double(line) * 16), style: "note")
        }
        return svg
    }

    // MARK: - Rows

    private func middle(_ top: Double) -> Double { top + Self.head + style.height / 2 }

    private func draw(_ row: [DiagramLayout.Group], top: Double, on svg: inout SVG) {
        for (group, next) in zip(row, row.dropFirst()) {
            drawArrow(
                [PlotPoint(group.left + layout.width(of: group), middle(top)), PlotPoint(next.left, middle(top))],
                on: &svg)
        }
        for group in row {
            if !group.isBare {
                let extent = layout.width(of: group)
                let height = Self.head + style.height + Spacing.padding
                svg.rectangle(x: group.left, y: top, width: extent, height: height, corner: 10, style: "panel")
                drawHead(of: group, extent, top, on: &svg)
            }
            let first = layout.left(of: group.blocks.lowerBound, in: group)
            let last = layout.left(of: group.blocks.upperBound - 1, in: group)
            svg.path([PlotPoint(first, middle(top)), PlotPoint(last, middle(top))], style: "flow")
            for block in group.blocks {
                let corner = PlotPoint(layout.left(of: block, in: group), top + Self.head)
                boxes[group.stage][block].draw(at: corner, style, on: &svg)
            }
        }
    }

    /// The stage's name and its share of the multiply-adds, unless its only block says the same.
    private func drawHead(of group: DiagramLayout.Group, _ extent: Double, _ top: Double, on svg: inout SVG) {
        let stage = diagram.stages[group.stage]
        let room = extent - 2 * Spacing.padding
        let left = group.left + Spacing.padding
        let share = NumberText.percent(boxes[group.stage].reduce(0) { $0 + $1.share })
        let isFirst = group.blocks.lowerBound == 0
        let hasShare = stage.blocks.count > 1 && isFirst && room > 200
        let name = isFirst ? stage.name : "\(stage.name), continued"
        svg.text(
            TextMeasure.shortened(name, to: hasShare ? room - 60 : room, size: 12), at: PlotPoint(left, top + 17),
            style: isFirst ? "strong" : "")
        if hasShare { svg.text(share, at: PlotPoint(left + room, top + 17), anchor: .end, style: "small") }
    }

    /// The line from the end of a row around to the beginning of the next.
    private func drawTurn(
        after row: [DiagramLayout.Group], from upper: Double, to lower: Double, on svg: inout SVG
    ) {
        guard let last = row.last else { return }
        let right = last.left + layout.width(of: last)
        let between = lower - Self.betweenRows / 2
        let turn = layout.left - Spacing.margin + 3
        drawArrow(
            [
                PlotPoint(right, middle(upper)), PlotPoint(right + Spacing.margin - 3, middle(upper)),
                PlotPoint(right + Spacing.margin - 3, between), PlotPoint(turn, between),
                PlotPoint(turn, middle(lower)), PlotPoint(layout.left, middle(lower)),
            ], on: &svg)
    }

    private func drawArrow(_ points: [PlotPoint], on svg: inout SVG) {
        guard let tip = points.last else { return }
        svg.path(points, style: "flow")
        svg.path([PlotPoint(tip.x - 6, tip.y - 4), tip, PlotPoint(tip.x - 6, tip.y + 4)], style: "flow")
    }

    // MARK: - Words

    /// The key to the boxes.
    private var notes: [String] {
        let total = diagram.blocks.reduce(0) { $0 + $1.multiplyAdds }
        var notes: [String] = []
        if style.hasChoices { notes.append("Dots: a block's candidates, the chosen one filled.") }
        if total > 0 {
            notes.append(
                "Bars: shares of the \(NumberText.grouped(total)) multiply-adds, the longest that of the largest block."
            )
        }
        if let compared = diagram.compared {
            let count = boxes.joined().count { $0.differs }
            notes.append(
                count == 0
                    ? "The same path as \(compared.name)."
                    : "Framed: \(Self.count(blocks: count)) with another candidate than in \(compared.name)"
                        + (compared.isNamed ? ", which is struck out." : "."))
        }
        return notes.isEmpty ? [] : [notes.joined(separator: " ")]
    }

    /// The drawing for those who cannot see it.
    private var label: String {
        let choices = diagram.blocks.compactMap { block in block.chosen.map { "\(block.name) \($0)" } }
        let head =
            "\(diagram.title.isEmpty ? "Architecture" : diagram.title): \(Self.count(blocks: diagram.blocks.count))"
        return head + (choices.isEmpty ? "" : "; " + choices.joined(separator: "; "))
    }

    private static func count(blocks count: Int) -> String {
        count == 1 ? "1 block" : "\(NumberText.grouped(count)) blocks"
    }
}

/// The colours of candidates, with how many blocks have each, in as many lines as the width asks for.
struct CandidateLegend {
    private struct Item {
        let text: String
        let colour: String
        let isUsed: Bool
        let place: PlotPoint
    }

    private let items: [Item]
    /// The height in pixels.
    let height: Double

    private enum Spacing {
        static let swatch = 11.0
        static let toName = 7.0
        static let toNext = 24.0
        static let line = 22.0
        static let size = 12.0
    }

    /// The legend; nil for a diagram without choices, or with choices that do not all have the same candidates.
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
