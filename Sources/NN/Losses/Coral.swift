import Torch

/// CORAL (Sun and Saenko, "Deep CORAL: Correlation Alignment for Deep Domain Adaptation", 2016, equation 1): how far
/// the covariances of two domains' features are apart, ||C_source - C_target||^2 / (4 F^2) in Frobenius' norm. Shifts
/// of either domain leave it as it is.
///
/// - Parameters:
///   - source: [N, F], N at least 2.
///   - target: [M, F], M at least 2.
/// - Returns: a scalar, float32, whatever the precision of the scope.
/// - Throws: `TorchError` for other shapes.
public func coralLoss(_ source: Tensor, _ target: Tensor) throws -> Tensor {
    try checkDomains("coralLoss", source, target, rows: 2)
    let difference = try covariance(source) - covariance(target)
    let features = Double(source.size(1))
    return try (difference * difference).sum() / (4 * features * features)
}

/// [N, F] to the unbiased covariance of the columns, [F, F].
private func covariance(_ features: Tensor) throws -> Tensor {
    let features = try features.to(.float32)
    let centred = try features - features.mean([0], keep: true)
    // In bfloat16 the difference of two covariances would be mostly rounding.
    return try withPrecision(.float32, on: features.device) {
        try centred.transposed().matrixProduct(centred) / Double(features.size(0) - 1)
    }
}
