import Architectures
import SearchStrategies

extension SearchConfiguration {
    /// Whether the strategy uses costs beside the score.
    var usesObjectives: Bool { (try? strategy.member.usesCosts) ?? false }

    /// Whether the search needs latencies.
    var needsLatency: Bool { maxLatencyMs != nil || (usesObjectives && objectives.contains(.latency)) }

    /// Creates the strategy, within a budget.
    ///
    /// - Parameters:
    ///   - space: the search space.
    ///   - seed: the seed of every random choice.
    ///   - check: the budget.
    ///   - beginning: the paths to evaluate first; those over the budget are left out.
    /// - Throws: `SpaceError.notInSpace` for an initial path of another space; `StrategyError` for settings out of
    ///   range; `NamedOptionsError` for a strategy that is not registered.
    func makeStrategy(
        _ space: SearchSpace, seed: UInt64, check: BudgetCheck, beginningWith beginning: [Architecture] = []
    ) throws -> any SearchStrategy {
        // The cheapest path gives a search under a tight budget somewhere to begin.
        let sampler = try ConstraintSampler(
            space, seed: seed,
            initial: beginning.filter { check.allows($0) } + (check.budget.isOpen ? [] : [check.cheapest])
        ) { check.allows($0) }
        return try strategy.member.init(
            SearchPlan(sampler, evaluations: evaluations, initial: initial, treeCandidates: treeCandidates))
    }
}
