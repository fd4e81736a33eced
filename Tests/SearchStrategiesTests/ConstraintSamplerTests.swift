import Architectures
import Foundation
import SearchStrategies
import Testing

/// Sampling under a constraint.
@Suite struct ConstraintSamplerTests {
    private static let cheapest = Architecture([Int](repeating: 0, count: 16))

    /// Counts calls from any thread.
    private final class Counter: @unchecked Sendable {
        private let lock = NSLock()
        private var calls = 0

        func count() { lock.withLock { calls += 1 } }
        func take() -> Int {
            lock.withLock {
                defer { calls = 0 }
                return calls
            }
        }
    }

    @Test(arguments: Strategy.allCases)
    func threeOfBillionsAreFoundInBoundedTime(strategy: Strategy) throws {
        let near = Self.cheapest.replacing(3, with: 2)
        let far = near.replacing(7, with: 1).replacing(11, with: 3)
        let (allowed, counter): (Set, _) = ([Self.cheapest, near, far], Counter())
        let sampler = try ConstraintSampler(TestSpace.wide(), seed: 1, initial: [Self.cheapest]) {
            counter.count()
            return allowed.contains($0)
        }
        var search = try strategy.make(sampler)
        let first = try search.ask(1)
        try search.tell([Evaluation(Self.cheapest, score: 1)])
        let rest = try search.ask(10)
        #expect(first == [Self.cheapest])
        #expect(rest.count == 2 && Set(first + rest) == allowed)
        #expect(counter.take() < 20_000)
        #expect(try search.ask(10).isEmpty)
        #expect(counter.take() < 2_000)
    }

    @Test(arguments: Strategy.allCases)
    func aBudgetThatFewMeetGivesAsManyAsAreWanted(strategy: Strategy) throws {
        let counter = Counter()
        let sampler = try ConstraintSampler(TestSpace.wide(), seed: 1, initial: [Self.cheapest]) {
            counter.count()
            return $0.choices.reduce(0, +) <= 5
        }
        var search = try strategy.make(sampler)
        let all = try run(&search, evaluations: 120, batch: 30) { Evaluation($0, score: Double($0[0])) }
        #expect(Set(all.map(\.architecture)).count == 120)
        #expect(all.allSatisfy { $0.architecture.choices.reduce(0, +) <= 5 })
        #expect(counter.take() < 200_000)
    }

    @Test
    func aBudgetThatNothingMeetsIsSaid() throws {
        var small = RandomSearch(
            try ConstraintSampler(TestSpace.of(points: 3, candidates: 3), seed: 1) { _ in false })
        #expect(throws: StrategyError.nothingAllowed(space: "test", tried: 27, all: true)) { try small.ask(1) }
        var large = RandomSearch(try ConstraintSampler(TestSpace.wide(), seed: 1) { _ in false })
        #expect(throws: StrategyError.nothingAllowed(space: "test", tried: 1000, all: false)) { try large.ask(1) }
    }

    @Test
    func whatIsGivenToBeginWithComesFirst() throws {
        let space = try TestSpace.wide()
        let given = [Self.cheapest, Self.cheapest.replacing(0, with: 1), Self.cheapest]
        var search = RandomSearch(try ConstraintSampler(space, seed: 1, initial: given))
        let asked = try search.ask(5)
        #expect(Array(asked.prefix(2)) == Array(given.prefix(2)))
        #expect(Set(asked).count == 5)
        #expect(throws: StrategyError.initialNotAllowed(Self.cheapest)) {
            try ConstraintSampler(space, seed: 1, initial: [Self.cheapest]) { $0[0] > 0 }
        }
        #expect(throws: SpaceError.self) {
            try ConstraintSampler(space, seed: 1, initial: [Architecture([1])])
        }
    }

    @Test
    func everyAllowedArchitectureIsAsLikely() throws {
        let space = try TestSpace.of(points: 2, candidates: 4)
        var counts: [Architecture: Int] = [:]
        for seed in UInt64(1)...1200 {
            // So few tries that some are drawn and some come from walking through the space.
            var sampler = try ConstraintSampler(space, seed: seed, tries: 2) { $0[0] != 3 }
            counts[try #require(try sampler.next()), default: 0] += 1
        }
        #expect(counts.count == 12)
        // A mean of 100 and a standard deviation of 9.6.
        #expect(counts.values.allSatisfy { (60...140).contains($0) })
    }

    @Test
    func settingsThatMakeNoSenseAreRefusedByName() throws {
        let sampler = try ConstraintSampler(TestSpace.wide(), seed: 1)
        let refused: [(StrategyError, () throws -> any SearchStrategy)] = [
            (
                .tooSmall(setting: "the size of the population", value: 0, least: 1),
                { try RegularizedEvolution(sampler, populationSize: 0) }
            ),
            (
                .tooSmall(setting: "the number of parents", value: 0, least: 1),
                { try EvolutionSearch(sampler, parentCount: 0) }
            ),
            (
                .notAProbability(setting: "the probability of a mutation", value: 1.5),
                { try NSGA2(sampler, mutationProbability: 1.5) }
            ),
            (
                .tooSmall(setting: "the number of random architectures that come first", value: -1, least: 1),
                { try ClassifierTree(sampler, firstPhase: -1) }
            ),
        ]
        for (error, make) in refused { #expect(throws: error) { try make() } }
    }
}
