import Datasets
import NN
import Torch

/// What one step found out. Tensors, so that the host need not wait for the device at each step.
public struct StepOutcome {
    /// The loss, one element.
    public var loss: Tensor
    /// How many predictions were right, one element; nil where the step predicts nothing.
    public var correct: Tensor?

    /// An outcome. Both tensors should be detached, so that they do not hold on to the step's graph.
    public init(loss: Tensor, correct: Tensor? = nil) {
        self.loss = loss
        self.correct = correct
    }
}

/// A way to learn: it computes gradients. The `Trainer` owns the optimiser, the schedule, the log and the checkpoints.
public protocol Method: AnyObject {
    /// The tensors that are learned.
    var store: ParameterStore { get }

    /// Runs forward and backward on one batch; gradients are left on the parameters.
    ///
    /// - Parameters:
    ///   - batch: the images to learn from, and their labels.
    ///   - step: the number of the step, from 0. All random choices follow from it and the seed.
    func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome

    /// Called after the optimiser's update: the place for moving averages.
    func didUpdate(step: Int) throws

    /// Validation metrics by name; `accuracy` is the one by which `Trainer` ranks checkpoints.
    func evaluate(_ batches: BatchIterator) throws -> [String: Double]

    /// All that must be saved for an exact continuation, beside the optimiser's state.
    func state() throws -> [(key: String, tensor: Tensor)]

    /// Takes over a saved state.
    func load(_ state: [(key: String, tensor: Tensor)]) throws
}

extension [(key: String, tensor: Tensor)] {
    /// The tensors whose keys begin so, under the rest of their keys.
    public func under(_ prefix: String) -> [(key: String, tensor: Tensor)] {
        filter { $0.key.hasPrefix(prefix) }.map { (String($0.key.dropFirst(prefix.count)), $0.tensor) }
    }
}
