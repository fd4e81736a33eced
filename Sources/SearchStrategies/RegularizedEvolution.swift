import Architectures

/// Aging evolution (Real, Aggarwal, Huang and Le, "Regularized Evolution for Image Classifier Architecture Search",
/// AAAI 2019, algorithm 1).
///
/// A population of random architectures comes first. Then each new architecture is the mutation, at one choice point,
/// of the best among a random sample of the population; it joins the population, and the oldest dies. Age is the order
/// in which evaluations were told.
public struct RegularizedEvolution: NamedSearchStrategy {
    /// The name in configurations.
    public static let name = "regularized-evolution"
    /// One sentence for help texts.
    public static let summary = "Mutates the best of a random few; the oldest path dies."

    private var sampler: ConstraintSampler
    private let populationSize: Int
    private let sampleSize: Int
    /// The oldest first.
    private var population: [Evaluation] = []

    /// A search with settings of its own.
    ///
    /// - Parameters:
    ///   - sampler: draws from the space.
    ///   - populationSize: P of the paper.
    ///   - sampleSize: S of the paper: how many compete, drawn with replacement.
    /// - Throws: `StrategyError.tooSmall`.
    public init(_ sampler: ConstraintSampler, populationSize: Int = 100, sampleSize: Int = 25) throws {
        try StrategyError.require(populationSize, atLeast: 1, "the size of the population")
        try StrategyError.require(sampleSize, atLeast: 1, "the size of the sample")
        self.sampler = sampler
        self.populationSize = populationSize
        self.sampleSize = sampleSize
    }

    /// A search as planned, in which a quarter of the population competes.
    public init(_ plan: SearchPlan) throws {
        try self.init(
            plan.sampler, populationSize: plan.populationSize, sampleSize: max(2, plan.populationSize / 4))
    }

    /// The next architecture to evaluate, as `SearchStrategy` asks for it.
    public mutating func next() throws -> Architecture? {
        guard sampler.seen.count >= populationSize, !population.isEmpty else { return try sampler.next() }
        let (space, population, sampleSize) = (sampler.space, population, sampleSize)
        let child = sampler.firstNew { generator in
            var parent = population[generator.below(population.count)]
            for _ in 1..<sampleSize {
                let other = population[generator.below(population.count)]
                if Evaluation.isBetter(other, parent) { parent = other }
            }
            return space.mutated(parent.architecture, using: &generator)
        }
        return try child ?? sampler.next()
    }

    /// Takes in finished evaluations, as `SearchStrategy` asks for it.
    public mutating func tell(_ evaluations: [Evaluation]) throws {
        population += try sampler.record(evaluations)
        population.removeFirst(max(0, population.count - populationSize))
    }
}
