/// Lines over a common axis, each with its name and last value at its end instead of a legend, and a band around it where
/// it has one. A series without a
/// name, for a chart of only one, has no such label.
struct LineChart: Sendable, Equatable {
    /// The text above the chart.
    var title: String
    /// The axis that the lines run over.
    var horizontal: Axis
    /// The axis of the values. Its title stands below the chart's, unless it is the same.
    var vertical: Axis
    /// The series in the order of painting.
    var series: [Series]
    /// The width of the drawing in pixels.
    var width = 400.0
    /// The height of the drawing in pixels, to which notes below add.
    var height = 264.0

    private enum Spacing {
        static let labelSize = 13.0
        static let labelHeight = 36.0
        static let toLabel = 10.0
        static let noteHeight = 16.0
        static let withoutLabels = 12.0
        static let markRadius = 3.5
        /// A series of at most so many points shows each of them.
        static let mostMarks = 40
        /// One of more than so many that goes up and down more than so often the plot's height is drawn with its
        /// running mean,
        static let mostPlain = 400
        static let noise = 6.0
        /// over so many pixels.
        static let meanOver = 5.0
    }

    /// The chart. Values that have no place in it are left out, with a note; so are whole series without any. A series
    /// of many points is drawn pale, with their running mean over it.
    func svg() -> SVG {
        let split = series.map { $0.runs(x: horizontal.kind, y: vertical.kind) }
        let drawn = zip(series, split.map(\.runs)).filter { !$0.1.isEmpty }
        let widest =
            drawn.flatMap { [$0.0.name, longestValue($0.1)] }
            .map { TextMeasure.width($0, size: Spacing.labelSize) }.max() ?? 0
        let hasLabels = drawn.contains { !$0.0.name.isEmpty }
        let frame = PlotFrame(
            title: title, width: width, height: height,
            margin: hasLabels ? min(widest, width / 3) + Spacing.toLabel : Spacing.withoutLabels,
            horizontal: horizontal, vertical: vertical,
            points: drawn.flatMap { Array($0.1.joined()) + drawable($0.0.band).flatMap(\.ends) })
        let lines = drawn.map { Line($0.0, $0.1, frame) }
        let notes = notes(leftOut: split.reduce(0) { $0 + $1.leftOut }, lines)

        var svg = SVG(
            width: width, height: height + (notes.isEmpty ? 0 : 6 + Double(notes.count) * Spacing.noteHeight),
            label: summary(lines, frame))
        frame.draw(on: &svg)
        // No band is to lie on a line.
        for line in lines {
            let band = drawable(line.series.band).map { $0.ends.map(frame.place) }
            let outline = band.map { $0[0] } + band.reversed().map { $0[1] }
            svg.path(outline, style: "band \(line.series.tone.className)")
        }
        for line in lines { draw(line, frame, on: &svg) }
        drawLabels(lines.filter { !$0.series.name.isEmpty }, frame, on: &svg)
        for (row, note) in notes.enumerated() {
            svg.text(note, at: PlotPoint(0, height + 14 + Double(row) * Spacing.noteHeight), style: "note")
        }
        return svg
    }

    /// The part of a band that has a place in the chart.
    private func drawable(_ band: [Series.Band]) -> [Series.Band] {
        band.filter { part in
            part.ends.allSatisfy {
                Scale.isDrawable($0.x, horizontal.kind) && Scale.isDrawable($0.y, vertical.kind)
            }
        }
    }

    /// A series in the drawing.
    private struct Line {
        let series: Series
        let runs: [[PlotPoint]]
        /// The running means; nil where there are few points.
        let means: [[PlotPoint]]?
        /// The place of the label.
        let end: PlotPoint

        init(_ series: Series, _ runs: [[PlotPoint]], _ frame: PlotFrame) {
            self.series = series
            let places = runs.map { $0.map(frame.place) }
            let count = runs.reduce(0) { $0 + $1.count }
            let isNoisy = count > Spacing.mostPlain && Self.climb(places) > Spacing.noise * (frame.bottom - frame.top)
            means = isNoisy ? places.map { Decimation.means($0, column: Spacing.meanOver) } : nil
            self.runs = places
            end = (means ?? places).last?.last ?? PlotPoint(frame.right, frame.bottom)
        }

        /// The sum of all ways up and down.
        private static func climb(_ runs: [[PlotPoint]]) -> Double {
            runs.reduce(0) { $0 + zip($1, $1.dropFirst()).reduce(0) { $0 + abs($1.1.y - $1.0.y) } }
        }

        var hasMarks: Bool { runs.reduce(0) { $0 + $1.count } <= Spacing.mostMarks }
    }

    private func draw(_ line: Line, _ frame: PlotFrame, on svg: inout SVG) {
        let tone = line.series.tone.className
        for run in line.runs where run.count > 1 {
            svg.path(Decimation.thinned(run), style: "curve \(line.means == nil ? "" : "pale ")\(tone)")
        }
        for run in line.means ?? [] where run.count > 1 { svg.path(run, style: "curve \(tone)") }
        let name = line.series.name.isEmpty ? title : line.series.name
        for run in line.runs where line.hasMarks || run.count == 1 {
            for place in run {
                let value = vertical.format.measured(frame.y.scale.value(at: place.y))
                let position = horizontal.format.measured(frame.x.scale.value(at: place.x))
                let hint = "\(name): \(value) at \(horizontal.title) \(position)"
                svg.circle(at: place, radius: Spacing.markRadius, style: "mark \(tone)", hint: hint)
            }
        }
    }

    private func drawLabels(_ lines: [Line], _ frame: PlotFrame, on svg: inout SVG) {
        let places = LabelLayout.spread(
            lines.map(\.end.y), height: Spacing.labelHeight, within: frame.top...max(frame.top, frame.bottom - 8))
        let left = frame.right + Spacing.toLabel
        for (line, place) in zip(lines, places) {
            // The widest name has just the room that it needs, but for rounding.
            let name = TextMeasure.shortened(line.series.name, to: width - left + 0.01, size: Spacing.labelSize)
            svg.text(name, at: PlotPoint(left, place - 3), style: "name \(line.series.tone.className)")
            svg.text(ending(line, frame), at: PlotPoint(left, place + 11), style: "value")
        }
    }

    private func ending(_ line: Line, _ frame: PlotFrame) -> String {
        vertical.format.measured(frame.y.scale.value(at: line.end.y))
    }

    /// A text as wide as any that may stand at a series' end.
    private func longestValue(_ runs: [[PlotPoint]]) -> String {
        let ends = runs.joined().map(\.y)
        let texts = [ends.min(), ends.max(), runs.last?.last?.y].compactMap(\.self).map(vertical.format.measured)
        return texts.max { $0.count < $1.count } ?? ""
    }

    private func notes(leftOut count: Int, _ lines: [Line]) -> [String] {
        let isLogarithmic = horizontal.kind == .logarithmic || vertical.kind == .logarithmic
        let means =
            lines.contains { $0.means != nil } ? "Pale: all values. Strong, and in figures: their running mean." : nil
        return [means, Series.note(leftOut: count, isLogarithmic: isLogarithmic)].compactMap(\.self)
    }

    private func summary(_ lines: [Line], _ frame: PlotFrame) -> String {
        let ends = lines.map { "\($0.series.name) ends at \(ending($0, frame))" }.joined(separator: ", ")
        return "\(title) over \(horizontal.title)" + (ends.isEmpty ? ": no values" : ": \(ends)")
    }
}
