import Torch

/// Normalises over the last dimensions (Ba et al., 2016). Keys: `weight`, `bias`, of the normalised shape.
public struct LayerNorm {
    /// The sizes of the last dimensions, over which the statistics are taken.
    public let shape: [Int]
    /// The scale, of `shape`; learned, 1 at first. Nil without `affine`.
    public let weight: Tensor?
    /// The shift, of `shape`; learned, 0 at first. Nil without `affine`.
    public let bias: Tensor?
    /// Added to the variance before its square root is taken.
    public let epsilon: Double

    /// - Parameters:
    ///   - scope: where the tensors are stored; their keys begin with its path.
    ///   - shape: the sizes of the last dimensions, over which to normalise.
    ///   - affine: whether a scale and a shift are learned.
    ///   - epsilon: added to the variance before its square root is taken.
    public init(_ scope: Scope, _ shape: [Int], affine: Bool = true, epsilon: Double = 1e-5) throws {
        self.shape = shape
        weight = affine ? try scope.parameter("weight", shape, .ones) : nil
        bias = affine ? try scope.parameter("bias", shape, .zeros) : nil
        self.epsilon = epsilon
    }

    /// [..., shape] to the same shape.
    public func callAsFunction(_ x: Tensor) throws -> Tensor {
        try x.layerNormalized(shape, weight: weight, bias: bias, epsilon: epsilon)
    }
}

/// Normalises over groups of channels and space (Wu and He, 2018). Keys: `weight`, `bias` [C].
public struct GroupNorm {
    /// How many groups the channels are parted into; each has statistics of its own for each image.
    public let groups: Int
    /// The scale, [C]; learned, 1 at first. Nil without `affine`.
    public let weight: Tensor?
    /// The shift, [C]; learned, 0 at first. Nil without `affine`.
    public let bias: Tensor?
    /// Added to the variance before its square root is taken.
    public let epsilon: Double

    /// - Parameters:
    ///   - scope: where the tensors are stored; their keys begin with its path.
    ///   - groups: how many groups the channels are parted into, at least 1.
    ///   - channels: C.
    ///   - affine: whether a scale and a shift are learned.
    ///   - epsilon: added to the variance before its square root is taken.
    /// - Throws: `TorchError` unless the channels are a multiple of the groups.
    public init(_ scope: Scope, groups: Int, _ channels: Int, affine: Bool = true, epsilon: Double = 1e-5) throws {
        guard groups > 0, channels > 0, channels % groups == 0 else {
            throw TorchError(
                .invalidArgument, operation: "GroupNorm '\(scope.path)'",
                message: "channels (=\(channels)) must be a positive multiple of groups (=\(groups))")
        }
        self.groups = groups
        weight = affine ? try scope.parameter("weight", [channels], .ones) : nil
        bias = affine ? try scope.parameter("bias", [channels], .zeros) : nil
        self.epsilon = epsilon
    }

    /// [N, C, ...] to the same shape.
    public func callAsFunction(_ x: Tensor) throws -> Tensor {
        try x.groupNormalized(groups, weight: weight, bias: bias, epsilon: epsilon)
    }
}
