/// The two axes of a plot, and where they lie in the drawing.
struct PlotFrame {
    let title: String
    let isEmpty: Bool
    let horizontal: Axis
    let vertical: Axis
    let x: Axis.Division
    let y: Axis.Division
    let left: Double
    let top: Double
    let right: Double
    let bottom: Double

    private enum Spacing {
        static let top = 36.0
        static let subtitle = 22.0
        static let bottom = 42.0
        static let tickSize = 12.0
        static let perTick = (x: 60.0, y: 44.0)
    }

    /// - Parameters:
    ///   - title: of the plot. Where it is the vertical axis' too, it stands but once.
    ///   - width: of the drawing, in pixels.
    ///   - height: likewise.
    ///   - margin: room to the right of the plot, for labels.
    ///   - headroom: room above the plot, for names of what stands in it.
    ///   - points: all that are to be in it.
    init(
        title: String, width: Double, height: Double, margin: Double, headroom: Double = 0, horizontal: Axis,
        vertical: Axis, points: [PlotPoint]
    ) {
        self.title = title
        isEmpty = points.isEmpty
        (self.horizontal, self.vertical) = (horizontal, vertical)
        top = Spacing.top + (vertical.title == title ? 0 : Spacing.subtitle) + headroom
        bottom = max(top + 1, height - Spacing.bottom)
        let rows = Int(((bottom - top) / Spacing.perTick.y).rounded())
        y = vertical.division(of: points.map(\.y), start: bottom, end: top, count: rows)
        let labels = y.texts.map { TextMeasure.width($0, size: Spacing.tickSize) }
        left = (labels.max() ?? 0) + 10
        right = max(left + 1, width - margin)
        let columns = Int(((right - left) / Spacing.perTick.x).rounded())
        x = horizontal.division(of: points.map(\.x), start: left, end: right, count: columns)
    }

    /// The place of a point in the drawing.
    func place(_ point: PlotPoint) -> PlotPoint {
        PlotPoint(x.scale.position(of: point.x), y.scale.position(of: point.y))
    }

    /// Paints titles, a base line, grid lines and ticks; of a plot without points, a word on that.
    ///
    /// - Parameter hasColumns: whether there are vertical grid lines too.
    func draw(on svg: inout SVG, hasColumns: Bool = false) {
        svg.text(title, at: PlotPoint(0, 15), style: "title")
        if vertical.title != title { svg.text(vertical.title, at: PlotPoint(0, 38)) }
        svg.line(from: PlotPoint(left, bottom), to: PlotPoint(right, bottom), style: "base")
        svg.text(horizontal.title, at: PlotPoint((left + right) / 2, bottom + 36), anchor: .middle)
        guard !isEmpty else {
            let centre = PlotPoint((left + right) / 2, (top + bottom) / 2)
            svg.text("no values recorded", at: centre, anchor: .middle)
            return
        }
        for (tick, text) in zip(y.ticks, y.texts) {
            let height = y.scale.position(of: tick)
            svg.line(from: PlotPoint(left, height), to: PlotPoint(right, height), style: "grid")
            svg.text(text, at: PlotPoint(left - 8, height + 4), anchor: .end)
        }
        let step = x.textStep(size: Spacing.tickSize)
        for (number, (tick, text)) in zip(x.ticks, x.texts).enumerated() {
            let place = x.scale.position(of: tick)
            if hasColumns { svg.line(from: PlotPoint(place, top), to: PlotPoint(place, bottom), style: "grid") }
            svg.line(from: PlotPoint(place, bottom), to: PlotPoint(place, bottom + 4), style: "base")
            if number.isMultiple(of: step) { svg.text(text, at: PlotPoint(place, bottom + 18), anchor: .middle) }
        }
    }
}
