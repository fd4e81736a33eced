import Torch

/// x W^T + b. Keys: `weight` [out, in], `bias` [out].
public struct Linear {
    /// [out, in]; learned.
    public let weight: Tensor
    /// [out]; learned. Nil where the layer was made without one.
    public let bias: Tensor?

    /// A layer from `inputs` to `outputs` features. The initialiser is the weight's; the bias starts as PyTorch's does.
    public init(
        _ scope: Scope, _ inputs: Int, _ outputs: Int, bias: Bool = true, initializer: Initializer = .defaultWeight
    ) throws {
        weight = try scope.parameter("weight", [outputs, inputs], initializer)
        self.bias = bias ? try scope.parameter("bias", [outputs], .defaultBias(weight: [outputs, inputs])) : nil
    }

    /// [..., in] to [..., out].
    public func callAsFunction(_ x: Tensor) throws -> Tensor { try x.linear(weight, bias: bias) }
}
