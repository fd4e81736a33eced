/// The order of points by several objectives, each of which is to be small (Deb, Pratap, Agarwal and Meyarivan, "A Fast
/// and Elitist Multiobjective Genetic Algorithm: NSGA-II", 2002, section III). Points of one list have equally many
/// objectives.
public enum ParetoOrder {
    /// Whether `a` is nowhere worse than `b` and somewhere better.
    public static func dominates(_ a: [Double], _ b: [Double]) -> Bool {
        var better = false
        for (a, b) in zip(a, b) {
            if a > b { return false }
            if a < b { better = true }
        }
        return better
    }

    /// Fast non-dominated sort: positions of the points, front by front. The first front holds those that nothing
    /// dominates; each other one those that only points of fronts before it dominate. Positions ascend in a front.
    public static func fronts(_ points: [[Double]]) -> [[Int]] {
        var dominated: [[Int]] = points.map { _ in [] }
        var dominators = points.map { _ in 0 }
        for a in points.indices {
            for b in points.indices where dominates(points[a], points[b]) {
                dominated[a].append(b)
                dominators[b] += 1
            }
        }
        var fronts: [[Int]] = []
        var front = points.indices.filter { dominators[$0] == 0 }
        while !front.isEmpty {
            fronts.append(front)
            var following: [Int] = []
            for point in front.flatMap({ dominated[$0] }) {
                dominators[point] -= 1
                if dominators[point] == 0 { following.append(point) }
            }
            front = following.sorted()
        }
        return fronts
    }

    /// Crowding distance of each point among points of one front: the sum, over the objectives, of the gap between its
    /// two neighbours, as a share of the objective's range. Infinite for the extremes of an objective; an objective
    /// that is the same for all, or infinite for some, adds nothing more.
    public static func crowding(_ points: [[Double]]) -> [Double] {
        var distances = points.map { _ in 0.0 }
        for objective in points.first.map({ Array($0.indices) }) ?? [] {
            let order = points.indices.sorted {
                let (a, b) = (points[$0][objective], points[$1][objective])
                return a == b ? $0 < $1 : a < b
            }
            let values = order.map { points[$0][objective] }
            guard let low = values.first, let high = values.last, low < high else { continue }
            distances[order[0]] = .infinity
            distances[order[order.count - 1]] = .infinity
            guard (high - low).isFinite else { continue }
            for rank in order.indices.dropFirst().dropLast() {
                distances[order[rank]] += (values[rank + 1] - values[rank - 1]) / (high - low)
            }
        }
        return distances
    }
}
