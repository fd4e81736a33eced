import Torch

/// Steps by the mean of the gradient over the root of its mean square (Kingma and Ba, 2015, algorithm 1), as PyTorch
/// defines it: weight decay is added to the gradient. One fused call a group.
public final class Adam: Optimizer {
    /// The parameters with the settings of each group, which may change between steps.
    public var groups: [ParameterGroup]
    /// The shares of the averages of the gradient and of its square that are kept at each step.
    public let betas: (Double, Double)
    /// Added to the root of the mean square.
    public let epsilon: Double
    /// The weight decay of groups without one of their own.
    public let weightDecay: Double
    private var slots = Slots(["exp_avg", "exp_avg_sq"], scalars: ["step"])

    private static let fused = Operator("aten::_fused_adam_")

    /// Takes the parameters and settings; the averages are made at a parameter's first step.
    ///
    /// - Throws: `TorchError` for settings outside their range.
    public init(
        _ groups: [ParameterGroup], betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
        weightDecay: Double = 0
    ) throws {
        guard (0..<1).contains(betas.0), (0..<1).contains(betas.1), epsilon > 0, weightDecay >= 0 else {
            throw TorchError(
                .invalidArgument, operation: "Adam",
                message: "betas (=\(betas)) must be in 0..<1, epsilon (=\(epsilon)) positive, "
                    + "weight decay (=\(weightDecay)) not negative")
        }
        self.groups = groups
        self.betas = betas
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }

    /// Updates the parameters once, with the given learning rate.
    public func step(learningRate: Double) throws {
        for group in groups {
            var parameters: [Tensor] = []
            var gradients: [Tensor] = []
            var averages: [Tensor] = []
            var squares: [Tensor] = []
            var counts: [Tensor] = []
            for (key, tensor) in group.parameters {
                guard let gradient = try tensor.alignedGradient() else { continue }
                let own = try slots.of(key, like: tensor)
                guard let average = own["exp_avg"], let square = own["exp_avg_sq"], let count = own["step"] else {
                    continue
                }
                // The kernel reads the number of the step that it takes.
                try withoutGradients { try count.copyInPlace(from: count + 1.0) }
                parameters.append(tensor)
                gradients.append(gradient)
                averages.append(average)
                squares.append(square)
                counts.append(count)
            }
            guard !parameters.isEmpty else { continue }
            try Self.fused.run(
                .tensors(parameters), .tensors(gradients), .tensors(averages), .tensors(squares), .tensors([]),
                .tensors(counts), .double(learningRate * group.learningRateScale), .double(betas.0), .double(betas.1),
                .double(group.weightDecay ?? weightDecay), .double(epsilon), .bool(false), .bool(false))
        }
    }

    /// The state of every parameter that has had a gradient: `<parameter>.exp_avg`, `.exp_avg_sq` and `.step`.
    public func state() -> [(key: String, tensor: Tensor)] { slots.state(groups) }

    /// Takes over a saved state.
    ///
    /// - Throws: `StateError.mismatch` with every key that does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws { try slots.load(state, groups) }
}
