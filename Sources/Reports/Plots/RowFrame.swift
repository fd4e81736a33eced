/// Where the parts of a ``RowPlot`` lie, so that none covers another and no name is cut.
struct RowFrame {
    /// Where a row lies.
    struct Place {
        /// The name's lines.
        let name: [String]
        /// Of its mark.
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
    /// From a mark down to the dots of its row.
    static let toDots = 9.0

    private enum Spacing {
        static let title = 30.0
        static let lineName = 18.0
        static let row = 14.0
        static let bottom = 44.0
        static let toPlot = 16.0
        static let perTick = 60.0
        /// Of the drawing's width, the most that names in several lines take.
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

    /// Where a range lies along x; nil for none, and for one that has no place.
    func span(_ range: ClosedRange<Double>?) -> ClosedRange<Double>? {
        guard let range, Scale.isDrawable(range.lowerBound, x.scale.kind),
            Scale.isDrawable(range.upperBound, x.scale.kind)
        else { return nil }
        let (low, high) = (x.scale.position(of: range.lowerBound), x.scale.position(of: range.upperBound))
        return low...max(low, high)
    }
}
