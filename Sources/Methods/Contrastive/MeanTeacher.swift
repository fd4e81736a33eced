import Architectures
import NN
import Networks
import Torch
import Training

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
    private let average: WeightAverage

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
        average = try WeightAverage(
            of: student.store, in: encoder.store, decay: momentum, warmsUp: false, extent: .parameters)
    }

    /// Moves the average of a path towards the student's weights.
    ///
    /// - Parameters:
    ///   - path: of whose tensors; blocks off the path do not move.
    ///   - other: the path that moved before it in this step; nil for the first.
    public func follow(_ path: Architecture, after other: Architecture?) throws {
        var moving = Set(student.parameters(on: path).map(\.key))
        if averaging == .once, let other { moving.subtract(student.parameters(on: other).map(\.key)) }
        try average.follow(step: 0, only: moving)
    }
}
