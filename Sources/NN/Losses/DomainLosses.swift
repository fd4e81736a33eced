import Foundation
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

/// Computes the unbiased covariance of the columns, [N, F] to [F, F].
private func covariance(_ features: Tensor) throws -> Tensor {
    let features = try features.to(.float32)
    let centred = try features - features.mean([0], keep: true)
    // In bfloat16 the difference of two covariances would be mostly rounding.
    return try withPrecision(.float32, on: features.device) {
        try centred.transposed().matrixProduct(centred) / Double(features.size(0) - 1)
    }
}

/// The estimators of the maximum mean discrepancy of two samples (Gretton et al., "A Kernel Two-Sample Test", 2012).
public enum MMDEstimate: String, Sendable, Codable, CaseIterable {
    /// All pairs, each row with itself included. Never below 0 but for rounding, and 0 between a set and itself.
    case biased
    /// Leaves out the pairs of a row with itself. Unbiased, and so below 0 for some samples.
    case unbiased
}

/// The squared maximum mean discrepancy of two domains' features under a mixture of Gaussian kernels (Long et al.,
/// "Learning Transferable Features with Deep Adaptation Networks", 2015): 0 for equal distributions.
///
/// The kernel is the mean, with equal weights, of exp(-||x - y||^2 / b) over the bandwidths b = 2^-2, 2^-1, 1, 2, 2^2
/// times the mean squared distance of two different rows of both domains together. That mean is taken as a constant: no
/// gradient flows through it.
///
/// - Parameters:
///   - source: [N, F], N at least 2.
///   - target: [M, F], M at least 2.
///   - estimate: biased or unbiased.
/// - Returns: a scalar, float32.
/// - Throws: `TorchError` for other shapes.
public func multiKernelMMD(_ source: Tensor, _ target: Tensor, estimate: MMDEstimate = .biased) throws -> Tensor {
    try checkDomains("multiKernelMMD", source, target, rows: 2)
    let (n, m) = (source.size(0), target.size(0))
    let all = try Tensor.concatenated([source.to(.float32), target.to(.float32)])  // [N + M, F]
    let distances = try all.distances(to: all)
    let squares = try distances * distances
    // Above 0, so that rows that are all equal give 0 rather than 0 / 0.
    let mean = try (squares.detached().sum() / Double((n + m) * (n + m - 1))).clamped(min: 1e-30)
    let scaled = try squares / mean
    var kernel = try Tensor.zeros(like: scaled)
    for bandwidth in [0.25, 0.5, 1, 2, 4] { kernel = try kernel + (scaled / -bandwidth).exponential() / 5 }

    if estimate == .unbiased {
        kernel = try kernel.masked(.identity(n + m, dtype: .bool, device: kernel.device), with: 0)
    }
    func pairs(_ count: Int) -> Double { Double(count * (estimate == .biased ? count : count - 1)) }
    let (top, bottom) = (try kernel[0..<n], try kernel[n..<(n + m)])
    let withinSource = try top.slice(0..<n, dimension: 1).sum() / pairs(n)
    let withinTarget = try bottom.slice(n..<(n + m), dimension: 1).sum() / pairs(m)
    let between = try top.slice(n..<(n + m), dimension: 1).sum() / Double(n * m)
    return try withinSource + withinTarget - between * 2
}

extension Tensor {
    /// Gradient reversal (Ganin and Lempitsky, "Unsupervised Domain Adaptation by Backpropagation", 2015): what comes
    /// after learns to tell the domains apart, what comes before learns that they cannot be told apart.
    ///
    /// - Parameter strength: lambda; `reversalStrength` is its usual schedule.
    /// - Returns: the same values; on the way back, the gradient times -`strength`.
    public func gradientReversed(_ strength: Double) throws -> Tensor {
        let values = try detached()
        // The difference is 0 in value, and has the gradient -1.
        return try values + (values - self) * strength
    }
}

/// The usual strength of gradient reversal in the course of training, 2 / (1 + exp(-10 p)) - 1, which keeps out the
/// noise of a discriminator that has not learned yet (Ganin et al., "Domain-Adversarial Training of Neural Networks",
/// 2016).
///
/// - Parameters:
///   - progress: p, from 0 at the first step to 1 at the last; values beyond are taken as the nearer end.
///   - steepness: the speed of its growth; 10 is the paper's.
/// - Returns: 0 at the start, close to 1 at the end.
public func reversalStrength(progress: Double, steepness: Double = 10) -> Double {
    2 / (1 + exp(-steepness * min(max(progress, 0), 1))) - 1
}

/// Checks the shapes of two domains' features.
///
/// - Throws: `TorchError` unless both are matrices of equally many features and of at least `rows` rows each.
private func checkDomains(_ operation: String, _ source: Tensor, _ target: Tensor, rows: Int) throws {
    try source.checkFeatures(operation, rows: rows)
    try target.checkFeatures(operation, rows: rows)
    guard source.size(1) == target.size(1) else {
        throw TorchError(
            .invalidArgument, operation: operation, shapes: [source.shape, target.shape],
            message: "source and target must have equally many features")
    }
}
