/// Values in rows, each under its name: a mark with a whisker, single values as small dots below it, and the figure in
/// words at the end. Vertical lines go through all rows.
struct RowPlot {
    /// A named value.
    struct Row {
        let name: String
        /// The mark; nil for none.
        var value: Double?
        /// The whisker; nil for none.
        var range: ClosedRange<Double>?
        /// The small dots.
        var dots: [Double] = []
        /// The figure in words at the right end.
        var text: String
        /// The class of its marks' colour.
        var style: String
        /// Whether its name and figure stand out.
        var isStrong = false
    }

    /// A value to compare all rows with.
    struct Line {
        let x: Double
        let name: String
        /// A pale stripe about it; nil for none.
        var band: ClosedRange<Double>?
        var tone = Tone.third
    }

    let title: String
    let axis: Axis
    let rows: [Row]
    var lines: [Line] = []
    /// The width at least; long names make the drawing wider.
    var width = 600.0

    /// The plot. What is not finite is left out.
    func svg() -> SVG {
        let lines = lines.filter { Scale.isDrawable($0.x, axis.kind) }
        let frame = RowFrame(self, lines: lines)
        let words = rows.map { "\($0.name) \($0.text)" }.joined(separator: "; ")
        var svg = SVG(
            width: frame.width, height: frame.height,
            label: words.isEmpty ? "\(title): no values" : "\(title): \(words)")
        svg.text(title, at: PlotPoint(0, 15), style: "title")
        drawBands(lines, frame, on: &svg)
        drawAxis(frame, on: &svg)
        draw(lines, frame, on: &svg)
        for (row, place) in zip(rows, frame.rows) { draw(row, place, frame, on: &svg) }
        return svg
    }

    private func drawBands(_ lines: [Line], _ frame: RowFrame, on svg: inout SVG) {
        for line in lines {
            guard let band = frame.span(line.band) else { continue }
            svg.rectangle(
                x: band.lowerBound, y: frame.top, width: band.upperBound - band.lowerBound,
                height: frame.bottom - frame.top, opacity: 0.12, style: "cell \(line.tone.className)")
        }
    }

    private func drawAxis(_ frame: RowFrame, on svg: inout SVG) {
        svg.line(from: PlotPoint(frame.left, frame.bottom), to: PlotPoint(frame.right, frame.bottom), style: "base")
        svg.text(
            axis.title, at: PlotPoint((frame.left + frame.right) / 2, frame.bottom + 36), anchor: .middle)
        guard !rows.isEmpty else {
            let centre = PlotPoint((frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2 + 4)
            svg.text("no values recorded", at: centre, anchor: .middle)
            return
        }
        let step = frame.x.textStep(size: RowFrame.nameSize)
        for (number, (tick, text)) in zip(frame.x.ticks, frame.x.texts).enumerated() {
            let x = frame.x.scale.position(of: tick)
            let style = tick == 0 ? "base" : "grid"
            svg.line(from: PlotPoint(x, frame.top), to: PlotPoint(x, frame.bottom), style: style)
            guard number.isMultiple(of: step) else { continue }
            svg.text(text, at: PlotPoint(x, frame.bottom + 18), anchor: .middle)
        }
    }

    private func draw(_ lines: [Line], _ frame: RowFrame, on svg: inout SVG) {
        for (line, baseline) in zip(lines, frame.lineNames) {
            let tone = line.tone.className
            let x = frame.x.scale.position(of: line.x)
            svg.line(from: PlotPoint(x, baseline + 5), to: PlotPoint(x, frame.bottom), style: "limit \(tone)")
            // To the left of its line, or as far there as the drawing reaches.
            let end = max(x + 4, TextMeasure.width(line.name, size: RowFrame.nameSize))
            svg.text(line.name, at: PlotPoint(end, baseline), anchor: .end, style: "name \(tone)")
        }
    }

    private func draw(_ row: Row, _ place: RowFrame.Place, _ frame: RowFrame, on svg: inout SVG) {
        let style = row.isStrong ? "name \(row.style)" : "category"
        let first = place.centre + 4 - Double(place.name.count - 1) * RowFrame.lineHeight / 2
        for (index, line) in place.name.enumerated() {
            svg.text(line, at: PlotPoint(0, first + Double(index) * RowFrame.lineHeight), style: style)
        }
        svg.text(row.text, at: PlotPoint(frame.width, place.centre + 4), anchor: .end, style: style)
        let hint = "\(row.name): \(row.text)"
        if let whisker = frame.span(row.range) {
            svg.path(
                [PlotPoint(whisker.lowerBound, place.centre), PlotPoint(whisker.upperBound, place.centre)],
                style: "curve \(row.style)")
        }
        for dot in row.dots where Scale.isDrawable(dot, axis.kind) {
            let centre = PlotPoint(frame.x.scale.position(of: dot), place.centre + RowFrame.toDots)
            svg.circle(at: centre, radius: 2.5, style: "dot \(row.style)", hint: axis.format.measured(dot))
        }
        if let value = row.value, Scale.isDrawable(value, axis.kind) {
            let centre = PlotPoint(frame.x.scale.position(of: value), place.centre)
            svg.circle(at: centre, radius: row.isStrong ? 6 : 5, style: "mark \(row.style)", hint: hint)
        }
    }
}

/// The places of the parts of a ``RowPlot``, so that none covers another and no name is cut.
struct RowFrame {
    /// The place of a row.
    struct Place {
        /// The name's lines.
        let name: [String]
        /// The middle of the row's mark.
        let centre: Double
    }

    let width: Double
    let height: Double
    let left: Double
    let right: Double
    let top: Double
    let bottom: Double
    let x: Axis.Division
    let rows: [Place]
    /// The base lines of the names of vertical lines.
    let lineNames: [Double]

    /// Names are set in 12 pixels, some of them bold.
    static let nameSize = 13.0
    static let lineHeight = 15.0
    /// The distance from a mark down to the dots of its row.
    static let toDots = 9.0

    private enum Spacing {
        static let title = 30.0
        static let lineName = 18.0
        static let row = 14.0
        static let bottom = 44.0
        static let toPlot = 16.0
        static let perTick = 60.0
        /// The largest share of the drawing's width that names in several lines take.
        static let names = 0.32
        static let leastPlot = 220.0
    }

    /// Lays out a plot.
    ///
    /// - Parameters:
    ///   - plot: its rows, its axis and the width to aim at.
    ///   - lines: those of its vertical lines that can be drawn.
    init(_ plot: RowPlot, lines: [RowPlot.Line]) {
        func wide(_ text: String) -> Double { TextMeasure.width(text, size: Self.nameSize) }
        let words = plot.rows.flatMap { $0.name.split(separator: " ").map { wide(String($0)) } }
        let whole = plot.rows.map { wide($0.name) }.max() ?? 0
        // A hair more than measured, as sums of parts round differently.
        let most = min(whole, max(plot.width * Spacing.names, words.max() ?? 0)) + 0.01
        let split = plot.rows.map { TextMeasure.lines($0.name, width: most, size: Self.nameSize) }
        let names = split.joined().map(wide).max() ?? 0
        let texts = plot.rows.map { wide($0.text) }.max() ?? 0
        left = names + Spacing.toPlot
        // The plot keeps its room; names of lines end left of it at worst.
        let least = left + Spacing.leastPlot + Spacing.toPlot + texts
        width = max(plot.width, least, lines.map { wide($0.name) }.max() ?? 0, wide(plot.title))
        right = width - texts - Spacing.toPlot

        // The name of the rightmost line is on top: lines further left end below it, and it passes right of theirs.
        top = Spacing.title + Double(lines.count) * Spacing.lineName
        var baselines = [Double](repeating: 0, count: lines.count)
        let order = lines.indices.sorted { (lines[$0].x, $0) > (lines[$1].x, $1) }
        for (place, index) in order.enumerated() {
            baselines[index] = Spacing.title + Double(place) * Spacing.lineName + 10
        }
        lineNames = baselines

        var y = top
        rows = zip(plot.rows, split).map { row, name in
            let text = Double(max(1, name.count)) * Self.lineHeight
            let dots = row.dots.isEmpty ? 0 : Self.toDots
            defer { y += text + Spacing.row + dots / 2 }
            return Place(name: name, centre: y + (text + Spacing.row) / 2)
        }
        bottom = max(y, top + 60)
        height = bottom + Spacing.bottom
        let values =
            plot.rows.flatMap { row in
                [row.value, row.range?.lowerBound, row.range?.upperBound].compactMap(\.self) + row.dots
            } + lines.flatMap { [$0.x, $0.band?.lowerBound, $0.band?.upperBound].compactMap(\.self) }
        let count = Int(((right - left) / Spacing.perTick).rounded())
        x = plot.axis.division(of: values, start: left, end: right, count: count)
    }

    /// The place of a range along x; nil for none, and for one that has no place.
    func span(_ range: ClosedRange<Double>?) -> ClosedRange<Double>? {
        guard let range, Scale.isDrawable(range.lowerBound, x.scale.kind),
            Scale.isDrawable(range.upperBound, x.scale.kind)
        else { return nil }
        let (low, high) = (x.scale.position(of: range.lowerBound), x.scale.position(of: range.upperBound))
        return low...max(low, high)
    }
}
