import NN
import Torch

/// An exponential moving average of the weights of a network, kept in a network of its own (Polyak and Juditsky, 1992;
/// Tarvainen and Valpola, "Mean teachers are better role models", 2017).
public final class WeightAverage {
    /// Which tensors are averaged.
    public enum Extent: Sendable {
        /// Learned tensors alone; statistics of batch norm are the average's own, from what it is shown.
        case parameters
        /// Statistics of batch norm as well; integers are copied.
        case everything
    }

    /// The average.
    public let store: ParameterStore
    private let decay: Double
    private let warmsUp: Bool
    private let averaged: [(key: String, own: Tensor, current: Tensor)]
    private let copied: [(own: Tensor, current: Tensor)]

    /// Starts an average at the present weights.
    ///
    /// - Parameters:
    ///   - current: the tensors of the network that learns.
    ///   - store: the tensors of a network of the same shape; they become those of the average.
    ///   - decay: the share of the average that an update keeps, in 0..<1.
    ///   - warmsUp: whether the first updates keep less. A young average would be mostly the random start, so that it looks
    ///     back no further than there were steps: (1 + step) / (10 + step) at most.
    ///   - extent: which tensors are averaged.
    /// - Throws: `StateError.mismatch` if the two networks differ in shape.
    public init(
        of current: ParameterStore, in store: ParameterStore, decay: Double, warmsUp: Bool, extent: Extent
    ) throws {
        (self.store, self.decay, self.warmsUp) = (store, decay, warmsUp)
        let (own, others) = (store.entries.map(\.key), current.entries.map(\.key))
        guard own == others else {
            throw StateError.mismatch(
                missing: own.filter { !others.contains($0) }, unexpected: others.filter { !own.contains($0) },
                misshapen: [])
        }
        let isWhole = extent == .everything
        let source = isWhole ? current.state : current.parameters.map { ($0.key, $0.tensor) }
        try store.load(source, strict: isWhole)
        let pairs = zip(store.entries, current.entries).filter { isWhole || $0.0.role == .parameter }
        averaged = pairs.filter { $0.0.tensor.dtype.isFloatingPoint }.map { ($0.key, $0.tensor, $1.tensor) }
        copied = pairs.filter { !$0.0.tensor.dtype.isFloatingPoint }.map { ($0.tensor, $1.tensor) }
    }

    /// Moves the average towards the weights.
    ///
    /// - Parameters:
    ///   - step: the number of the step.
    ///   - keys: of the tensors that move; nil for all.
    /// - Throws: `TorchError`.
    public func follow(step: Int, only keys: Set<String>? = nil) throws {
        let momentum = warmsUp ? min(decay, Double(1 + step) / Double(10 + step)) : decay
        let moving = keys.map { keys in averaged.filter { keys.contains($0.key) } } ?? averaged
        try movingAverage(moving.map(\.own), towards: moving.map(\.current), momentum: momentum)
        guard keys == nil else { return }
        try withoutGradients { for (own, current) in copied { try own.copyInPlace(from: current) } }
    }
}
