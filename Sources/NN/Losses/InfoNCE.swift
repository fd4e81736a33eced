import Torch

/// The contrastive loss of van den Oord et al. (2018) as MoCo uses it (He et al., 2020, equation 1): the cross-entropy
/// of picking the positive key among it and the negatives.
///
/// - Parameters: those of `infoNCELogits`.
/// - Returns: the mean over the batch.
public func infoNCE(
    _ query: Tensor, positive: Tensor, negatives: Tensor, temperature: Double
) throws -> Tensor {
    try infoNCELogits(query, positive: positive, negatives: negatives, temperature: temperature)
        .crossEntropy(.zeros([query.size(0)], dtype: .int64, device: query.device))
}

/// What `infoNCE` chooses from: [N, 1 + K] similarities over the temperature, float32, the positive key at class 0.
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
