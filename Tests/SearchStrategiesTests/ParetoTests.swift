import Architectures
import Foundation
import Support
import Testing

@testable import SearchStrategies

/// The Pareto order, and NSGA-II.
@Suite struct ParetoTests {
    @Test
    func dominanceFrontsAndCrowdingByHand() {
        #expect(ParetoOrder.dominates([1, 2], [1, 3]))
        #expect(!ParetoOrder.dominates([1, 2], [1, 2]))
        #expect(!ParetoOrder.dominates([1, 3], [2, 2]))
        #expect(
            ParetoOrder.fronts([[1, 5], [2, 3], [4, 1], [3, 4], [4, 4], [5, 5], [2, 3]]) == [
                [0, 1, 2, 6], [3], [4], [5],
            ])
        #expect(ParetoOrder.fronts([]) == [])
        // Ranges 4 and 8: the second point has (3 - 1) / 4 + (8 - 2) / 8, the third (5 - 2) / 4 + (4 - 0) / 8.
        #expect(ParetoOrder.crowding([[1, 8], [2, 4], [3, 2], [5, 0]]) == [.infinity, 1.25, 1.25, .infinity])
        #expect(ParetoOrder.crowding([[7, 1]]) == [0])
        #expect(ParetoOrder.crowding([[1, 1], [2, 1], [4, 1]]) == [.infinity, 1, .infinity])
        #expect(ParetoOrder.crowding([[-.infinity, 2], [0, 1], [1, 0]]) == [.infinity, 1, .infinity])
    }

    @Test
    func eachFrontIsDominatedFromTheFrontBefore() {
        var generator = SeededGenerator(seed: 1)
        for objectives in 1...4 {
            let points = (0..<60).map { _ in (0..<objectives).map { _ in Double(generator.below(8)) } }
            let fronts = ParetoOrder.fronts(points)
            #expect(fronts.joined().sorted() == Array(points.indices))
            for (rank, front) in fronts.enumerated() {
                for a in front {
                    #expect(!front.contains { ParetoOrder.dominates(points[$0], points[a]) })
                    #expect(rank == 0 || fronts[rank - 1].contains { ParetoOrder.dominates(points[$0], points[a]) })
                }
            }
        }
    }

    @Test
    func survivorsComeFrontByFrontAndTheCrowdedOnesGo() {
        // One front of five, of which the second and third stand closest; behind it one that is dominated.
        let values: [(score: Double, cost: Double)] = [(10, 10), (6, 5), (5.9, 4.9), (3, 2), (1, 1), (1, 9)]
        let all = values.enumerated().map { Evaluation(Architecture([$0]), score: $1.score, costs: [$1.cost]) }
        func kept(_ count: Int) -> Set<Int> {
            Set(NSGA2.survivors(of: all, count: count).map { $0.architecture[0] })
        }
        #expect(kept(2) == [0, 4])
        #expect(kept(3) == [0, 1, 4])
        #expect(kept(4) == [0, 1, 3, 4])
        #expect(kept(5) == [0, 1, 2, 3, 4])
        #expect(kept(9) == [0, 1, 2, 3, 4, 5])
    }

    /// A landscape whose front is known: a choice costs its number and gives a value that is high at few points, so
    /// that the best score for every cost follows by dynamic programming.
    private struct Knapsack {
        let values: [[Double]]

        init(_ space: SearchSpace, seed: UInt64) {
            var generator = SeededGenerator(seed: seed)
            values = space.points.map { point in
                let root = generator.uniform()
                return point.candidates.indices.map { root * root * root * Double($0) + generator.uniform(0, 0.1) }
            }
        }

        func evaluate(_ architecture: Architecture) -> Evaluation {
            let score = zip(values, architecture.choices).reduce(0) { $0 + $1.0[$1.1] }
            return Evaluation(architecture, score: score, costs: [Double(architecture.choices.reduce(0, +))])
        }

        var front: [(score: Double, cost: Double)] {
            var best = [0.0]
            for choices in values {
                var next = [Double](repeating: -.infinity, count: best.count + choices.count - 1)
                for (cost, score) in best.enumerated() {
                    for (choice, value) in choices.enumerated() {
                        next[cost + choice] = max(next[cost + choice], score + value)
                    }
                }
                best = next
            }
            return best.enumerated().map { ($1, Double($0)) }
        }
    }

    /// The area that points dominate within the corners of the known front.
    private func hypervolume(_ points: [(score: Double, cost: Double)], least: Double) -> Double {
        var (area, reached) = (0.0, least)
        for point in points.sorted(by: { $0.cost < $1.cost }) where point.score > reached {
            area += (48 - point.cost) * (point.score - reached)
            reached = point.score
        }
        return area
    }

    @Test
    func aKnownFrontIsCoveredBetterThanByRandomSearch() throws {
        let space = try TestSpace.wide()
        for seed in UInt64(1)...3 {
            let landscape = Knapsack(space, seed: seed)
            let least = landscape.front[0].score
            let whole = hypervolume(landscape.front, least: least)
            func share(_ all: [Evaluation]) -> Double {
                hypervolume(all.map { ($0.score, $0.costs[0]) }, least: least) / whole
            }
            var search = try NSGA2(ConstraintSampler(space, seed: seed), populationSize: 50)
            let all = try run(&search, evaluations: 600, batch: 50, evaluate(landscape))
            var random = RandomSearch(try ConstraintSampler(space, seed: seed))
            let drawn = try run(&random, evaluations: 600, batch: 50, evaluate(landscape))
            #expect(share(all) >= 0.87)
            #expect(share(drawn) <= 0.8)

            let front = search.front
            #expect(abs(share(front) - share(all)) < 1e-12)
            #expect(front == front.sorted(by: Evaluation.isBetter))
            for a in front {
                #expect(!all.contains { ParetoOrder.dominates($0.objectives, a.objectives) })
            }
            let missing = all.filter { a in !front.contains(a) }
            #expect(missing.allSatisfy { a in front.contains { ParetoOrder.dominates($0.objectives, a.objectives) } })
        }
    }

    private func evaluate(_ landscape: Knapsack) -> (Architecture) -> Evaluation { { landscape.evaluate($0) } }

    @Test
    func allEvaluationsMustHaveTheSameCosts() throws {
        var search = try NSGA2(ConstraintSampler(TestSpace.of(points: 1, candidates: 4), seed: 1))
        try search.tell([Evaluation(Architecture([0]), score: 1, costs: [1])])
        #expect(throws: StrategyError.costs(Architecture([2]), count: 2, expected: 1)) {
            try search.tell([
                Evaluation(Architecture([1]), score: 9, costs: [1]),
                Evaluation(Architecture([2]), score: 1, costs: [1, 2]),
            ])
        }
        #expect(search.front.map(\.architecture) == [Architecture([0])])
    }
}
