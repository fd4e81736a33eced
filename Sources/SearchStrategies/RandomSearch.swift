import Architectures

/// Uniform random architectures without repetition: the baseline that a strategy must beat (Li and Talwalkar, "Random
/// Search and Reproducibility for Neural Architecture Search", UAI 2019).
public struct RandomSearch: NamedSearchStrategy {
    /// The name in configurations.
    public static let name = "random"
    /// One sentence for help texts.
    public static let summary = "Uniform random paths without repetition."

    private var sampler: ConstraintSampler

    /// A search over the sampler's space.
    public init(_ sampler: ConstraintSampler) {
        self.sampler = sampler
    }

    /// A search as planned.
    public init(_ plan: SearchPlan) { self.init(plan.sampler) }

    /// The next architecture to evaluate, as `SearchStrategy` asks for it.
    public mutating func next() throws -> Architecture? {
        try sampler.next()
    }

    /// Takes in finished evaluations, as `SearchStrategy` asks for it; a score changes nothing here.
    public mutating func tell(_ evaluations: [Evaluation]) throws {
        _ = try sampler.record(evaluations)
    }
}
