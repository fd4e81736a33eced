import Architectures
import Support

/// NSGA-II (Deb, Pratap, Agarwal and Meyarivan, "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", 2002):
/// searches for the Pareto front of the score and any number of costs.
///
/// The first generation is random. Parents and offspring of a generation compete together, by front and then by
/// crowding distance, to be the next parents; binary tournaments choose which of them have offspring, by uniform
/// crossover and mutation.
public struct NSGA2: NamedSearchStrategy {
    /// The name in configurations.
    public static let name = "nsga2"
    /// One sentence for help texts.
    public static let summary = "Searches for the Pareto front of the score and of costs."
    /// The costs are objectives beside the score.
    public static let usesCosts = true

    /// The evaluations, of all that were told, that none dominates; the best score first.
    public private(set) var front: [Evaluation] = []

    private var sampler: ConstraintSampler
    private let populationSize: Int
    private let crossoverProbability: Double
    private let mutationProbability: Double
    private var costCount: Int?
    /// The best first, so that the position tells who wins.
    private var parents: [Evaluation] = []
    /// Told since the parents were chosen.
    private var offspring: [Evaluation] = []
    /// The number of this generation that were asked.
    private var position: Int

    /// A search with settings of its own.
    ///
    /// - Parameters:
    ///   - sampler: draws from the space.
    ///   - populationSize: architectures in a generation, and parents of the next.
    ///   - crossoverProbability: with which offspring has two parents rather than one.
    ///   - mutationProbability: with which each choice point of the offspring is redrawn; one over the number of choice
    ///     points, as in the paper, if nil.
    /// - Throws: `StrategyError.tooSmall`, `StrategyError.notAProbability`.
    public init(
        _ sampler: ConstraintSampler, populationSize: Int = 100, crossoverProbability: Double = 0.9,
        mutationProbability: Double? = nil
    ) throws {
        let mutationProbability = mutationProbability ?? 1 / Double(sampler.space.points.count)
        try StrategyError.require(populationSize, atLeast: 1, "the size of the population")
        try StrategyError.requireProbability(crossoverProbability, "the probability of a crossover")
        try StrategyError.requireProbability(mutationProbability, "the probability of a mutation")
        self.sampler = sampler
        self.populationSize = populationSize
        self.crossoverProbability = crossoverProbability
        self.mutationProbability = mutationProbability
        position = populationSize
    }

    /// A search as planned.
    public init(_ plan: SearchPlan) throws {
        try self.init(plan.sampler, populationSize: plan.populationSize)
    }

    /// The next architecture to evaluate, as `SearchStrategy` asks for it.
    public mutating func next() throws -> Architecture? {
        guard sampler.seen.count >= populationSize, !front.isEmpty else { return try sampler.next() }
        if position == populationSize {
            parents = Self.survivors(of: parents + offspring, count: populationSize)
            offspring = []
            position = 0
        }
        defer { position += 1 }
        let (space, parents) = (sampler.space, parents)
        let (crossover, mutation) = (crossoverProbability, mutationProbability)
        let child = sampler.firstNew { generator in
            func winner() -> Architecture {
                parents[min(generator.below(parents.count), generator.below(parents.count))].architecture
            }
            let one = winner()
            let child = generator.chance(crossover) ? space.crossed(one, winner(), using: &generator) : one
            return space.mutated(child, probability: mutation, using: &generator)
        }
        return try child ?? sampler.next()
    }

    /// Takes in finished evaluations, as `SearchStrategy` asks for it.
    public mutating func tell(_ evaluations: [Evaluation]) throws {
        let expected = costCount ?? evaluations.first?.costs.count
        if let expected, let odd = evaluations.first(where: { $0.costs.count != expected }) {
            throw StrategyError.costs(odd.architecture, count: odd.costs.count, expected: expected)
        }
        let new = try sampler.record(evaluations)
        costCount = expected
        offspring += new
        for evaluation in new { enterFront(evaluation) }
        front.sort(by: Evaluation.isBetter)
    }

    private mutating func enterFront(_ evaluation: Evaluation) {
        let objectives = evaluation.objectives
        guard !front.contains(where: { ParetoOrder.dominates($0.objectives, objectives) }) else { return }
        front.removeAll { ParetoOrder.dominates(objectives, $0.objectives) }
        front.append(evaluation)
    }

    /// The best by front, then by crowding distance (the crowded-comparison order of section III-B), the best first.
    static func survivors(of evaluations: [Evaluation], count: Int) -> [Evaluation] {
        let points = evaluations.map(\.objectives)
        var order: [Int] = []
        for front in ParetoOrder.fronts(points) where order.count < count {
            let crowding = ParetoOrder.crowding(front.map { points[$0] })
            order += front.indices.sorted { crowding[$0] == crowding[$1] ? $0 < $1 : crowding[$0] > crowding[$1] }
                .map { front[$0] }
        }
        return order.prefix(count).map { evaluations[$0] }
    }
}
