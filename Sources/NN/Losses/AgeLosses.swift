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
///   - deviation: the deviation of the Gaussian, in years, above 0.
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
///   - deviation: the deviation of the Gaussian, in years, above 0.
///   - weight: the weight of |expected age - age|, the mean absolute error in years.
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

/// Checks the shapes of a loss of ages.
///
/// - Throws: `TorchError` unless there is one age for each row of logits.
private func checkAges(_ operation: String, _ logits: Tensor, _ ages: Tensor) throws {
    guard logits.rank == 2, logits.size(0) >= 1, logits.size(1) >= 1, ages.shape == [logits.size(0)] else {
        throw TorchError(
            .invalidArgument, operation: operation, shapes: [logits.shape, ages.shape],
            message: "logits must be [N, A + 1] and ages [N]")
    }
}
