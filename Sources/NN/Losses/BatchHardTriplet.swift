import Torch

private let softplus = Operator("aten::softplus")

/// How far a negative must be beyond a positive, in units of the features.
public enum TripletMargin: Sendable, Hashable {
    /// max(0, margin + positive - negative): nothing is left to learn from a triplet that keeps the margin.
    case hard(Double)
    /// log(1 + exp(positive - negative)): there is always a little to gain.
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
