/// Points of several groups over two quantities. Groups are told apart by colour, from the ninth on by rings for discs,
/// and named below the plot; a group alone needs no name. A group may be joined by a line, and vertical lines may mark
/// limits.
struct GroupScatter {
    /// A point with its name.
    struct Point {
        let place: PlotPoint
        /// A vertical line through it; nil for none.
        var whisker: ClosedRange<Double>?
        /// The name, which is shown when the pointer rests on the point.
        var name: String

        init(_ place: PlotPoint, whisker: ClosedRange<Double>? = nil, name: String) {
            (self.place, self.whisker, self.name) = (place, whisker, name)
        }
    }

    /// Points of one colour.
    struct Group {
        /// The name below the plot; empty for none.
        let name: String
        /// The style-sheet class of the colour.
        var style: String
        /// Whether the points are rings.
        var isOpen = false
        /// The line through the points, from left to right.
        var line = Line.none
        let points: [Point]
    }

    /// A line through the points of a group.
    enum Line {
        /// No line.
        case none
        /// A pale line, which shows what belongs together.
        case pale
        /// A line that stands out, with larger points on it.
        case strong
    }

    /// A value that x may not exceed, as a vertical line with its name above.
    struct Limit {
        let x: Double
        let name: String
    }

    let title: String
    let horizontal: Axis
    let vertical: Axis
    let groups: [Group]
    /// The limits of x, which the horizontal axis reaches up to.
    var limits: [Limit] = []
    var width = 540.0
    /// The height of the drawing in pixels, to which names and a note below add.
    var height = 360.0

    private enum Spacing {
        static let margin = 20.0
        static let nameSize = 13.0
        static let nameHeight = 20.0
        static let toName = 14.0
        static let betweenNames = 18.0
        static let noteHeight = 22.0
        static let limitName = 14.0
        static let toLimit = 6.0
        static let betweenLimits = 10.0
    }

    /// The plot. Points that have no place in it are left out, with a note.
    func svg() -> SVG {
        let drawn = groups.map { $0.points.filter(isDrawable) }
        let leftOut = groups.reduce(0) { $0 + $1.points.count } - drawn.reduce(0) { $0 + $1.count }
        let note = Series.note(
            leftOut: leftOut, isLogarithmic: horizontal.kind == .logarithmic || vertical.kind == .logarithmic)
        let ends = drawn.joined().flatMap { point in
            let heights = [point.place.y] + (whisker(point).map { [$0.lowerBound, $0.upperBound] } ?? [])
            return heights.map { PlotPoint(point.place.x, $0) }
        }
        let limits = ends.isEmpty ? [] : limits.filter { Scale.isDrawable($0.x, horizontal.kind) }
        let names = placedNames()
        let frame = PlotFrame(
            title: title, width: names.width, height: height, margin: Spacing.margin,
            headroom: limits.isEmpty ? 0 : Spacing.limitName, horizontal: horizontal, vertical: vertical,
            points: ends + limits.map { PlotPoint($0.x, ends[0].y) })
        let count = drawn.reduce(0) { $0 + $1.count }
        var svg = SVG(
            width: names.width,
            height: height + Double(names.rows) * Spacing.nameHeight + (note == nil ? 0 : Spacing.noteHeight),
            label: "\(title): \(NumberText.grouped(count)) points, \(vertical.title) over \(horizontal.title)")
        frame.draw(on: &svg, hasColumns: true)
        draw(limits, frame, on: &svg)
        // What stands out is on top.
        for isOnTop in [false, true] {
            for (group, points) in zip(groups, drawn) where (group.line == .strong) == isOnTop {
                draw(points, of: group, frame, on: &svg)
            }
        }
        for (group, place) in zip(groups.filter { !$0.name.isEmpty }, names.places) {
            svg.circle(at: PlotPoint(place.x + 5, place.y - 4), radius: 4, style: Self.mark(group))
            svg.text(group.name, at: PlotPoint(place.x + Spacing.toName, place.y), style: "category")
        }
        if let note { svg.text(note, at: PlotPoint(0, svg.height - 8), style: "note") }
        return svg
    }

    private func isDrawable(_ point: Point) -> Bool {
        Scale.isDrawable(point.place.x, horizontal.kind) && Scale.isDrawable(point.place.y, vertical.kind)
    }

    private func whisker(_ point: Point) -> ClosedRange<Double>? {
        point.whisker.flatMap { range in
            [range.lowerBound, range.upperBound].allSatisfy { Scale.isDrawable($0, vertical.kind) } ? range : nil
        }
    }

    private static func mark(_ group: Group) -> String { "\(group.isOpen ? "ring" : "mark") \(group.style)" }

    /// Thin lines, whose names stand side by side above the plot, where they cover no point.
    private func draw(_ limits: [Limit], _ frame: PlotFrame, on svg: inout SVG) {
        let tone = Tone.quiet.className
        let widest = limits.map { TextMeasure.width($0.name, size: Spacing.nameSize) }.max() ?? 0
        let places = limits.map { frame.x.scale.position(of: $0.x) }
        let range = frame.left + widest / 2...max(frame.left + widest / 2, frame.right + Spacing.margin - widest / 2)
        let middles = LabelLayout.spread(places, height: widest + Spacing.betweenLimits, within: range)
        for (limit, (place, middle)) in zip(limits, zip(places, middles)) {
            svg.line(
                from: PlotPoint(place, frame.top - 2), to: PlotPoint(place, frame.bottom), style: "limit thin \(tone)")
            svg.text(
                limit.name, at: PlotPoint(middle, frame.top - Spacing.toLimit), anchor: .middle, style: "name \(tone)")
        }
    }

    private func draw(_ points: [Point], of group: Group, _ frame: PlotFrame, on svg: inout SVG) {
        if group.line != .none, points.count > 1 {
            let path = points.map { frame.place($0.place) }.sorted { ($0.x, -$0.y) < ($1.x, -$1.y) }
            svg.path(path, style: "curve \(group.line == .pale ? "whisker " : "")\(group.style)")
        }
        for point in points {
            guard let whisker = whisker(point) else { continue }
            let ends = [whisker.lowerBound, whisker.upperBound].map { frame.place(PlotPoint(point.place.x, $0)) }
            svg.path(ends, style: "curve whisker \(group.style)")
        }
        for point in points {
            let values =
                "\(vertical.format.measured(point.place.y)) at \(horizontal.format.measured(point.place.x)) "
                + horizontal.title
            let hint = point.name.isEmpty ? values : "\(point.name): \(values)"
            let radius = group.line == .strong ? 6 : group.isOpen ? 3.5 : 4.5
            svg.circle(at: frame.place(point.place), radius: radius, style: Self.mark(group), hint: hint)
        }
    }

    /// Names of groups in as many rows as they need, in a drawing that is at least as wide as the longest.
    private func placedNames() -> (places: [PlotPoint], rows: Int, width: Double) {
        let widths = groups.filter { !$0.name.isEmpty }.map {
            Spacing.toName + TextMeasure.width($0.name, size: Spacing.nameSize)
        }
        let width = max(width, widths.max() ?? 0)
        var places: [PlotPoint] = []
        var (x, row) = (0.0, 0)
        for name in widths {
            if x > 0, x + name > width { (x, row) = (0, row + 1) }
            places.append(PlotPoint(x, height + 14 + Double(row) * Spacing.nameHeight))
            x += name + Spacing.betweenNames
        }
        return (places, places.isEmpty ? 0 : row + 1, width)
    }
}
