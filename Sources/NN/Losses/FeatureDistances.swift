import Torch

private let pairwiseDistance = Operator("aten::cdist")

extension Tensor {
    /// Euclidean distances from each row of `self`, [N, F], to each of `other`, [M, F]: [N, M], float32.
    ///
    /// They are taken from differences rather than from a matrix product, so that the distance of equal rows is exactly
    /// 0. There the gradient, which a square root would make infinite, is 0.
    func distances(to other: Tensor) throws -> Tensor {
        // Mode 2 is PyTorch's `donot_use_mm_for_euclid_dist`.
        try pairwiseDistance(.tensor(to(.float32)), .tensor(other.to(.float32)), .double(2), .int(2))
    }

    /// - Throws: `TorchError` unless this is a matrix of at least `rows` rows.
    func checkFeatures(_ operation: String, rows: Int = 1) throws {
        guard rank == 2, size(0) >= rows, size(1) >= 1 else {
            throw TorchError(
                .invalidArgument, operation: operation, shapes: [shape],
                message: "features must be [N, F] with N of at least \(rows) and F of at least 1")
        }
    }
}

/// - Throws: `TorchError` unless both are matrices of equally many features and of at least `rows` rows each.
func checkDomains(_ operation: String, _ source: Tensor, _ target: Tensor, rows: Int) throws {
    try source.checkFeatures(operation, rows: rows)
    try target.checkFeatures(operation, rows: rows)
    guard source.size(1) == target.size(1) else {
        throw TorchError(
            .invalidArgument, operation: operation, shapes: [source.shape, target.shape],
            message: "source and target must have equally many features")
    }
}
