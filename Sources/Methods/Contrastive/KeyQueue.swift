import NN
import Torch

/// The newest keys, which serve as negatives: a ring of columns (He et al., "Momentum Contrast", CVPR 2020).
public struct KeyQueue {
    /// [dimension, length]; unit columns at first.
    public let keys: Tensor
    /// Where the next keys go.
    public private(set) var position = 0

    /// - Parameters:
    ///   - dimension: length of a key.
    ///   - length: keys that are held.
    ///   - seed: of the random keys that it starts with.
    ///   - device: where it lies.
    /// - Throws: `TorchError` if dimension or length is not positive.
    public init(dimension: Int, length: Int, seed: UInt64, device: Device) throws {
        guard dimension > 0, length > 0 else {
            throw TorchError(
                .invalidArgument, operation: "KeyQueue",
                message: "dimension (=\(dimension)) and length (=\(length)) must be positive")
        }
        keys = try Tensor.normal([dimension, length], using: Generator(seed: seed)).normalized(0).to(device)
    }

    /// The number of keys that it holds.
    public var length: Int { keys.size(1) }

    /// Replaces the oldest keys.
    ///
    /// - Parameter batch: [N, dimension]; N must divide the length, so that a batch never wraps.
    /// - Throws: `TorchError` otherwise.
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

    /// What a checkpoint keeps.
    func state() throws -> [(key: String, tensor: Tensor)] {
        [("queue.keys", keys), ("queue.position", try Tensor(Int64(position)))]
    }

    /// Takes over what a checkpoint kept.
    ///
    /// - Throws: `StateError.mismatch` if it is not all there.
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
