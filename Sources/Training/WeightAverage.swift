import NN
import Torch

/// An exponential moving average of the weights of a network, kept in a network of its own (Polyak and Juditsky, 1992;
/// Tarvainen and Valpola, "Mean teachers are better role models", 2017).
public final class WeightAverage {
    /// The tensors that are averaged.
    public enum Extent: Sendable {
        /// Parameters only; the averaged network collects batch-norm statistics of its own in its forward passes.
        case parameters
        /// Parameters and batch-norm statistics; integer tensors are copied.
        case everything
    }

    /// The tensors of the averaged network.
    public let store: ParameterStore
    private let decay: Double
    private let warmsUp: Bool
    private let averaged: [(key: String, own: Tensor, current: Tensor)]
    private let copied: [(own: Tensor, current: Tensor)]

    /// Starts an average from the current weights.
    ///
    /// - Parameters:
    ///   - current: the tensors of the network that learns.
    ///   - store: the tensors of a network of the same shape; they become those of the average.
    ///   - decay: the share of the average that an update keeps, in 0..<1.
    ///   - warmsUp: whether early updates use a smaller decay, at most (1 + step) / (10 + step), so that the average
    ///     does not consist mostly of the random initial values.
    ///   - extent: the tensors that are averaged.
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

    /// Updates the average with the current weights.
    ///
    /// - Parameters:
    ///   - step: the number of the step.
    ///   - keys: the keys of the tensors that are updated; nil for all.
    /// - Throws: `TorchError`.
    public func follow(step: Int, only keys: Set<String>? = nil) throws {
        let momentum = warmsUp ? min(decay, Double(1 + step) / Double(10 + step)) : decay
        let moving = keys.map { keys in averaged.filter { keys.contains($0.key) } } ?? averaged
        try movingAverage(moving.map(\.own), towards: moving.map(\.current), momentum: momentum)
        guard keys == nil else { return }
        try withoutGradients { for (own, current) in copied { try own.copyInPlace(from: current) } }
    }
}
