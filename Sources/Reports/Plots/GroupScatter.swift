/// Points of several groups over two quantities. Groups are told apart by colour, from the ninth on by rings for discs,
/// and named below the plot; a group alone needs no name.
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
        let points: [Point]
    }

    let title: String
    let horizontal: Axis
    let vertical: Axis
    let groups: [Group]
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
        let names = placedNames()
        let frame = PlotFrame(
            title: title, width: names.width, height: height, margin: Spacing.margin, horizontal: horizontal,
            vertical: vertical, points: ends)
        let count = drawn.reduce(0) { $0 + $1.count }
        var svg = SVG(
            width: names.width,
            height: height + Double(names.rows) * Spacing.nameHeight + (note == nil ? 0 : Spacing.noteHeight),
            label: "\(title): \(NumberText.grouped(count)) points, \(vertical.title) over \(horizontal.title)")
        frame.draw(on: &svg, hasColumns: true)
        for (group, points) in zip(groups, drawn) { draw(points, of: group, frame, on: &svg) }
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

    private func draw(_ points: [Point], of group: Group, _ frame: PlotFrame, on svg: inout SVG) {
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
            svg.circle(
                at: frame.place(point.place), radius: group.isOpen ? 3.5 : 4.5, style: Self.mark(group), hint: hint)
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
