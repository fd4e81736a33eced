import Torch

/// The source of batch normalisation's statistics in one pass. It is passed to every layer and stored in none.
public enum BatchNormPolicy: Sendable, Equatable {
    /// The batch's statistics; running ones move towards them by `momentum`.
    case training(momentum: Double)
    /// As `training`, with the statistics of the batches of all members of a group of processes together.
    case synchronised(momentum: Double, group: String)
    /// The batch's statistics; running ones stay.
    case batch
    /// The running statistics are used.
    case running
    /// The batch's statistics; running ones become the mean over the batches seen since `batch` 0. The variance kept
    /// is the unbiased one.
    case recalibrating(batch: Int)

    /// Training with PyTorch's default momentum, 0.1.
    public static let training = BatchNormPolicy.training(momentum: 0.1)

    var usesBatch: Bool { self != .running }
}

/// The mode in which a network runs in one pass: the policy of batch normalisation, and whether dropout is on.
public struct Mode {
    /// Which statistics batch normalisation uses, and what becomes of its running ones.
    public var batchNorm: BatchNormPolicy
    /// The generator that dropout draws from; nil turns dropout off.
    public var dropout: Generator?

    /// A mode of any combination; `evaluation` and `training(_:)` are the usual ones.
    public init(batchNorm: BatchNormPolicy, dropout: Generator? = nil) {
        self.batchNorm = batchNorm
        self.dropout = dropout
    }

    /// Evaluation: running statistics, no dropout.
    public static let evaluation = Mode(batchNorm: .running)

    /// Batch statistics, running ones updated, dropout from `generator`.
    public static func training(_ generator: Generator?) -> Mode { Mode(batchNorm: .training, dropout: generator) }
}

extension Mode: @unchecked Sendable {}

/// Anything that turns a batch into outputs: [N, C, H, W] to logits [N, classes], say.
public protocol Network {
    /// The tensors of the network.
    var store: ParameterStore { get }
    /// Runs one pass; what the mode says holds for this pass only.
    func callAsFunction(_ input: Tensor, _ mode: Mode) throws -> Tensor
}
