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
