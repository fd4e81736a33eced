/// A named run of points for a line chart.
public struct Series: Sendable, Equatable {
    /// At the end of its line; empty for none.
    public var name: String
    /// In any order; of equal x, in this order.
    public var points: [PlotPoint]
    /// The colour of the line and of its name.
    public var tone: Tone

    /// A series as it was measured, with whatever values.
    public init(_ name: String, _ points: [PlotPoint], tone: Tone = .accent) {
        self.name = name
        self.points = points
        self.tone = tone
    }

    /// The points in the order of x, as runs between those that cannot be drawn, and the number of the latter.
    func runs(x: Scale.Kind, y: Scale.Kind) -> (runs: [[PlotPoint]], leftOut: Int) {
        var runs: [[PlotPoint]] = [[]]
        var leftOut = 0
        // A point without a place along x could not be sorted: it leaves no gap, as there is none to tell of.
        let placed = points.filter { Scale.isDrawable($0.x, x) }
        leftOut += points.count - placed.count
        let sorted = placed.enumerated().sorted { ($0.element.x, $0.offset) < ($1.element.x, $1.offset) }
        for (_, point) in sorted {
            if Scale.isDrawable(point.y, y) {
                runs[runs.count - 1].append(point)
            } else {
                leftOut += 1
                runs.append([])
            }
        }
        return (runs.filter { !$0.isEmpty }, leftOut)
    }

    /// Tells of values that have no place in a chart; nil if there are none.
    static func note(leftOut count: Int, isLogarithmic: Bool) -> String? {
        guard count > 0 else { return nil }
        let reason = isLogarithmic ? "not finite, or not positive" : "not finite"
        return count == 1
            ? "1 value is left out: \(reason)." : "\(NumberText.grouped(count)) values are left out: \(reason)."
    }
}
