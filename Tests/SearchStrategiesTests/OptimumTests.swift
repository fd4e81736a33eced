import Architectures
import SearchStrategies
import Support
import Testing

/// Strategies against random search.
@Suite struct OptimumTests {
    /// Evaluations within which each strategy finds a planted optimum among 4.3e9 architectures, for these many seeds.
    static let planted: [(strategy: Strategy, within: Int, seeds: UInt64)] = [
        (.regularizedEvolution, 700, 4), (.evolution, 700, 4), (.nsga2, 600, 4), (.eagerClassifierTree, 700, 1),
    ]

    /// How far the mean, over as many landscapes as there are seeds, of the best true score is above that of random
    /// search after 300 evaluations, in standard deviations of random architectures.
    static let margins: [(strategy: Strategy, margin: Double, seeds: Int)] = [
        (.regularizedEvolution, 1.5, 8), (.evolution, 1.4, 8), (.nsga2, 1.5, 8), (.classifierTree, 0.4, 8),
        (.eagerClassifierTree, 1.2, 4),
    ]

    /// The best true score among 300 evaluations, on each of some landscapes.
    static func best(_ strategy: Strategy, seeds: Int) throws -> [Double] {
        let space = try TestSpace.wide()
        return try (1...UInt64(seeds)).map { seed in
            let landscape = Landscape(space, seed: seed)
            var search = try strategy.make(ConstraintSampler(space, seed: seed))
            let all = try run(&search, evaluations: 300, batch: strategy.batch) {
                Evaluation($0, score: landscape.measured($0))
            }
            #expect(all.count == 300)
            let best = try #require(all.map { landscape.score($0.architecture) }.max())
            return (best - landscape.mean) / landscape.deviation
        }
    }

    static let random = Result { try best(.random, seeds: 8) }

    /// How far the nearest of so many architectures is from an optimum that the strategy looks for.
    private func nearest(_ strategy: Strategy, within: Int, seed: UInt64) throws -> Int? {
        let space = try TestSpace.wide()
        var generator = SeededGenerator(seed: seed, 99)
        let optimum = space.random(using: &generator)
        var search = try strategy.make(ConstraintSampler(space, seed: seed))
        func evaluate(_ architecture: Architecture) -> Evaluation {
            Evaluation(architecture, score: -Double(architecture.distance(to: optimum)))
        }
        let all = try run(
            &search, evaluations: within, batch: strategy.batch, until: { $0.score == 0 }, evaluate)
        return all.map { $0.architecture.distance(to: optimum) }.min()
    }

    @Test(arguments: planted)
    func aPlantedOptimumIsFound(strategy: Strategy, within: Int, seeds: UInt64) throws {
        for seed in 1...seeds {
            #expect(try nearest(strategy, within: within, seed: seed) == 0, "seed \(seed)")
        }
    }

    @Test
    func randomSearchDoesNotFindThePlantedOptimum() throws {
        for seed in UInt64(1)...8 {
            let nearest = try #require(try nearest(.random, within: 700, seed: seed))
            #expect(nearest >= 4, "seed \(seed)")
        }
    }

    @Test(arguments: margins)
    func noisyLandscapesAreSearchedBetterThanAtRandom(strategy: Strategy, margin: Double, seeds: Int) throws {
        let gains = try zip(Self.best(strategy, seeds: seeds), Self.random.get()).map { $0 - $1 }
        #expect(gains.reduce(0, +) / Double(gains.count) >= margin)
    }
}
