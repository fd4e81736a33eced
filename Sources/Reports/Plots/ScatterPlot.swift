/// Points over two quantities, such as accuracy over multiply-adds; the front of those that no other beats, if it is
/// wanted, and one point that stands out.
public struct ScatterPlot: Sendable, Equatable {
    /// The one to look at.
    public struct Highlight: Sendable, Equatable {
        /// Where it is, in the units of the axes.
        public var point: PlotPoint
        /// Beside the point.
        public var name: String

        /// A named point.
        public init(_ point: PlotPoint, name: String) {
            self.point = point
            self.name = name
        }
    }

    /// Above the plot.
    public var title: String
    /// What x measures.
    public var horizontal: Axis
    /// What y measures.
    public var vertical: Axis
    /// In any order, with whatever values.
    public var points: [PlotPoint]
    /// What is better; nil for no front.
    public var front: ParetoFront?
    /// Need not be one of the points.
    public var highlight: Highlight?
    /// In the drawing's pixels.
    public var width: Double
    /// Likewise; a note below adds to it.
    public var height: Double

    /// A plot of any number of points, also none.
    public init(
        _ title: String, horizontal: Axis, vertical: Axis, points: [PlotPoint], front: ParetoFront? = nil,
        highlight: Highlight? = nil, width: Double = 560, height: Double = 400
    ) {
        self.title = title
        self.horizontal = horizontal
        self.vertical = vertical
        self.points = points
        self.front = front
        self.highlight = highlight
        self.width = width
        self.height = height
    }

    private enum Spacing {
        static let margin = 24.0
        static let noteHeight = 22.0
        static let labelSize = 13.0
    }

    /// The plot. Points that have no place in it are left out, with a note.
    public func svg() -> SVG {
        let drawn = points.filter(isDrawable)
        let shown = highlight.flatMap { isDrawable($0.point) ? $0 : nil }
        let leftOut = points.count - drawn.count + (shown == nil && highlight != nil ? 1 : 0)
        let note = Series.note(
            leftOut: leftOut, isLogarithmic: horizontal.kind == .logarithmic || vertical.kind == .logarithmic)
        let frame = PlotFrame(
            title: title, width: width, height: height, margin: Spacing.margin, horizontal: horizontal,
            vertical: vertical,
            points: drawn + [shown?.point].compactMap(\.self))
        let label = "\(title): \(NumberText.grouped(drawn.count)) points, \(vertical.title) over \(horizontal.title)"
        var svg = SVG(width: width, height: height + (note == nil ? 0 : Spacing.noteHeight), label: label)
        frame.draw(on: &svg, hasColumns: true)

        let indices = front?.indices(of: drawn) ?? []
        let onFront = Set(indices)
        for (index, point) in drawn.enumerated() where !onFront.contains(index) {
            svg.circle(at: frame.place(point), radius: 3.5, style: "dot \(Tone.quiet.className)", hint: hint(point))
        }
        if let front { draw(front, indices.map { drawn[$0] }, frame, on: &svg) }
        if let shown { draw(shown, frame, on: &svg) }
        if let note { svg.text(note, at: PlotPoint(0, height + 14), style: "note") }
        return svg
    }

    private func isDrawable(_ point: PlotPoint) -> Bool {
        Scale.isDrawable(point.x, horizontal.kind) && Scale.isDrawable(point.y, vertical.kind)
    }

    private func draw(_ front: ParetoFront, _ points: [PlotPoint], _ frame: PlotFrame, on svg: inout SVG) {
        let tone = Tone.accent.className
        if points.count > 1 { svg.path(front.staircase(points).map(frame.place), style: "curve thin \(tone)") }
        for point in points {
            svg.circle(at: frame.place(point), radius: 4.5, style: "mark \(tone)", hint: hint(point))
        }
        // At the end of the best y, on the side that no point can be on.
        guard let end = points.last.map(frame.place) else { return }
        let isRight = end.x < (frame.left + frame.right) / 2
        let baseline = front.y == .higher ? max(end.y - 12, frame.top - 2) : min(end.y + 20, frame.bottom - 4)
        svg.text(
            "Pareto front", at: PlotPoint(end.x, baseline), anchor: isRight ? .start : .end,
            style: "name halo \(tone)")
    }

    private func draw(_ highlight: Highlight, _ frame: PlotFrame, on svg: inout SVG) {
        let tone = Tone.alert.className
        let place = frame.place(highlight.point)
        svg.circle(at: place, radius: 8, style: "ring \(tone)", hint: hint(highlight.point))
        svg.circle(at: place, radius: 4.5, style: "mark \(tone)")
        let room = max(place.x - frame.left, frame.right - place.x) - 14
        let name = TextMeasure.shortened(highlight.name, to: room, size: Spacing.labelSize)
        // To the side where there is more room, and below: better points lie above, on the front.
        let isRight = frame.right - place.x >= place.x - frame.left
        let baseline = min(place.y + 20, frame.bottom - 6)
        svg.text(
            name, at: PlotPoint(place.x + (isRight ? 12 : -12), baseline), anchor: isRight ? .start : .end,
            style: "name halo \(tone)")
    }

    private func hint(_ point: PlotPoint) -> String {
        "\(vertical.format.measured(point.y)) at \(horizontal.format.measured(point.x)) \(horizontal.title)"
    }
}
