import Support

/// A search as configurations plan it, which a strategy is made from.
public struct SearchPlan: Sendable {
    /// Draws architectures within the budget, those to begin with first.
    public var sampler: ConstraintSampler
    /// Architectures that will be evaluated in all.
    public var evaluations: Int
    /// Random architectures that are evaluated first.
    public var initial: Int
    /// The number of accepted architectures of which `classifier-tree` takes the likeliest to be good; 1 in Pi-NAS.
    public var treeCandidates: Int

    /// A plan of a search.
    ///
    /// - Parameters:
    ///   - sampler: draws architectures within the budget.
    ///   - evaluations: architectures that will be evaluated in all.
    ///   - initial: random architectures that are evaluated first.
    ///   - treeCandidates: of how many accepted architectures `classifier-tree` takes the likeliest to be good.
    public init(_ sampler: ConstraintSampler, evaluations: Int, initial: Int, treeCandidates: Int = 1) {
        self.sampler = sampler
        self.evaluations = evaluations
        self.initial = initial
        self.treeCandidates = treeCandidates
    }

    /// Architectures of a generation. Populations of the papers are for thousands of evaluations; short searches need
    /// generations.
    public var populationSize: Int { max(2, min(initial, evaluations / 6)) }
}

/// A strategy that configurations name, in `search.strategy`.
///
/// A strategy of one's own is a type in a file of its own, and a line in ``SearchStrategyFamily/registry`` or, in a
/// program that uses the library, a call of `SearchStrategyFamily.register(_:)`.
public protocol NamedSearchStrategy: SearchStrategy {
    /// The name in configurations: lower-case words with hyphens.
    static var name: String { get }
    /// One sentence for help texts.
    static var summary: String { get }
    /// Whether evaluations must come with costs, which `search.objectives` lists, beside their scores.
    static var usesCosts: Bool { get }

    /// A strategy for a search.
    ///
    /// - Throws: `StrategyError` for settings out of range.
    init(_ plan: SearchPlan) throws
}

extension NamedSearchStrategy {
    /// Scores alone.
    public static var usesCosts: Bool { false }
}

/// The strategies that configurations know by name.
public enum SearchStrategyFamily: RegisteredFamily {
    /// The strategies, a line for each.
    public static let registry = Registry<any NamedSearchStrategy.Type>(
        of: "search strategy",
        [
            RandomSearch.self,
            RegularizedEvolution.self,
            EvolutionSearch.self,
            NSGA2.self,
            ClassifierTree.self,
        ]
    ) { $0.name }
}
