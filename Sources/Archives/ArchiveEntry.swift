import Foundation

/// One evaluated architecture.
public struct ArchiveEntry: Sendable, Hashable, Codable {
    /// The choices of the architecture, such as `3 0 1 2`; an archive holds each architecture once.
    public var architecture: String
    /// What the search maximises; finite.
    public var score: Double
    /// What else was measured, by name: `accuracy`, `loss`.
    public var metrics: [String: Double]
    /// What the architecture takes, by name: `parameters`, `multiplyAdds`, `latencyMilliseconds`.
    public var costs: [String: Double]
    /// How batch norm was done in the evaluation, such as `re-estimate 8x128`.
    public var policy: String
    /// The seed of the evaluation.
    public var seed: UInt64
    /// The round of the search in which the architecture was asked for, counted from 0.
    public var round: Int
    /// What the evaluation took, in seconds; finite.
    public var seconds: Double
    /// When the evaluation ended; from 1970 to 9999.
    public var time: Date

    /// An entry of these values, which ``ArchitectureArchive/add(_:)`` checks.
    ///
    /// - Parameters:
    ///   - architecture: the choices, in the one spelling that the search uses.
    ///   - score: what the search maximises.
    ///   - metrics: what else was measured, by name. Infinities and not-a-number are kept.
    ///   - costs: what the architecture takes, by name. Infinities and not-a-number are kept.
    ///   - policy: how batch norm was done in the evaluation.
    ///   - seed: the seed of the evaluation.
    ///   - round: the round of the search.
    ///   - seconds: what the evaluation took.
    ///   - time: when the evaluation ended.
    public init(
        architecture: String, score: Double, metrics: [String: Double] = [:], costs: [String: Double] = [:],
        policy: String, seed: UInt64, round: Int, seconds: Double, time: Date = Date()
    ) {
        self.architecture = architecture
        self.score = score
        self.metrics = metrics
        self.costs = costs
        self.policy = policy
        self.seed = seed
        self.round = round
        self.seconds = seconds
        self.time = time
    }
}
