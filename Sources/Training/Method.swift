import Datasets
import NN
import Torch

/// The outcome of one training step, as tensors, so that the host need not wait for the device at each step.
public struct StepOutcome {
    /// The loss, one element.
    public var loss: Tensor
    /// The number of correct predictions, one element; nil where the step predicts no classes.
    public var correct: Tensor?

    /// Creates an outcome. Both tensors should be detached, so that they do not keep the step's graph alive.
    public init(loss: Tensor, correct: Tensor? = nil) {
        self.loss = loss
        self.correct = correct
    }
}

/// A training method: it computes the gradients of a step. The `Trainer` owns the optimiser, the schedule, the log and
/// the checkpoints.
public protocol Method: AnyObject {
    /// The tensors that are learned.
    var store: ParameterStore { get }

    /// Whether a tensor is of the task's head, which may learn at a rate of its own.
    ///
    /// - Parameter key: the key of the tensor in the store.
    func isOfHead(_ key: String) -> Bool

    /// Runs forward and backward on one batch; gradients are left on the parameters.
    ///
    /// - Parameters:
    ///   - batch: the images to learn from, and their labels.
    ///   - step: the number of the step, from 0. All random choices follow from it and the seed.
    func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome

    /// Called after the optimiser's update, for moving averages.
    func didUpdate(step: Int) throws

    /// Evaluates validation batches and returns metrics by name.
    func evaluate(_ batches: BatchIterator) throws -> [String: Double]

    /// The tensors that a checkpoint must hold for an exact continuation, beside the optimiser's state.
    func state() throws -> [(key: String, tensor: Tensor)]

    /// Restores a state that `state()` returned.
    func load(_ state: [(key: String, tensor: Tensor)]) throws
}

extension Method {
    /// By default, no tensor is.
    public func isOfHead(_ key: String) -> Bool { false }
}

extension [(key: String, tensor: Tensor)] {
    /// The tensors whose keys begin with a prefix, with the prefix removed.
    public func under(_ prefix: String) -> [(key: String, tensor: Tensor)] {
        filter { $0.key.hasPrefix(prefix) }.map { (String($0.key.dropFirst(prefix.count)), $0.tensor) }
    }
}

/// An observer of a training, which takes no part in it and adds figures to the log.
public protocol Instrument: AnyObject {
    /// Called after each of the optimiser's updates.
    func didUpdate(step: Int) throws

    /// The figures since the last call, by name; called when a row of the log is written.
    ///
    /// - Parameter step: the number of finished steps.
    func measure(step: Int) throws -> [String: Double]

    /// The tensors that a checkpoint must hold for an exact continuation.
    func state() throws -> [(key: String, tensor: Tensor)]

    /// Restores a state that `state()` returned.
    func load(_ state: [(key: String, tensor: Tensor)]) throws
}
