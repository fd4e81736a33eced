import Torch

/// Stochastic gradient descent with momentum, as PyTorch defines it: v = momentum * v + (1 - dampening) * g, where g
/// includes weight decay; p -= lr * v, or lr * (g + momentum * v) with Nesterov's look-ahead (Sutskever et al., 2013).
/// One fused call a group.
public final class SGD: Optimizer {
    public var groups: [ParameterGroup]
    public let momentum: Double
    public let dampening: Double
    public let nesterov: Bool
    public let weightDecay: Double
    private var slots = Slots(["momentum"])

    private static let fused = Operator("aten::_fused_sgd_")

    /// - Throws: `TorchError` for a negative setting, or Nesterov without momentum or with dampening.
    public init(
        _ groups: [ParameterGroup], momentum: Double = 0, dampening: Double = 0, nesterov: Bool = false,
        weightDecay: Double = 0
    ) throws {
        guard momentum >= 0, weightDecay >= 0 else {
            throw TorchError(
                .invalidArgument, operation: "SGD",
                message: "momentum (=\(momentum)) and weight decay (=\(weightDecay)) must not be negative")
        }
        guard !nesterov || (momentum > 0 && dampening == 0) else {
            throw TorchError(
                .invalidArgument, operation: "SGD",
                message: "Nesterov needs momentum (=\(momentum)) above 0 and dampening (=\(dampening)) 0")
        }
        self.groups = groups
        self.momentum = momentum
        self.dampening = dampening
        self.nesterov = nesterov
        self.weightDecay = weightDecay
    }

    public func step(learningRate: Double) throws {
        for group in groups {
            // The first time, the velocity is the gradient itself, undampened.
            var first: [(Tensor, Tensor, Tensor)] = []
            var later: [(Tensor, Tensor, Tensor)] = []
            for (key, tensor) in group.parameters {
                guard let gradient = try tensor.alignedGradient() else { continue }
                let known = slots.has(key)
                let velocity = momentum == 0 ? gradient : try slots.of(key, like: tensor)["momentum"] ?? gradient
                if known || momentum == 0 {
                    later.append((tensor, gradient, velocity))
                } else {
                    first.append((tensor, gradient, velocity))
                }
            }
            for (updates, isFirst) in [(first, true), (later, false)] where !updates.isEmpty {
                try Self.fused.run(
                    .tensors(updates.map(\.0)), .tensors(updates.map(\.1)),
                    .tensors(momentum == 0 ? [] : updates.map(\.2)),
                    .double(group.weightDecay ?? weightDecay), .double(momentum),
                    .double(learningRate * group.learningRateScale), .double(dampening), .bool(nesterov), .bool(false),
                    .bool(isFirst))
            }
        }
    }

    public func state() -> [(key: String, tensor: Tensor)] { slots.state(groups) }

    public func load(_ state: [(key: String, tensor: Tensor)]) throws { try slots.load(state, groups) }
}
