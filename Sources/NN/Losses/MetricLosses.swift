import Torch

private let softplus = Operator("aten::softplus")
private let pairwiseDistance = Operator("aten::cdist")

/// The logits of InfoNCE, the contrastive loss of van den Oord et al. (2018) as MoCo uses it (He et al., 2020,
/// equation 1): [N, 1 + K] similarities over the temperature, float32, with the positive key at class 0. The loss is
/// their cross-entropy with class 0.
///
/// - Parameters:
///   - query: [N, D], unit length.
///   - positive: [N, D], unit length; row i belongs to query i.
///   - negatives: [D, K], a queue of keys in columns.
///   - temperature: divides the similarities.
public func infoNCELogits(
    _ query: Tensor, positive: Tensor, negatives: Tensor, temperature: Double
) throws -> Tensor {
    let match = try (query * positive).sum([1], keep: true)  // [N, 1]
    let others = try query.matrixProduct(negatives)  // [N, K]
    return try Tensor.concatenated([match, others], dimension: 1).to(.float32) / temperature
}

/// The margin by which a negative must be farther than a positive, in units of the features.
public enum TripletMargin: Sendable, Hashable {
    /// The loss max(0, margin + positive - negative): a triplet that keeps the margin has no gradient.
    case hard(Double)
    /// The loss log(1 + exp(positive - negative)): every triplet has a gradient.
    case soft
}

/// The batch-hard triplet loss of Hermans et al., "In Defense of the Triplet Loss for Person Re-Identification" (2017):
/// each row is held against the farthest one of its own identity and the nearest one of another. Rows at the same
/// distance share the gradient.
///
/// A row whose identity has no other row here, or that has no row of another identity, is left out. Where all are left
/// out the loss is 0, and so is its gradient.
///
/// - Parameters:
///   - features: [N, F]; compared by Euclidean distance as they are, not normalised.
///   - identities: [N], int64.
///   - margin: hard or soft; `.soft` is the paper's best.
/// - Returns: the mean over the rows that are not left out, float32. The paper has the sum; of the mean, the step does
///   not depend on the size of the batch.
/// - Throws: `TorchError` for other shapes.
public func batchHardTripletLoss(
    _ features: Tensor, identities: Tensor, margin: TripletMargin = .soft
) throws -> Tensor {
    try features.checkFeatures("batchHardTripletLoss")
    let count = features.size(0)
    guard identities.shape == [count] else {
        throw TorchError(
            .invalidArgument, operation: "batchHardTripletLoss", shapes: [features.shape, identities.shape],
            message: "there must be one identity for each row of features")
    }
    let distances = try features.distances(to: features)  // [N, N]
    let isSame = try identities.unsqueezed(1).equals(identities.unsqueezed(0))
    let isOther = try isSame.logicalNot()
    let isPositive = try isSame.logicalAnd(
        Tensor.identity(count, dtype: .bool, device: features.device).logicalNot())

    let positive = try distances.masked(isPositive.logicalNot(), with: 0).max([1])  // [N]
    let negative = try distances.masked(isSame, with: .infinity).min([1])  // [N], infinite without a negative
    let isTriplet = try isPositive.to(.float32).max([1]) * isOther.to(.float32).max([1])  // [N]

    let excess = try positive - negative
    let losses =
        switch margin {
        case .hard(let margin): try (excess + margin).relu()
        case .soft: try softplus(.tensor(excess))
        }
    return try (losses * isTriplet).sum() / isTriplet.sum().clamped(min: 1)
}

extension Tensor {
    /// Euclidean distances from each row of `self`, [N, F], to each of `other`, [M, F]: [N, M], float32.
    ///
    /// They are taken from differences rather than from a matrix product, so that the distance of equal rows is exactly
    /// 0. There the gradient, which a square root would make infinite, is 0.
    func distances(to other: Tensor) throws -> Tensor {
        // Mode 2 is PyTorch's `donot_use_mm_for_euclid_dist`.
        try pairwiseDistance(.tensor(to(.float32)), .tensor(other.to(.float32)), .double(2), .int(2))
    }

    /// Checks the shape of features.
    ///
    /// - Throws: `TorchError` unless this is a matrix of at least `rows` rows.
    func checkFeatures(_ operation: String, rows: Int = 1) throws {
        guard rank == 2, size(0) >= rows, size(1) >= 1 else {
            throw TorchError(
                .invalidArgument, operation: operation, shapes: [shape],
                message: "features must be [N, F] with N of at least \(rows) and F of at least 1")
        }
    }
}
