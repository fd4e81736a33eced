import Torch

/// How the maximum mean discrepancy is estimated from two samples (Gretton et al., "A Kernel Two-Sample Test", 2012).
public enum MMDEstimate: String, Sendable, Codable, CaseIterable {
    /// All pairs, each row with itself included. Never below 0 but for rounding, and 0 between a set and itself.
    case biased
    /// No row with itself. Right on average over samples, and so below 0 for some.
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
