import Torch

/// Where batch normalisation takes its statistics from in one pass. It is passed to every layer and stored in none.
public enum BatchNormPolicy: Sendable, Equatable {
    /// The batch's statistics; running ones move towards them by `momentum`.
    case training(momentum: Double)
    /// The batch's statistics; running ones stay.
    case batch
    /// The running statistics.
    case running
    /// The batch's statistics; running ones become the mean over the batches seen since `batch` 0. The variance kept
    /// is the unbiased one.
    case reestimating(batch: Int)

    /// PyTorch's default momentum.
    public static let training = BatchNormPolicy.training(momentum: 0.1)

    var usesBatch: Bool { self != .running }
}

/// How a network is run in one pass: what batch normalisation does, and whether dropout is on.
public struct Mode {
    /// Which statistics batch normalisation uses, and what becomes of its running ones.
    public var batchNorm: BatchNormPolicy
    /// What dropout and its like draw from; nil turns them off.
    public var dropout: Generator?

    /// A mode of any combination; `evaluation` and `training(_:)` are the usual ones.
    public init(batchNorm: BatchNormPolicy, dropout: Generator? = nil) {
        self.batchNorm = batchNorm
        self.dropout = dropout
    }

    /// Running statistics, no dropout.
    public static let evaluation = Mode(batchNorm: .running)

    /// Batch statistics, running ones updated, dropout from `generator`.
    public static func training(_ generator: Generator?) -> Mode { Mode(batchNorm: .training, dropout: generator) }
}

extension Mode: @unchecked Sendable {}

/// Anything that turns a batch into outputs: [N, C, H, W] to logits [N, classes], say.
public protocol Network {
    /// Its tensors.
    var store: ParameterStore { get }
    /// Runs one pass; what the mode says holds for this pass only.
    func callAsFunction(_ input: Tensor, _ mode: Mode) throws -> Tensor
}
