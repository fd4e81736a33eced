import Architectures
import SearchStrategies

extension SearchConfiguration {
    /// The strategy, within a budget.
    ///
    /// - Parameters:
    ///   - space: whose paths.
    ///   - seed: of every random choice.
    ///   - check: the budget.
    ///   - beginning: paths to evaluate first; those beyond the budget are left out.
    /// - Throws: `SpaceError.notInSpace` for one of them of another space; `StrategyError` for settings out of range.
    func makeStrategy(
        _ space: SearchSpace, seed: UInt64, check: BudgetCheck, beginningWith beginning: [Architecture] = []
    ) throws -> any SearchStrategy {
        // The cheapest path gives a search under a tight budget somewhere to begin.
        let sampler = try ConstraintSampler(
            space, seed: seed,
            initial: beginning.filter { check.allows($0) } + (check.budget.isOpen ? [] : [check.cheapest])
        ) { check.allows($0) }
        // Populations of the papers are for thousands of evaluations; short searches need generations.
        let population = max(2, min(initial, evaluations / 6))
        switch strategy {
        case .random: return RandomSearch(sampler)
        case .regularized:
            return try RegularizedEvolution(
                sampler, populationSize: population, sampleSize: max(2, population / 4))
        case .evolution:
            return try EvolutionSearch(sampler, populationSize: population, parentCount: max(2, population / 5))
        case .nsga2: return try NSGA2(sampler, populationSize: population)
        case .tree:
            return try ClassifierTree(
                sampler, firstPhase: initial, thresholds: ClassifierTree.thresholds(forLength: evaluations),
                candidates: treeCandidates)
        }
    }
}
