import Foundation

/// A place on a drawing: x to the right, y down.
struct Point: Sendable, Hashable {
    var x: Double
    var y: Double

    init(_ x: Double, _ y: Double) {
        self.x = x
        self.y = y
    }
}

/// Closed curves, each a polygon. One inside another that runs the other way round is a hole.
struct Outline: Sendable {
    var contours: [[Point]]

    static func polygon(_ points: [Point]) -> Outline { Outline(contours: [points]) }

    static func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> Outline {
        polygon([Point(x, y), Point(x + width, y), Point(x + width, y + height), Point(x, y + height)])
    }

    static func ellipse(_ centre: Point, _ radiusX: Double, _ radiusY: Double, tilt: Double = 0) -> Outline {
        let corners = 28
        let (c, s) = (cos(tilt), sin(tilt))
        return polygon(
            (0..<corners).map { corner in
                let angle = 2 * .pi * Double(corner) / Double(corners)
                let (x, y) = (radiusX * cos(angle), radiusY * sin(angle))
                return Point(centre.x + c * x - s * y, centre.y + s * x + c * y)
            })
    }

    /// A rounded bar between two places, with a radius at each end.
    static func limb(_ from: Point, _ to: Point, _ radiusFrom: Double, _ radiusTo: Double) -> Outline {
        let heading = atan2(to.y - from.y, to.x - from.x)
        let steps = 8
        func cap(_ centre: Point, _ radius: Double, _ start: Double) -> [Point] {
            (0...steps).map { step in
                let angle = start + .pi * Double(step) / Double(steps)
                return Point(centre.x + radius * cos(angle), centre.y + radius * sin(angle))
            }
        }
        return polygon(cap(to, radiusTo, heading - .pi / 2) + cap(from, radiusFrom, heading + .pi / 2))
    }

    /// A closed curve through the points (a uniform Catmull-Rom spline).
    static func smooth(_ points: [Point]) -> Outline {
        let count = points.count
        guard count > 2 else { return polygon(points) }
        return polygon(
            (0..<count).flatMap { index in
                curve(
                    points[(index + count - 1) % count], points[index], points[(index + 1) % count],
                    points[(index + 2) % count])
            })
    }

    /// A line of the given width along an open curve through the points, narrower towards its ends by `taper`, 0 to 1.
    static func stroke(_ points: [Point], _ width: Double, taper: Double = 0) -> Outline {
        guard points.count > 1 else { return Outline(contours: []) }
        let path = smoothPath(points)
        var left: [Point] = []
        var right: [Point] = []
        for (index, point) in path.enumerated() {
            let (before, after) = (path[max(0, index - 1)], path[min(path.count - 1, index + 1)])
            let (dx, dy) = (after.x - before.x, after.y - before.y)
            let length = max(1e-9, (dx * dx + dy * dy).squareRoot())
            let place = abs(2 * Double(index) / Double(path.count - 1) - 1)
            let half = width / 2 * (1 - taper * place * place)
            left.append(Point(point.x - dy / length * half, point.y + dx / length * half))
            right.append(Point(point.x + dy / length * half, point.y - dx / length * half))
        }
        return polygon(left + right.reversed())
    }

    /// An ellipse's line of the given width.
    static func ring(_ centre: Point, _ radiusX: Double, _ radiusY: Double, _ width: Double) -> Outline {
        let outer = ellipse(centre, radiusX + width / 2, radiusY + width / 2).contours
        let inner = ellipse(centre, radiusX - width / 2, radiusY - width / 2).contours
        return Outline(contours: outer + inner.map { $0.reversed() })
    }

    private static func smoothPath(_ points: [Point]) -> [Point] {
        guard points.count > 2 else { return points }
        let last = points.count - 1
        let pieces = (0..<last).flatMap { index in
            curve(points[max(0, index - 1)], points[index], points[index + 1], points[min(last, index + 2)])
        }
        return pieces + [points[last]]
    }

    /// Gives the points of the curve from `b` on, before `c`.
    private static func curve(_ a: Point, _ b: Point, _ c: Point, _ d: Point) -> [Point] {
        let steps = 6
        return (0..<steps).map { step in
            let t = Double(step) / Double(steps)
            func blend(_ a: Double, _ b: Double, _ c: Double, _ d: Double) -> Double {
                b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
            }
            return Point(blend(a.x, b.x, c.x, d.x), blend(a.y, b.y, c.y, d.y))
        }
    }
}
