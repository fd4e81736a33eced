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
        /// At the right end.
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
    /// At least; long names make the drawing wider.
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
