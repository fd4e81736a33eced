import Architectures
import Support

/// The neighbours of known architectures, one after another and in bounded memory: first those that differ from one of
/// them at one choice point, then those that differ at two. What came once may come again by another way.
struct NeighbourWalk: Sendable {
    /// How many of the known have had their neighbours at distance one, and at distance two, taken up.
    private var first = 0
    private var second = 0
    /// Neighbours of the last one taken up for distance two, whose own neighbours are still to come.
    private var between: [Architecture] = []
    private var pending: [Architecture] = []

    /// The next one, or nil when the walk is through; more known architectures set it going again.
    mutating func next(
        of known: [Architecture], in space: SearchSpace, using generator: inout SeededGenerator
    ) -> Architecture? {
        while pending.isEmpty {
            if first < known.count {
                pending = neighbours(of: known[first], in: space, using: &generator)
                first += 1
            } else if let middle = between.popLast() {
                pending = neighbours(of: middle, in: space, using: &generator)
            } else if second < known.count {
                between = neighbours(of: known[second], in: space, using: &generator)
                second += 1
            } else {
                return nil
            }
        }
        return pending.popLast()
    }

    private func neighbours(
        of centre: Architecture, in space: SearchSpace, using generator: inout SeededGenerator
    ) -> [Architecture] {
        let all = space.points.indices.flatMap { point in
            space.points[point].candidates.indices.filter { $0 != centre[point] }
                .map { centre.replacing(point, with: $0) }
        }
        return generator.permutation(all.count).map { all[$0] }
    }
}
