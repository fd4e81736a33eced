import Architectures
import NN
import Networks
import Torch

/// An exponential moving average of an encoder's weights, which gives the keys (Tarvainen and Valpola, "Mean teachers",
/// 2017; Peng et al., "Pi-NAS", 2021, section 3.3). Batch-norm buffers are its own.
public final class MeanTeacher {
    /// How often a step moves what both of its paths share.
    public enum Averaging: String, Sendable, Codable, CaseIterable {
        /// With each path, so that stem, shortcuts and neck move twice a step, as in the code released with Pi-NAS.
        case reference
        /// Once a step.
        case once
    }

    /// The average.
    public let encoder: SupernetEncoder
    private let student: SupernetEncoder
    private let averaging: Averaging
    private let momentum: Double

    /// - Parameters:
    ///   - student: whose weights are averaged.
    ///   - encoder: another of the same description; its weights become the student's.
    ///   - averaging: how often a step moves what both of its paths share.
    ///   - momentum: the share of the average that each update keeps.
    /// - Throws: `StateError.mismatch` if the two are not of one description.
    public init(
        of student: SupernetEncoder, in encoder: SupernetEncoder, averaging: Averaging, momentum: Double
    ) throws {
        self.student = student
        self.encoder = encoder
        self.averaging = averaging
        self.momentum = momentum
        let (own, others) = (encoder.store.parameters.map(\.key), student.store.parameters.map(\.key))
        guard own == others else {
            throw StateError.mismatch(
                missing: own.filter { !others.contains($0) }, unexpected: others.filter { !own.contains($0) },
                misshapen: [])
        }
        try encoder.store.load(
            student.store.parameters.map { ($0.key, $0.tensor) }, strict: false)
    }

    /// Moves the average of a path towards the student's weights.
    ///
    /// - Parameters:
    ///   - path: of whose tensors; blocks off the path do not move.
    ///   - other: the path that moved before it in this step; nil for the first.
    public func follow(_ path: Architecture, after other: Architecture?) throws {
        var done: Set<String> = []
        if averaging == .once, let other {
            done = Set(student.parameters(on: other).map(\.key))
        }
        let pairs = zip(encoder.parameters(on: path), student.parameters(on: path)).filter { !done.contains($0.0.key) }
        try movingAverage(pairs.map(\.0.tensor), towards: pairs.map(\.1.tensor), momentum: momentum)
    }
}
