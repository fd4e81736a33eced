import Torch

/// Normalises over the last dimensions (Ba et al., 2016). Keys: `weight`, `bias`, of the normalised shape.
public struct LayerNorm {
    public let shape: [Int]
    public let weight: Tensor
    public let bias: Tensor
    public let epsilon: Double

    public init(_ scope: Scope, _ shape: [Int], epsilon: Double = 1e-5) throws {
        self.shape = shape
        weight = try scope.parameter("weight", shape, .ones)
        bias = try scope.parameter("bias", shape, .zeros)
        self.epsilon = epsilon
    }

    public func callAsFunction(_ x: Tensor) throws -> Tensor {
        try x.layerNormalized(shape, weight: weight, bias: bias, epsilon: epsilon)
    }
}

/// Normalises over groups of channels and space (Wu and He, 2018). Keys: `weight`, `bias` [C].
public struct GroupNorm {
    public let groups: Int
    public let weight: Tensor
    public let bias: Tensor
    public let epsilon: Double

    /// - Throws: `TorchError` unless the channels are a multiple of the groups.
    public init(_ scope: Scope, groups: Int, _ channels: Int, epsilon: Double = 1e-5) throws {
        guard groups > 0, channels % groups == 0 else {
            throw TorchError(
                .invalidArgument, operation: "GroupNorm '\(scope.path)'",
                message: "channels (=\(channels)) must be divisible by groups (=\(groups))")
        }
        self.groups = groups
        weight = try scope.parameter("weight", [channels], .ones)
        bias = try scope.parameter("bias", [channels], .zeros)
        self.epsilon = epsilon
    }

    public func callAsFunction(_ x: Tensor) throws -> Tensor {
        try x.groupNormalized(groups, weight: weight, bias: bias, epsilon: epsilon)
    }
}
