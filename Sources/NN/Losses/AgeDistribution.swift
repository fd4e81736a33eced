import Torch

/// The ages that classes stand for: class k is the age of k years, 0...A.
///
/// - Returns: [A + 1], float32.
private func classAges(of logits: Tensor) throws -> Tensor {
    try Tensor.range(to: logits.size(1), device: logits.device).to(.float32)
}

/// The expected value of the age under a softmax over the classes 0...A, in years (Rothe et al., "DEX: Deep EXpectation
/// of apparent age", 2015).
///
/// - Parameter logits: [N, A + 1]; class k is the age of k years.
/// - Returns: [N], float32, each in 0...A.
/// - Throws: `TorchError` for other shapes.
public func expectedAge(_ logits: Tensor) throws -> Tensor {
    try logits.checkFeatures("expectedAge")
    return try (logits.to(.float32).softmax(1) * classAges(of: logits)).sum([1])
}

/// Ages as distributions over the classes 0...A, for learning from the neighbouring ages too (Geng, "Label distribution
/// learning", 2016): a Gaussian around the age, taken at each class and normalised to the sum 1. An age beyond A gives
/// the distribution that is heaped on A.
///
/// - Parameters:
///   - ages: [N], in years; integers or not.
///   - classes: A + 1.
///   - deviation: of the Gaussian, in years, above 0.
/// - Returns: [N, A + 1], float32.
/// - Throws: `TorchError` for other shapes, or a deviation that is not above 0.
public func ageDistributions(_ ages: Tensor, classes: Int, deviation: Double) throws -> Tensor {
    guard ages.rank == 1, classes >= 1, deviation > 0 else {
        throw TorchError(
            .invalidArgument, operation: "ageDistributions", shapes: [ages.shape],
            message: "ages must be [N], classes (=\(classes)) at least 1, and the deviation (=\(deviation)) above 0")
    }
    let years = try Tensor.range(to: classes, device: ages.device).to(.float32)
    let difference = try (years - ages.to(.float32).unsqueezed(1)) / deviation  // [N, A + 1]
    // A softmax, since far from every class the densities themselves would all be 0.
    return try (difference * difference * -0.5).softmax(1)
}

/// The loss of an age that is learned as a distribution and read as an expected value (Gao et al., "Age Estimation
/// Using Expectation of Label Distribution Learning", 2018): the cross-entropy with a Gaussian around the age, plus the
/// weighted error of the expected age. The paper's divergence differs from the cross-entropy by what does not depend on
/// the logits.
///
/// - Parameters:
///   - logits: [N, A + 1]; class k is the age of k years.
///   - ages: [N], in years; integers or not.
///   - deviation: of the Gaussian, in years, above 0.
///   - weight: of |expected age - age|, the mean absolute error in years.
/// - Returns: the mean over the batch, float32.
/// - Throws: `TorchError` for other shapes, or a deviation that is not above 0.
public func ageDistributionLoss(
    _ logits: Tensor, ages: Tensor, deviation: Double = 2, weight: Double = 1
) throws -> Tensor {
    try checkAges("ageDistributionLoss", logits, ages)
    let targets = try ageDistributions(ages, classes: logits.size(1), deviation: deviation)
    let error = try (expectedAge(logits) - ages.to(.float32)).absolute().mean()
    return try logits.to(.float32).crossEntropy(targets) + error * weight
}

/// The mean-variance loss (Pan et al., "Mean-Variance Loss for Deep Age Estimation from a Face", 2018): cross-entropy,
/// plus half the squared error of the distribution's mean, plus its variance, so that it is narrow and around the age.
///
/// - Parameters:
///   - logits: [N, A + 1]; class k is the age of k years.
///   - ages: [N], in years. The cross-entropy is that of the nearest class.
///   - meanWeight: of half the squared error of the mean; 0.2 is the paper's.
///   - varianceWeight: of the variance; 0.05 is the paper's.
/// - Returns: the mean over the batch, float32.
/// - Throws: `TorchError` for other shapes.
public func meanVarianceLoss(
    _ logits: Tensor, ages: Tensor, meanWeight: Double = 0.2, varianceWeight: Double = 0.05
) throws -> Tensor {
    try checkAges("meanVarianceLoss", logits, ages)
    let logits = try logits.to(.float32)
    let shares = try logits.softmax(1)
    let years = try classAges(of: logits)
    let mean = try (shares * years).sum([1], keep: true)  // [N, 1]
    let deviations = try years - mean  // [N, A + 1]
    let variance = try (shares * deviations * deviations).sum([1])  // [N]
    let error = try mean.squeezed(1) - ages.to(.float32)
    let classes = try ages.to(.float32).rounded().clamped(min: 0, max: Double(logits.size(1) - 1)).to(.int64)
    return try logits.crossEntropy(classes) + (error * error).mean() * (meanWeight / 2)
        + variance.mean() * varianceWeight
}

/// - Throws: `TorchError` unless there is one age for each row of logits.
private func checkAges(_ operation: String, _ logits: Tensor, _ ages: Tensor) throws {
    guard logits.rank == 2, logits.size(0) >= 1, logits.size(1) >= 1, ages.shape == [logits.size(0)] else {
        throw TorchError(
            .invalidArgument, operation: operation, shapes: [logits.shape, ages.shape],
            message: "logits must be [N, A + 1] and ages [N]")
    }
}
