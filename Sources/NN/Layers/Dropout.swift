import Torch

extension Tensor {
    /// Sets elements to 0 with the given probability and scales the others so that the mean stays (Srivastava et al.,
    /// 2014). Nothing happens where the mode has no generator.
    ///
    /// - Throws: `TorchError` unless 0 <= probability < 1.
    public func dropped(_ probability: Double, _ mode: Mode) throws -> Tensor {
        try dropped(probability, mode, maskShape: shape)
    }

    /// As `dropped`, a whole sample at once: [N, ...] (stochastic depth, Huang et al., 2016).
    public func droppedBySample(_ probability: Double, _ mode: Mode) throws -> Tensor {
        try dropped(probability, mode, maskShape: [size(0)] + [Int](repeating: 1, count: rank - 1))
    }

    private func dropped(_ probability: Double, _ mode: Mode, maskShape: [Int]) throws -> Tensor {
        guard (0..<1).contains(probability) else {
            throw TorchError(
                .invalidArgument, operation: "dropout", shapes: [shape],
                message: "the probability must be at least 0 and less than 1, not \(probability)")
        }
        guard let generator = mode.dropout, probability > 0 else { return self }
        let keep = 1 - probability
        return try kept(where: .bernoulli(maskShape, probability: keep, dtype: dtype, using: generator), share: keep)
    }

    /// The elements where `mask` is 1 over the share of those that are kept, and 0 where it is 0.
    func kept(where mask: Tensor, share: Double) throws -> Tensor { try self * (mask / share) }
}
