import NN
import Torch

/// A queue of the newest keys, which serve as negatives (He et al., "Momentum Contrast", CVPR 2020).
public struct KeyQueue {
    /// The keys as columns of unit length, [dimension, length].
    public let keys: Tensor
    /// The column at which the next keys are written.
    public private(set) var position = 0

    /// Creates a queue of random keys.
    ///
    /// - Parameters:
    ///   - dimension: the length of a key.
    ///   - length: the number of keys.
    ///   - seed: the seed of the random initial keys.
    ///   - device: the device of the queue.
    /// - Throws: `TorchError` if dimension or length is not positive.
    public init(dimension: Int, length: Int, seed: UInt64, device: Device) throws {
        guard dimension > 0, length > 0 else {
            throw TorchError(
                .invalidArgument, operation: "KeyQueue",
                message: "dimension (=\(dimension)) and length (=\(length)) must be positive")
        }
        keys = try Tensor.normal([dimension, length], using: Generator(seed: seed)).normalized(0).to(device)
    }

    /// The number of keys in the queue.
    public var length: Int { keys.size(1) }

    /// Replaces the oldest keys.
    ///
    /// - Parameter batch: the new keys [N, dimension]; N must divide the length, so that a batch never wraps.
    /// - Throws: `TorchError` if N does not divide the length.
    public mutating func push(_ batch: Tensor) throws {
        let count = batch.size(0)
        guard count > 0, length.isMultiple(of: count) else {
            throw TorchError(
                .invalidArgument, operation: "KeyQueue.push", shapes: [batch.shape],
                message: "the queue's length (=\(length)) must be a multiple of the batch size (=\(count))")
        }
        // After an epoch whose batches were smaller, the position may not be a multiple of this batch's size.
        if position + count > length { position = 0 }
        try withoutGradients {
            try keys.slice(position..<position + count, dimension: 1).copyInPlace(from: batch.transposed(0, 1))
        }
        position = (position + count) % length
    }

    /// The tensors that a checkpoint keeps.
    func state() throws -> [(key: String, tensor: Tensor)] {
        [("queue.keys", keys), ("queue.position", try Tensor(Int64(position)))]
    }

    /// Restores the tensors that a checkpoint kept.
    ///
    /// - Throws: `StateError.mismatch` if tensors are missing or have another shape.
    mutating func load(_ state: [(key: String, tensor: Tensor)]) throws {
        let given = Dictionary(state.map { ($0.key, $0.tensor) }, uniquingKeysWith: { $1 })
        guard let saved = given["queue.keys"], let place = given["queue.position"] else {
            throw StateError.mismatch(missing: ["queue.keys", "queue.position"], unexpected: [], misshapen: [])
        }
        guard saved.shape == keys.shape else {
            throw StateError.mismatch(
                missing: [], unexpected: [],
                misshapen: [.init(key: "queue.keys", expected: keys.shape, found: saved.shape)])
        }
        try withoutGradients { try keys.copyInPlace(from: saved) }
        position = max(0, try place.integer()) % length
    }
}
