import Torch

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019, algorithm 2), as PyTorch defines it: decay shrinks
/// the parameter itself and leaves the averages alone.
public final class AdamW: Adam {
    private static let fused = Operator("aten::_fused_adamw_")

    /// - Throws: `TorchError` for settings outside their range.
    public init(
        _ groups: [ParameterGroup], betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
        weightDecay: Double = 0.01
    ) throws {
        try super.init(groups, betas: betas, epsilon: epsilon, weightDecay: weightDecay, fused: Self.fused)
    }
}
