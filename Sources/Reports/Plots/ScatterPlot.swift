/// Points over two quantities, such as accuracy over multiply-adds; the front of those that no other beats, if it is
/// wanted, and one point that stands out.
struct ScatterPlot: Sendable, Equatable {
    /// The point to look at.
    struct Highlight: Sendable, Equatable {
        /// The place of the point, in the units of the axes.
        var point: PlotPoint
        /// The text beside the point.
        var name: String
    }

    /// A value that x may not exceed, such as a budget, as a vertical line.
    struct Limit: Sendable, Equatable {
        /// The value in the unit of the horizontal axis.
        var x: Double
        /// The text at the line's upper end.
        var name: String
    }

    /// The text above the plot.
    var title: String
    /// The axis of x.
    var horizontal: Axis
    /// The axis of y.
    var vertical: Axis
    /// The points in any order, with whatever values.
    var points: [PlotPoint]
    /// What each point is, told when it is pointed at; empty for nothing but its place.
    var names: [String] = []
    /// The front to draw; nil for none.
    var front: ParetoFront?
    /// The point that stands out, which need not be one of the points; nil for none.
    var highlight: Highlight?
    /// The limit of x, which the horizontal axis reaches up to; nil for none.
    var limit: Limit?
    /// The width of the drawing in pixels.
    var width = 560.0
    /// The height of the drawing in pixels, to which a note below adds.
    var height = 400.0

    private enum Spacing {
        static let margin = 24.0
        static let noteHeight = 22.0
        static let labelSize = 13.0
        static let ring = 8.0
    }

    /// The plot. Points that have no place in it are left out, with a note.
    func svg() -> SVG {
        let places = points.indices.filter { isDrawable(points[$0]) }
        let drawn = places.map { points[$0] }
        let hints = places.map { hint(points[$0], $0 < names.count ? names[$0] : "") }
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
            svg.circle(at: frame.place(point), radius: 3.5, style: "dot \(Tone.quiet.className)", hint: hints[index])
        }
        if let front {
            draw(front, indices.map { (drawn[$0], hints[$0]) }, beside: shown, frame, on: &svg)
        }
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
        _ front: ParetoFront, _ points: [(point: PlotPoint, hint: String)], beside shown: Highlight?,
        _ frame: PlotFrame,
        on svg: inout SVG
    ) {
        let tone = Tone.accent.className
        if points.count > 1 {
            svg.path(front.staircase(points.map(\.point)).map(frame.place), style: "curve thin \(tone)")
        }
        for (point, hint) in points {
            svg.circle(at: frame.place(point), radius: 4.5, style: "mark \(tone)", hint: hint)
        }
        // At the end of the best y, on the side that no point can be on.
        guard let end = points.last.map({ frame.place($0.point) }) else { return }
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
        // The mark lies over the point of the plot, and is what is pointed at.
        let name = points.firstIndex(of: highlight.point).flatMap { $0 < names.count ? names[$0] : nil } ?? ""
        let hint = hint(highlight.point, name)
        svg.circle(at: place, radius: Spacing.ring, style: "ring \(tone)", hint: hint)
        svg.circle(at: place, radius: 4.5, style: "mark \(tone)", hint: hint)
        let (left, right) = (place.x - frame.left - 14, frame.right - place.x - 14)
        let label = TextMeasure.shortened(highlight.name, to: max(left, right), size: Spacing.labelSize)
        // Below, as better points lie above, and to the side where the front, which comes from the best x, is not.
        let ahead = front?.x == .higher ? left : right
        let isAhead = ahead >= min(TextMeasure.width(label, size: Spacing.labelSize), max(left, right))
        let isRight = isAhead == (front?.x != .higher)
        let baseline = min(place.y + 20, frame.bottom - 6)
        svg.text(
            label, at: PlotPoint(place.x + (isRight ? 12 : -12), baseline), anchor: isRight ? .start : .end,
            style: "name halo \(tone)")
    }

    private func hint(_ point: PlotPoint, _ name: String) -> String {
        (name.isEmpty ? "" : name + ": ") + vertical.format.measured(point.y) + " at "
            + horizontal.format.measured(point.x) + " " + horizontal.title
    }
}

/// The points that no other point beats on both axes.
struct ParetoFront: Sendable, Equatable {
    /// The better values of an axis.
    enum Goal: Sendable, Equatable { case lower, higher }

    /// The better values along x.
    var x: Goal
    /// The better values along y.
    var y: Goal

    /// The positions of the points of the front, from the best x to the best y. Points of the same place are all on
    /// it or all off it; points that are not finite are off it.
    func indices(of points: [PlotPoint]) -> [Int] {
        func cost(_ point: PlotPoint) -> (x: Double, y: Double) {
            (x == .lower ? point.x : -point.x, y == .lower ? point.y : -point.y)
        }
        let costs = points.map(cost)
        let order = points.indices
            .filter { points[$0].x.isFinite && points[$0].y.isFinite }
            .sorted { (costs[$0].x, costs[$0].y, $0) < (costs[$1].x, costs[$1].y, $1) }
        var front: [Int] = []
        for index in order {
            guard let last = front.last else {
                front.append(index)
                continue
            }
            if costs[index].y < costs[last].y || costs[index] == costs[last] { front.append(index) }
        }
        return front
    }

    /// The border of what the front beats, from the best x to the best y, as corners of a staircase.
    ///
    /// - Parameter front: points of a front, in the order of ``indices(of:)``.
    func staircase(_ front: [PlotPoint]) -> [PlotPoint] {
        var corners: [PlotPoint] = []
        for point in front {
            // A point's y can be had from its own x on, and the last point's y up to there.
            if let last = corners.last, last != point { corners.append(PlotPoint(point.x, last.y)) }
            corners.append(point)
        }
        return corners
    }
}
