import Architectures
import Support

/// Draws architectures that meet a constraint and never gives one twice: what every strategy begins with.
///
/// It rejects what does not fit, but not for ever. Where random draws fail, a space of up to a million architectures is
/// walked through in random order, to the last one. In a larger space, random architectures are repaired towards known
/// ones that meet the constraint, and at last the neighbours of those are looked through.
public struct ConstraintSampler: Sendable {
    /// The space that architectures come from.
    public let space: SearchSpace
    /// Whether an architecture meets the constraint, such as a budget. It must always say the same.
    public let isAllowed: @Sendable (Architecture) -> Bool

    /// The architectures that were asked or told.
    private(set) var seen: Set<Architecture> = []
    private var generator: SeededGenerator
    /// The architectures to begin with that were not yet given, the first one last.
    private var waiting: [Architecture]
    /// All that are known to meet the constraint, seen or not.
    private var known: [Architecture]
    private var told: Set<Architecture> = []
    private let tries: Int
    private var drawing: Patience
    private var proposing: Patience
    private var enumeration: SpaceEnumeration?
    private var neighbours = NeighbourWalk()

    /// A sampler of the architectures that meet a constraint.
    ///
    /// - Parameters:
    ///   - space: where architectures come from.
    ///   - seed: of every random choice of the strategy.
    ///   - initial: architectures to give first, such as the cheapest of the space, so that a search under a tight
    ///     constraint has somewhere to begin.
    ///   - tries: how many draws may fail before something else is tried.
    ///   - isAllowed: whether an architecture meets the constraint. It must always say the same.
    /// - Throws: `SpaceError.notInSpace` or `StrategyError.initialNotAllowed` for an architecture of `initial`,
    ///   `StrategyError.tooSmall` for fewer tries than one.
    public init(
        _ space: SearchSpace, seed: UInt64, initial: [Architecture] = [], tries: Int = 1000,
        isAllowed: @escaping @Sendable (Architecture) -> Bool = { _ in true }
    ) throws {
        try StrategyError.require(tries, atLeast: 1, "the number of tries")
        for architecture in initial {
            try space.validate(architecture)
            guard isAllowed(architecture) else { throw StrategyError.initialNotAllowed(architecture) }
        }
        self.space = space
        self.isAllowed = isAllowed
        self.tries = tries
        generator = SeededGenerator(seed: seed, RandomStream.architectureSampling)
        waiting = initial.reversed()
        known = initial
        drawing = Patience(tries)
        proposing = drawing
    }

    /// The next one of those to begin with, or else a random one; it counts as asked from now on. Nil when there is
    /// none left, or none was found in bounded time.
    ///
    /// - Throws: `StrategyError.nothingAllowed` where no architecture that meets the constraint is known at all.
    public mutating func next() throws -> Architecture? {
        while let given = waiting.popLast() {
            if let new = admit(given) { return new }
        }
        if let drawn = draw() { return admit(drawn) }
        if let found = isSmall ? nextOfAll() : nextNeighbour() { return admit(found) }
        guard !known.isEmpty else {
            throw StrategyError.nothingAllowed(
                space: space.name, tried: isSmall ? Int(space.size) : tries, all: isSmall)
        }
        return nil
    }

    /// The first allowed and new architecture among those that `propose` makes; it counts as asked from now on. Nil
    /// where a bounded number of proposals was in vain.
    ///
    /// - Parameter propose: makes an architecture of the space from the strategy's random choices.
    public mutating func firstNew(_ propose: (inout SeededGenerator) -> Architecture) -> Architecture? {
        for _ in 0..<proposing.tries {
            if let new = admit(propose(&generator)) {
                proposing.succeeded()
                return new
            }
        }
        proposing.failed()
        return nil
    }

    /// A random architecture, allowed and new, that does not count as asked; nil where a bounded number of draws, and
    /// in large spaces of repairs, found none.
    public mutating func draw() -> Architecture? {
        for _ in 0..<drawing.tries {
            let drawn = space.random(using: &generator)
            if isNew(drawn), isAllowed(drawn) {
                drawing.succeeded()
                return drawn
            }
        }
        drawing.failed()
        return isSmall ? nil : draw(near: known) { _ in true }
    }

    /// A random architecture, allowed, accepted and new, that does not count as asked: goes from one of `starts`
    /// towards a random architecture, point by point in random order, and leaves out every step that is not allowed or
    /// not accepted. Nil where a few such walks came to nothing new.
    ///
    /// - Parameters:
    ///   - starts: architectures that are allowed and accepted.
    ///   - isAccepted: whether the walk may go through an architecture.
    public mutating func draw(
        near starts: [Architecture], accepting isAccepted: (Architecture) -> Bool
    ) -> Architecture? {
        guard !starts.isEmpty else { return nil }
        for _ in 0..<Self.walks {
            var place = starts[generator.below(starts.count)]
            let target = space.random(using: &generator)
            for point in generator.permutation(space.points.count) where place[point] != target[point] {
                let step = place.replacing(point, with: target[point])
                if isAllowed(step), isAccepted(step) { place = step }
            }
            if isNew(place), isAllowed(place), isAccepted(place) { return place }
        }
        return nil
    }

    /// The architecture, counted as asked from now on, if it is allowed and new; otherwise nil.
    public mutating func admit(_ architecture: Architecture) -> Architecture? {
        guard isNew(architecture), isAllowed(architecture) else { return nil }
        seen.insert(architecture)
        known.append(architecture)
        return architecture
    }

    /// Takes note of what was told, so that it is not asked any more, and gives back the evaluations of architectures
    /// that were not told before.
    ///
    /// - Throws: `SpaceError.notInSpace` for an architecture of another space; then nothing was noted.
    public mutating func record(_ evaluations: [Evaluation]) throws -> [Evaluation] {
        for evaluation in evaluations { try space.validate(evaluation.architecture) }
        return evaluations.filter { evaluation in
            _ = admit(evaluation.architecture)
            seen.insert(evaluation.architecture)
            return told.insert(evaluation.architecture).inserted
        }
    }

    private static let walks = 16
    private static let neighboursAtOnce = 100_000

    private var isSmall: Bool { space.size <= SpaceEnumeration.largest }

    private func isNew(_ architecture: Architecture) -> Bool { !seen.contains(architecture) }

    private mutating func nextOfAll() -> Architecture? {
        var all = enumeration ?? SpaceEnumeration(space, using: &generator)
        defer { enumeration = all }
        while let architecture = all.next() {
            if isNew(architecture), isAllowed(architecture) { return architecture }
        }
        return nil
    }

    private mutating func nextNeighbour() -> Architecture? {
        for _ in 0..<Self.neighboursAtOnce {
            guard let architecture = neighbours.next(of: known, in: space, using: &generator) else { return nil }
            if isNew(architecture), isAllowed(architecture) { return architecture }
        }
        return nil
    }
}
