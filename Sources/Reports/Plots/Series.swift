/// A named run of points for a line chart.
struct Series: Sendable, Equatable {
    /// The name at the end of the line; empty for none.
    var name: String
    /// The points in any order; those of equal x are drawn in this order.
    var points: [PlotPoint]
    /// The colour of the line and of its name.
    var tone: Tone
    /// The area around the line, such as the range of several runs, in the order of x; empty for none.
    var band: [Band]

    /// The lower and the upper end of a band at one place.
    struct Band: Sendable, Equatable {
        let x: Double
        let low: Double
        let high: Double

        /// The two ends in the plot.
        var ends: [PlotPoint] { [PlotPoint(x, low), PlotPoint(x, high)] }
    }

    /// A series as it was measured, with whatever values.
    init(_ name: String, _ points: [PlotPoint], tone: Tone = .accent, band: [Band] = []) {
        (self.name, self.points, self.tone, self.band) = (name, points, tone, band)
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

/// Fewer points for a drawing, column by column of its pixels.
enum Decimation {
    /// Points that draw the same line: of each column the first, the lowest, the highest and the last.
    ///
    /// - Parameters:
    ///   - points: of the drawing, in the order of x.
    ///   - column: its width, in pixels.
    static func thinned(_ points: [PlotPoint], column: Double = 0.5) -> [PlotPoint] {
        columns(points, column).flatMap(extremes)
    }

    /// The mean place of each column's points. Parameters as for ``thinned(_:column:)``.
    static func means(_ points: [PlotPoint], column: Double) -> [PlotPoint] {
        var columns = columns(points, column)
        // A last column that the points hardly reach into would have a mean of few, and be as noisy as they are.
        if let last = columns.last, let before = columns.dropLast().last, last.count * 2 < before.count {
            columns.removeLast(2)
            columns.append(points[before.startIndex...])
        }
        return columns.map { slice in
            let sum = slice.reduce(PlotPoint(0, 0)) { PlotPoint($0.x + $1.x, $0.y + $1.y) }
            return PlotPoint(sum.x / Double(slice.count), sum.y / Double(slice.count))
        }
    }

    private static func columns(_ points: [PlotPoint], _ width: Double) -> [ArraySlice<PlotPoint>] {
        var result: [ArraySlice<PlotPoint>] = []
        var start = 0
        while start < points.count {
            let place = (points[start].x / width).rounded(.down)
            let end = points[start...].firstIndex { ($0.x / width).rounded(.down) != place } ?? points.count
            result.append(points[start..<end])
            start = end
        }
        return result
    }

    private static func extremes(_ points: ArraySlice<PlotPoint>) -> [PlotPoint] {
        guard points.count > 4,
            let low = points.indices.min(by: { points[$0].y < points[$1].y }),
            let high = points.indices.max(by: { points[$0].y < points[$1].y })
        else { return Array(points) }
        return Set([points.startIndex, low, high, points.endIndex - 1]).sorted().map { points[$0] }
    }
}
