import Architectures
import Support

/// Every architecture of a small space once, in random order.
struct SpaceEnumeration: Sendable {
    /// The most architectures that a space to be walked through should have.
    static let largest = 1e6

    private let sizes: [Int]
    /// Numbers of the architectures that are still to come, the next one last.
    private var numbers: [Int]

    init(_ space: SearchSpace, using generator: inout SeededGenerator) {
        sizes = space.points.map(\.candidates.count)
        numbers = generator.permutation(sizes.reduce(1, *))
    }

    mutating func next() -> Architecture? {
        guard var rest = numbers.popLast() else { return nil }
        return Architecture(
            sizes.map { size in
                defer { rest /= size }
                return rest % size
            })
    }
}

/// The neighbours of known architectures, one after another and in bounded memory: first those that differ from one of
/// them at one choice point, then those that differ at two. What came once may come again by another way.
struct NeighbourWalk: Sendable {
    /// The numbers of the known that have had their neighbours at distance one, and at distance two, taken up.
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

/// The number of tries that something gets. It halves each time all of them failed, so that a tight constraint or a
/// nearly exhausted space does not cost all tries for every architecture, and recovers as soon as one succeeds.
struct Patience: Sendable {
    private(set) var tries: Int
    private let most: Int

    init(_ most: Int) {
        self.most = most
        tries = most
    }

    mutating func succeeded() { tries = most }
    mutating func failed() { tries = max(tries / 2, min(16, most)) }
}
