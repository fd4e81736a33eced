import Torch

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
