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

    /// What x may not exceed, such as a budget, as a vertical line.
    public struct Limit: Sendable, Equatable {
        /// In the unit of the horizontal axis.
        public var x: Double
        /// At the line's upper end.
        public var name: String

        /// A named line.
        public init(_ x: Double, name: String) {
            self.x = x
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
    /// The horizontal axis reaches up to it.
    public var limit: Limit?
    /// In the drawing's pixels.
    public var width: Double
    /// Likewise; a note below adds to it.
    public var height: Double

    /// A plot of any number of points, also none.
    public init(
        _ title: String, horizontal: Axis, vertical: Axis, points: [PlotPoint], front: ParetoFront? = nil,
        highlight: Highlight? = nil, limit: Limit? = nil, width: Double = 560, height: Double = 400
    ) {
        self.title = title
        self.horizontal = horizontal
        self.vertical = vertical
        self.points = points
        self.front = front
        self.highlight = highlight
        self.limit = limit
        self.width = width
        self.height = height
    }

    private enum Spacing {
        static let margin = 24.0
        static let noteHeight = 22.0
        static let labelSize = 13.0
        static let ring = 8.0
    }

    /// The plot. Points that have no place in it are left out, with a note.
    public func svg() -> SVG {
        let drawn = points.filter(isDrawable)
        let shown = highlight.flatMap { isDrawable($0.point) ? $0 : nil }
        let leftOut = points.count - drawn.count + (shown == nil && highlight != nil ? 1 : 0)
        let note = Series.note(
            leftOut: leftOut, isLogarithmic: horizontal.kind == .logarithmic || vertical.kind == .logarithmic)
        let frame = PlotFrame(
            title: title, width: width, height: height, margin: Spacing.margin, horizontal: limitedAxis,
            vertical: vertical, points: drawn + [shown?.point].compactMap(\.self))
        let label = "\(title): \(NumberText.grouped(drawn.count)) points, \(vertical.title) over \(horizontal.title)"
        var svg = SVG(width: width, height: height + (note == nil ? 0 : Spacing.noteHeight), label: label)
        frame.draw(on: &svg, hasColumns: true)
        if let limit, !frame.isEmpty { draw(limit, frame, on: &svg) }

        let indices = front?.indices(of: drawn) ?? []
        let onFront = Set(indices)
        for (index, point) in drawn.enumerated() where !onFront.contains(index) {
            svg.circle(at: frame.place(point), radius: 3.5, style: "dot \(Tone.quiet.className)", hint: hint(point))
        }
        if let front { draw(front, indices.map { drawn[$0] }, beside: shown, frame, on: &svg) }
        if let shown { draw(shown, frame, on: &svg) }
        if let note { svg.text(note, at: PlotPoint(0, height + 14), style: "note") }
        return svg
    }

    private func isDrawable(_ point: PlotPoint) -> Bool {
        Scale.isDrawable(point.x, horizontal.kind) && Scale.isDrawable(point.y, vertical.kind)
    }

    private var limitedAxis: Axis {
        var axis = horizontal
        if let limit { axis.including = limit.x }
        return axis
    }

    private func draw(_ limit: Limit, _ frame: PlotFrame, on svg: inout SVG) {
        guard Scale.isDrawable(limit.x, horizontal.kind) else { return }
        let tone = Tone.quiet.className
        let x = frame.x.scale.position(of: limit.x)
        let nameWidth = TextMeasure.width(limit.name, size: Spacing.labelSize)
        // Above the plot, so that it covers no point, and on the side of what keeps to it if there is room.
        let isLeft = x - frame.left > nameWidth
        svg.line(from: PlotPoint(x, frame.top - 14), to: PlotPoint(x, frame.bottom), style: "limit \(tone)")
        svg.text(
            limit.name, at: PlotPoint(x + (isLeft ? 1 : -1), frame.top - 20), anchor: isLeft ? .end : .start,
            style: "name \(tone)")
    }

    private func draw(
        _ front: ParetoFront, _ points: [PlotPoint], beside shown: Highlight?, _ frame: PlotFrame, on svg: inout SVG
    ) {
        let tone = Tone.accent.className
        if points.count > 1 { svg.path(front.staircase(points).map(frame.place), style: "curve thin \(tone)") }
        for point in points {
            svg.circle(at: frame.place(point), radius: 4.5, style: "mark \(tone)", hint: hint(point))
        }
        // At the end of the best y, on the side that no point can be on.
        guard let end = points.last.map(frame.place) else { return }
        let isRight = end.x < (frame.left + frame.right) / 2
        let baseline = front.y == .higher ? max(end.y - 12, frame.top - 2) : min(end.y + 20, frame.bottom - 4)
        // Beside the ring, if that is there.
        let aside = shown.map { frame.place($0.point) } == end ? Spacing.ring + 4 : 0
        svg.text(
            "Pareto front", at: PlotPoint(end.x + (isRight ? aside : -aside), baseline),
            anchor: isRight ? .start : .end,
            style: "name halo \(tone)")
    }

    private func draw(_ highlight: Highlight, _ frame: PlotFrame, on svg: inout SVG) {
        let tone = Tone.alert.className
        let place = frame.place(highlight.point)
        svg.circle(at: place, radius: Spacing.ring, style: "ring \(tone)", hint: hint(highlight.point))
        svg.circle(at: place, radius: 4.5, style: "mark \(tone)")
        let (left, right) = (place.x - frame.left - 14, frame.right - place.x - 14)
        let name = TextMeasure.shortened(highlight.name, to: max(left, right), size: Spacing.labelSize)
        // Below, as better points lie above, and to the side where the front, which comes from the best x, is not.
        let ahead = front?.x == .higher ? left : right
        let isAhead = ahead >= min(TextMeasure.width(name, size: Spacing.labelSize), max(left, right))
        let isRight = isAhead == (front?.x != .higher)
        let baseline = min(place.y + 20, frame.bottom - 6)
        svg.text(
            name, at: PlotPoint(place.x + (isRight ? 12 : -12), baseline), anchor: isRight ? .start : .end,
            style: "name halo \(tone)")
    }

    private func hint(_ point: PlotPoint) -> String {
        "\(vertical.format.measured(point.y)) at \(horizontal.format.measured(point.x)) \(horizontal.title)"
    }
}
