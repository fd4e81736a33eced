import Torch

/// Something that watches a training without taking part in it. Its figures go into the log.
public protocol Instrument: AnyObject {
    /// Called after each of the optimiser's updates.
    func didUpdate(step: Int) throws

    /// Figures by name since the last call, when a row of the log is written.
    ///
    /// - Parameter step: the number of finished steps.
    func measure(step: Int) throws -> [String: Double]

    /// All that must be saved for an exact continuation.
    func state() throws -> [(key: String, tensor: Tensor)]

    /// Takes over a saved state.
    func load(_ state: [(key: String, tensor: Tensor)]) throws
}
