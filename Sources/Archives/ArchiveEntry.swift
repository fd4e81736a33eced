import Foundation

/// An evaluated architecture.
public struct ArchiveEntry: Sendable, Hashable, Codable {
    /// The choices of the architecture, such as `3 0 1 2`; an archive holds each architecture once.
    public var architecture: String
    /// The score, which the search maximises; finite.
    public var score: Double
    /// The other measurements by name: `accuracy`, `loss`.
    public var metrics: [String: Double]
    /// The costs of the architecture by name: `parameters`, `multiplyAdds`, `latencyMilliseconds`.
    public var costs: [String: Double]
    /// The treatment of batch norm in the evaluation, such as `re-estimate 8x128`.
    public var policy: String
    /// The seed of the evaluation.
    public var seed: UInt64
    /// The round of the search in which the architecture was asked for, counted from 0.
    public var round: Int
    /// The duration of the evaluation in seconds; finite.
    public var seconds: Double
    /// When the evaluation ended; from 1970 to 9999.
    public var time: Date

    /// An entry of these values, which ``ArchitectureArchive/add(_:)`` checks.
    ///
    /// - Parameters:
    ///   - architecture: the choices, in the one spelling that the search uses.
    ///   - score: the score, which the search maximises.
    ///   - metrics: the other measurements, by name. Infinities and not-a-number are kept.
    ///   - costs: the costs of the architecture, by name. Infinities and not-a-number are kept.
    ///   - policy: the treatment of batch norm in the evaluation.
    ///   - seed: the seed of the evaluation.
    ///   - round: the round of the search.
    ///   - seconds: the duration of the evaluation.
    ///   - time: the end of the evaluation.
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
