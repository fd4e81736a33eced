import Torch

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019, algorithm 2), as PyTorch defines it. One fused call
/// a group.
public final class AdamW: Optimizer {
    public var groups: [ParameterGroup]
    public let betas: (Double, Double)
    public let epsilon: Double
    public let weightDecay: Double
    private var slots = Slots(["exp_avg", "exp_avg_sq"])
    /// Steps taken by each parameter, float32 tensors of one element, as the fused kernel wants them.
    private var steps: [String: Tensor] = [:]

    private static let fused = Operator("aten::_fused_adamw_")

    /// - Throws: `TorchError` for settings outside their range.
    public init(
        _ groups: [ParameterGroup], betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
        weightDecay: Double = 0.01
    ) throws {
        guard (0..<1).contains(betas.0), (0..<1).contains(betas.1), epsilon > 0, weightDecay >= 0 else {
            throw TorchError(
                .invalidArgument, operation: "AdamW",
                message: "betas (=\(betas)) must be in 0..<1, epsilon (=\(epsilon)) positive, "
                    + "weight decay (=\(weightDecay)) not negative")
        }
        self.groups = groups
        self.betas = betas
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }

    public func step(learningRate: Double) throws {
        for group in groups {
            var parameters: [Tensor] = []
            var gradients: [Tensor] = []
            var averages: [Tensor] = []
            var squares: [Tensor] = []
            var counts: [Tensor] = []
            for (key, tensor) in group.parameters {
                guard let gradient = tensor.gradient else { continue }
                let own = try slots.of(key, like: tensor)
                guard let average = own["exp_avg"], let square = own["exp_avg_sq"] else { continue }
                let count = try steps[key] ?? Tensor(Float(0), device: tensor.device)
                // The kernel reads the number of the step that it takes.
                try withoutGradients { try count.copyInPlace(from: count + 1.0) }
                steps[key] = count
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

    public func state() -> [(key: String, tensor: Tensor)] {
        slots.state(groups)
            + groups.flatMap(\.parameters).compactMap { key, _ in steps[key].map { ("\(key).step", $0) } }
    }

    public func load(_ state: [(key: String, tensor: Tensor)]) throws {
        let isCount = { (key: String) in key.hasSuffix(".step") }
        try slots.load(state.filter { !isCount($0.key) }, groups)
        steps = Dictionary(
            uniqueKeysWithValues: try state.filter { isCount($0.key) }.map { key, tensor in
                (String(key.dropLast(5)), try tensor.cloned())
            })
    }
}
