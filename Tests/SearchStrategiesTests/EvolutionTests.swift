import Architectures
import SearchStrategies
import Testing

/// Evolution as its papers have it.
@Suite struct EvolutionTests {
    @Test
    func theBestIsMutatedAndTheOldestDies() throws {
        let sampler = try ConstraintSampler(TestSpace.wide(), seed: 2)
        var search = try RegularizedEvolution(sampler, populationSize: 20, sampleSize: 2000)
        var told: [Evaluation] = []
        for number in 0..<80 {
            let asked = try #require(try search.next())
            if told.count >= 20 {
                let best = try #require(told.suffix(20).max { $0.score < $1.score })
                #expect(asked.distance(to: best.architecture) == 1)
            }
            // Number 20 is better than all that follow for a long time, and has offspring while it lives.
            told.append(Evaluation(asked, score: number == 20 ? 1000 : Double(number * 37 % 83)))
            try search.tell(told.suffix(1))
        }
    }

    @Test
    func aGenerationIsHalfCrossoversHalfMutations() throws {
        let sampler = try ConstraintSampler(TestSpace.wide(), seed: 2)
        var search = try EvolutionSearch(sampler, populationSize: 40, parentCount: 10, mutationProbability: 0.1)
        var told = try run(&search, evaluations: 40) { Evaluation($0, score: Double($0.choices.reduce(0, +))) }
        for _ in 0..<2 {
            let best = told.sorted(by: Evaluation.isBetter).prefix(10).map(\.architecture)
            let asked = try search.ask(40)
            for crossover in asked.prefix(20) {
                #expect(
                    crossover.choices.indices.allSatisfy { point in best.contains { $0[point] == crossover[point] } })
            }
            // Each point changes with probability 0.1 * 3/4: 1.2 of 16 in the mean.
            let distances = asked.dropFirst(20).map { child in best.map { $0.distance(to: child) }.min() ?? 16 }
            #expect(distances.allSatisfy { (1...6).contains($0) })
            let new = asked.map { Evaluation($0, score: Double($0.choices.reduce(0, +))) }
            try search.tell(new)
            told += new
        }
    }

    @Test
    func onlyTheFirstEvaluationCounts() throws {
        var search = try NSGA2(ConstraintSampler(TestSpace.wide(), seed: 1))
        let one = Architecture([Int](repeating: 0, count: 16))
        try search.tell([Evaluation(one, score: 1), Evaluation(one, score: 2)])
        try search.tell([Evaluation(one, score: 3)])
        #expect(search.front == [Evaluation(one, score: 1)])
    }
}
