import Torch

/// Batch normalisation (Ioffe and Szegedy, 2015), optionally with what follows it in a residual network. Keys:
/// `weight`, `bias`, `running_mean`, `running_var`, each [C], and `num_batches_tracked`.
public struct BatchNorm2d {
    /// The scale, [C]; learned. Nil without `affine`.
    public let weight: Tensor?
    /// The shift, [C]; learned. Nil without `affine`.
    public let bias: Tensor?
    /// Running mean of each channel, [C]; a buffer, 0 at first.
    public let runningMean: Tensor
    /// Running unbiased variance of each channel, [C]; a buffer, 1 at first.
    public let runningVariance: Tensor
    /// Batches that the running statistics were made from: int64, no dimensions. PyTorch's files hold it; it plays no
    /// part in the result.
    public let batchesTracked: Tensor
    /// Added to the variance before its square root is taken. 1e-5 is PyTorch's default, which checkpoints assume.
    public let epsilon: Double

    /// PyTorch's default for `epsilon`.
    public static let defaultEpsilon = 1e-5

    /// - Parameters:
    ///   - scope: where the tensors are stored; their keys begin with its path.
    ///   - channels: C.
    ///   - affine: whether a scale and a shift are learned.
    ///   - scale: where the learned scale starts; 0 lets a residual block start as the identity.
    ///   - epsilon: added to the variance before its square root is taken.
    public init(
        _ scope: Scope, _ channels: Int, affine: Bool = true, scale: Double = 1,
        epsilon: Double = BatchNorm2d.defaultEpsilon
    ) throws {
        weight = affine ? try scope.parameter("weight", [channels], .constant(scale)) : nil
        bias = affine ? try scope.parameter("bias", [channels], .zeros) : nil
        runningMean = try scope.buffer("running_mean", .zeros([channels]))
        runningVariance = try scope.buffer("running_var", .ones([channels]))
        batchesTracked = try scope.buffer("num_batches_tracked", .zeros([], dtype: .int64))
        self.epsilon = epsilon
    }

    /// relu?(norm(x) + residual?), [N, C, ...] to the same shape: images [N, C, H, W], or features [N, C], where it is
    /// what PyTorch calls `BatchNorm1d`, under the same keys.
    public func callAsFunction(
        _ x: Tensor, _ policy: BatchNormPolicy, residual: Tensor? = nil, relu: Bool = false
    ) throws -> Tensor {
        let momentum: Double
        switch policy {
        case .training(let given):
            momentum = given
            try withoutGradients { try batchesTracked.addInPlace(Self.one(on: batchesTracked.device)) }
        case .reestimating(let batch):
            momentum = 1 / Double(batch + 1)
            if batch == 0 {
                // With a momentum of 1 nothing of the old values is left, but for rounding: x + (y - x) is not y.
                try runningMean.fillInPlace(0)
                try runningVariance.fillInPlace(0)
            }
            try batchesTracked.fillInPlace(Double(batch + 1))
        case .batch, .running: momentum = 0
        }
        // `.batch` leaves the running statistics out of the call rather than moving them by nothing.
        let running = policy != .batch
        return try x.batchNormalized(
            weight: weight, bias: bias, residual: residual, runningMean: running ? runningMean : nil,
            runningVariance: running ? runningVariance : nil, training: policy.usesBatch, momentum: momentum,
            epsilon: epsilon, relu: relu)
    }

    private static let hostOne = try? Tensor(Int64(1))

    private static func one(on device: Device) throws -> Tensor {
        if device.kind == .cpu, let hostOne { return hostOne }
        return try Tensor(Int64(1), device: device)
    }
}
