/// The share of each pixel that an outline covers, 0 to 1: the exact area, which is the limit of supersampling under a
/// box filter.
struct CoverageMask {
    /// The columns and rows that the outline can touch.
    let columns: Range<Int>
    let rows: Range<Int>
    /// Row by row, `columns.count` each.
    private(set) var values: [Float]

    /// The coverage of `contours`, whose unit is the pixel, within a picture of `width` by `height`.
    init(_ contours: [[Point]], width: Int, height: Int) {
        var (low, high) = (Point(.infinity, .infinity), Point(-.infinity, -.infinity))
        for contour in contours {
            for point in contour {
                low = Point(min(low.x, point.x), min(low.y, point.y))
                high = Point(max(high.x, point.x), max(high.y, point.y))
            }
        }
        columns = Self.range(low.x, high.x, width)
        rows = Self.range(low.y, high.y, height)
        values = []
        guard !columns.isEmpty, !rows.isEmpty else { return }
        // Of each row the change of coverage from one pixel to the next; two more for edges at the right border.
        let stride = columns.count + 2
        var changes = [Float](repeating: 0, count: stride * rows.count)
        changes.withUnsafeMutableBufferPointer { buffer in
            for contour in contours {
                for index in contour.indices {
                    let next = index + 1 == contour.count ? 0 : index + 1
                    addEdge(contour[index], contour[next], to: buffer, stride: stride)
                }
            }
        }
        values = [Float](repeating: 0, count: columns.count * rows.count)
        for row in 0..<rows.count {
            var sum: Float = 0
            for column in 0..<columns.count {
                sum += changes[row * stride + column]
                values[row * columns.count + column] = min(1, abs(sum))
            }
        }
    }

    private static func range(_ low: Double, _ high: Double, _ limit: Int) -> Range<Int> {
        guard low < high else { return 0..<0 }
        let bound = Double(limit)
        let first = Int(max(0, min(bound, low.rounded(.down))))
        return first..<max(first, Int(max(0, min(bound, high.rounded(.up)))))
    }

    private func addEdge(
        _ from: Point, _ to: Point, to changes: UnsafeMutableBufferPointer<Float>, stride: Int
    ) {
        guard from.y != to.y else { return }
        let (upper, lower, sign) = from.y < to.y ? (from, to, 1.0) : (to, from, -1.0)
        let slope = (lower.x - upper.x) / (lower.y - upper.y)
        let top = max(upper.y, Double(rows.lowerBound))
        let bottom = min(lower.y, Double(rows.upperBound))
        guard top < bottom else { return }
        var y = top
        while y < bottom {
            let row = Int(y)
            let next = min(bottom, Double(row + 1))
            let start = clamped(upper.x + (y - upper.y) * slope)
            let end = clamped(upper.x + (next - upper.y) * slope)
            let line = (row - rows.lowerBound) * stride
            spread(sign * (next - y), from: min(start, end), to: max(start, end), changes, line)
            y = next
        }
    }

    /// Gives a column relative to the first one, within the mask.
    private func clamped(_ x: Double) -> Double {
        max(0, min(Double(columns.count), x - Double(columns.lowerBound)))
    }

    /// Hands an edge's height within one row out to the columns that it crosses: each pixel gets what lies right of
    /// the edge within it, the pixel after it the rest.
    private func spread(
        _ height: Double, from low: Double, to high: Double, _ changes: UnsafeMutableBufferPointer<Float>, _ line: Int
    ) {
        let (first, last) = (Int(low), Int(high))
        for column in first...last {
            let left = max(low, Double(column))
            let right = min(high, Double(column + 1))
            let part = first == last ? height : height * (right - left) / (high - low)
            let beyond = part * ((left + right) / 2 - Double(column))
            changes[line + column] += Float(part - beyond)
            changes[line + column + 1] += Float(beyond)
        }
    }
}
