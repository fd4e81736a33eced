/// The points that no other point beats on both axes.
public struct ParetoFront: Sendable, Equatable {
    /// Which values of an axis are better.
    public enum Goal: Sendable, Equatable {
        case lower
        case higher
    }

    /// What is better along x.
    public var x: Goal
    /// What is better along y.
    public var y: Goal

    /// A front by what is better along each axis.
    public init(x: Goal, y: Goal) {
        self.x = x
        self.y = y
    }

    /// The positions of the points of the front, from the best x to the best y. Points of the same place are all on
    /// it or all off it; points that are not finite are off it.
    public func indices(of points: [PlotPoint]) -> [Int] {
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
