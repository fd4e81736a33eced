import Architectures
import SearchStrategies
import Support
import Testing

/// What holds of every search strategy.
@Suite struct StrategyLawsTests {
    /// Meets a budget that about one in twenty random architectures does.
    @Sendable static func isCheap(_ architecture: Architecture) -> Bool { cost(architecture) <= 17 }

    static func cost(_ architecture: Architecture) -> Int { architecture.choices.reduce(0, +) }

    private func evaluation(_ architecture: Architecture) -> Evaluation {
        let score = architecture.choices.enumerated().reduce(0) { ($0 * 31 + $1.element * ($1.offset + 7)) % 101 }
        return Evaluation(architecture, score: Double(score), costs: [Double(Self.cost(architecture))])
    }

    /// Asks in batches of many sizes, tells late and in another order, and among them some that were never asked.
    private func wander(
        _ strategy: Strategy, seed: UInt64, evaluations: Int, known: [Architecture: Evaluation] = [:]
    ) throws -> [[Architecture]] {
        let space = try TestSpace.wide()
        var search = try strategy.make(ConstraintSampler(space, seed: seed, isAllowed: Self.isCheap))
        var generator = SeededGenerator(seed: 7)
        var (waiting, batches): ([Architecture], [[Architecture]]) = ([], [])
        while batches.joined().count < evaluations {
            let batch = try search.ask(1 + generator.below(50))
            batches.append(batch)
            waiting += batch
            let order = generator.permutation(waiting.count)
            let (now, later) = (order.prefix(waiting.count * 2 / 3), order.dropFirst(waiting.count * 2 / 3))
            let foreign = space.random(using: &generator)
            try search.tell((now.map { waiting[$0] } + [foreign]).map { known[$0] ?? evaluation($0) })
            waiting = later.map { waiting[$0] }
            batches.append([foreign])
        }
        return batches
    }

    @Test(arguments: Strategy.allCases)
    func nothingComesTwiceAndAllMeetTheConstraint(strategy: Strategy) throws {
        let space = try TestSpace.wide()
        let batches = try wander(strategy, seed: 3, evaluations: 160)
        let all = batches.flatMap { $0 }
        #expect(Set(all).count == all.count)
        for asked in stride(from: 0, to: batches.count, by: 2).flatMap({ batches[$0] }) {
            #expect(Self.isCheap(asked))
            #expect(throws: Never.self) { try space.validate(asked) }
        }
    }

    @Test(arguments: Strategy.allCases)
    func aSeedNamesOneSearchAndAKilledOneGoesOn(strategy: Strategy) throws {
        let whole = try wander(strategy, seed: 3, evaluations: 150)
        let killed = try wander(strategy, seed: 3, evaluations: 90)
        let kept = killed.joined().map { ($0, evaluation($0)) }
        let resumed = try wander(
            strategy, seed: 3, evaluations: 150, known: Dictionary(uniqueKeysWithValues: kept))
        #expect(Array(whole.prefix(killed.count)) == killed)
        #expect(resumed == whole)
        #expect(try wander(strategy, seed: 4, evaluations: 40) != wander(strategy, seed: 3, evaluations: 40))
    }

    @Test(arguments: Strategy.allCases)
    func aSmallSpaceComesOutWholeAndThenNothing(strategy: Strategy) throws {
        let space = try TestSpace.of(points: 4, candidates: 3)
        let every = (0..<81).map { Architecture([$0 % 3, $0 / 3 % 3, $0 / 9 % 3, $0 / 27]) }
        for limit in [8, 4, 2] {
            let allowed = Set(every.filter { Self.cost($0) <= limit })
            var search = try strategy.make(
                ConstraintSampler(space, seed: 1) { StrategyLawsTests.cost($0) <= limit })
            let all = try run(&search, evaluations: 1000, batch: 7, evaluation).map(\.architecture)
            #expect(all.count == allowed.count && Set(all) == allowed)
            #expect(try search.ask(5).isEmpty)
        }
    }

    @Test(arguments: Strategy.allCases)
    func equalScoresAndScoresThatAreNoNumbersStopNothing(strategy: Strategy) throws {
        for score in [0, Double.nan, -.infinity, .infinity] {
            var search = try strategy.make(ConstraintSampler(TestSpace.wide(), seed: 1))
            let all = try run(&search, evaluations: 150, batch: 50) {
                Evaluation($0, score: $0[0] == 0 ? score : .nan, costs: [.nan, 1])
            }
            #expect(Set(all.map(\.architecture)).count == 150)
        }
    }

    @Test(arguments: Strategy.allCases)
    func architecturesOfAnotherSpaceAreRefused(strategy: Strategy) throws {
        let space = try TestSpace.of(points: 2, candidates: 2)
        let sampler = try ConstraintSampler(space, seed: 1)
        var search = try strategy.make(sampler)
        let good = Evaluation(Architecture([0, 1]), score: 1)
        #expect(throws: SpaceError.self) { try search.tell([good, Evaluation(Architecture([0, 2]), score: 1)]) }
        #expect(throws: SpaceError.self) { try search.tell([good, Evaluation(Architecture([0]), score: 1)]) }
        #expect(try Set(search.ask(9)).count == 4)
    }
}
