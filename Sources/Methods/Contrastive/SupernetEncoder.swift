import Architectures
import NN
import Networks
import Torch
import Training

/// A supernet whose paths share a projection neck of linear, ReLU and linear layers (Chen et al., "MoCo v2", 2020);
/// keys `neck.0` and `neck.2`.
public final class SupernetEncoder {
    /// The supernet that computes the features.
    public let supernet: Supernet
    private let hidden: Linear
    private let output: Linear
    private let neck: [ParameterStore.Entry]
    /// The tensors of the supernet and the neck.
    public var store: ParameterStore { supernet.store }

    /// Builds the supernet and its neck.
    ///
    /// - Parameters:
    ///   - description: the description of the supernet, which is built at the root of `store`.
    ///   - dimension: the length of an embedding; 128 in Pi-NAS.
    ///   - store: an empty store, whose seed determines the initial values.
    /// - Throws: what building the supernet throws.
    public init(_ description: SupernetDescription, dimension: Int, store: ParameterStore) throws {
        supernet = try Supernet(description, store: store)
        let first = store.entries.count
        let normal = Initializer.kaimingNormal(fan: .input, slope: 0)
        let scope = store.root / "neck"
        hidden = try Linear(scope / 0, supernet.features, supernet.features, initializer: normal)
        output = try Linear(scope / 2, supernet.features, dimension, initializer: normal)
        for linear in [hidden, output] { try withoutGradients { try linear.bias?.fillInPlace(0) } }
        neck = Array(store.entries[first...])
    }

    /// Computes embeddings [N, dimension], unit length, float32, of images [N, C, H, W] on one path.
    public func embed(_ images: Tensor, _ architecture: Architecture, _ mode: Mode) throws -> Tensor {
        try project(supernet.features(images, architecture, mode))
    }

    /// Computes embeddings [N, dimension], unit length, float32, of features [N, F].
    public func project(_ features: Tensor) throws -> Tensor {
        try output(hidden(features).relu()).to(.float32).normalized(1)
    }

    /// The parameters of a path and of the neck.
    public func parameters(on architecture: Architecture) -> [ParameterStore.Entry] {
        (supernet.entries(on: architecture) + neck).filter { $0.role == .parameter }
    }
}

/// An exponential moving average of an encoder's weights, which computes the keys (Tarvainen and Valpola, "Mean
/// teachers", 2017; Peng et al., "Pi-NAS", 2021, section 3.3). It has batch-norm buffers of its own.
public final class MeanTeacher {
    /// The number of updates in a step of the tensors that both of its paths share.
    public enum Averaging: String, Sendable, Codable, CaseIterable {
        /// One update for each path, so that stem, shortcuts and neck are updated twice in a step, as in the code
        /// released with Pi-NAS.
        case reference
        /// One update in a step.
        case once
    }

    /// The encoder with the averaged weights.
    public let encoder: SupernetEncoder
    private let student: SupernetEncoder
    private let averaging: Averaging
    private let average: WeightAverage

    /// Creates a teacher with the student's weights.
    ///
    /// - Parameters:
    ///   - student: the encoder whose weights are averaged.
    ///   - encoder: another encoder of the same description, whose weights are replaced by the student's.
    ///   - averaging: the number of updates in a step of the tensors that both of its paths share.
    ///   - momentum: the share of the average that each update keeps, in 0..<1.
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

    /// Updates the average of a path with the student's weights.
    ///
    /// - Parameters:
    ///   - path: the path whose tensors are updated; other blocks do not change.
    ///   - other: the path that was updated before in this step; nil for the first.
    public func follow(_ path: Architecture, after other: Architecture?) throws {
        var moving = Set(student.parameters(on: path).map(\.key))
        if averaging == .once, let other { moving.subtract(student.parameters(on: other).map(\.key)) }
        try average.follow(step: 0, only: moving)
    }
}
