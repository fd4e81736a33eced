import Architectures

/// The evolutionary search of single-path one-shot networks (Guo et al., "Single Path One-Shot Neural Architecture
/// Search with Uniform Sampling", ECCV 2020, section 3.4 and algorithm 1).
///
/// The first generation is random. Each one after it is half crossovers of two of the best architectures so far, half
/// mutations of one of them; mutations stand in for crossovers when the best have become too alike to give new ones.
public struct EvolutionSearch: NamedSearchStrategy {
    /// The name in configurations.
    public static let name = "evolution"
    /// One sentence for help texts.
    public static let summary = "Crosses and mutates the best paths of all generations."

    private var sampler: ConstraintSampler
    private let populationSize: Int
    private let parentCount: Int
    private let mutationProbability: Double
    /// The best of everything told, the best first: Topk of the paper.
    private var best: [Evaluation] = []
    /// The best when this generation began.
    private var parents: [Architecture] = []
    /// The number of this generation that were asked.
    private var position: Int

    /// A search with settings of its own.
    ///
    /// - Parameters:
    ///   - sampler: draws from the space.
    ///   - populationSize: P of the paper, architectures in a generation.
    ///   - parentCount: k of the paper: how many of the best have offspring.
    ///   - mutationProbability: with which a mutation redraws each choice point.
    /// - Throws: `StrategyError.tooSmall`, `StrategyError.notAProbability`.
    public init(
        _ sampler: ConstraintSampler, populationSize: Int = 50, parentCount: Int = 10,
        mutationProbability: Double = 0.1
    ) throws {
        try StrategyError.require(populationSize, atLeast: 1, "the size of the population")
        try StrategyError.require(parentCount, atLeast: 1, "the number of parents")
        try StrategyError.requireProbability(mutationProbability, "the probability of a mutation")
        self.sampler = sampler
        self.populationSize = populationSize
        self.parentCount = parentCount
        self.mutationProbability = mutationProbability
        position = populationSize
    }

    /// A search as planned, in which a fifth of the population has offspring.
    public init(_ plan: SearchPlan) throws {
        try self.init(
            plan.sampler, populationSize: plan.populationSize, parentCount: max(2, plan.populationSize / 5))
    }

    /// The next architecture to evaluate, as `SearchStrategy` asks for it.
    public mutating func next() throws -> Architecture? {
        guard sampler.seen.count >= populationSize, !best.isEmpty else { return try sampler.next() }
        if position == populationSize {
            parents = best.map(\.architecture)
            position = 0
        }
        defer { position += 1 }
        let (space, parents, probability) = (sampler.space, parents, mutationProbability)
        if position < populationSize / 2 {
            let crossover = sampler.firstNew { generator in
                let pair = (generator.below(parents.count), generator.below(parents.count))
                return space.crossed(parents[pair.0], parents[pair.1], using: &generator)
            }
            if let crossover { return crossover }
        }
        let mutation = sampler.firstNew { generator in
            let parent = parents[generator.below(parents.count)]
            return space.mutated(parent, probability: probability, using: &generator)
        }
        return try mutation ?? sampler.next()
    }

    /// Takes in finished evaluations, as `SearchStrategy` asks for it.
    public mutating func tell(_ evaluations: [Evaluation]) throws {
        best += try sampler.record(evaluations)
        best = Array(best.sorted(by: Evaluation.isBetter).prefix(parentCount))
    }
}
