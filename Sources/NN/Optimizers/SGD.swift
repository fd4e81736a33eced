import Torch

/// Stochastic gradient descent with momentum, as PyTorch defines it: v = momentum * v + (1 - dampening) * g, where g
/// includes weight decay; p -= lr * v, or lr * (g + momentum * v) with Nesterov's look-ahead (Sutskever et al., 2013).
/// One fused call a group.
public final class SGD: Optimizer {
    /// The parameters and their settings, which may change between steps.
    public var groups: [ParameterGroup]
    /// The share of the last step's velocity that is kept; 0 makes it plain gradient descent, without state.
    public let momentum: Double
    /// The share of the gradient that does not enter the velocity; a parameter's first step is undampened.
    public let dampening: Double
    /// Whether gradients are taken with Nesterov's look-ahead.
    public let nesterov: Bool
    /// Times the parameter, added to its gradient; for groups that set none of their own.
    public let weightDecay: Double
    private var slots = Slots(["momentum"])

    private static let fused = Operator("aten::_fused_sgd_")

    /// Takes the parameters and settings; velocities are made at a parameter's first step.
    ///
    /// - Throws: `TorchError` for a negative setting, or Nesterov without momentum or with dampening.
    public init(
        _ groups: [ParameterGroup], momentum: Double = 0, dampening: Double = 0, nesterov: Bool = false,
        weightDecay: Double = 0
    ) throws {
        guard [momentum, dampening, weightDecay].allSatisfy({ $0 >= 0 && $0.isFinite }) else {
            throw TorchError(
                .invalidArgument, operation: "SGD",
                message:
                    "momentum (=\(momentum)), dampening (=\(dampening)) and weight decay (=\(weightDecay)) must be "
                    + "finite and not negative")
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

    /// Updates the parameters once, with the given learning rate, which each group scales. Gradients stay.
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

    /// The velocities, as `<parameter's key>.momentum`, of the parameters that have moved so far.
    public func state() -> [(key: String, tensor: Tensor)] { slots.state(groups) }

    /// Takes over saved velocities. Parameters that are not among them start anew.
    ///
    /// - Throws: `StateError.mismatch` with every key that is unknown, missing or misshapen; nothing is changed then.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws { try slots.load(state, groups) }
}
