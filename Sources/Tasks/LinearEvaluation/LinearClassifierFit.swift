import Torch

/// Multinomial logistic regression, fitted in closed steps: features are whitened, so that plain accelerated gradients
/// converge in a few dozen passes whatever the features' scales (Nesterov, 1983).
public struct LinearClassifierFit {
    /// [F]
    private let mean: Tensor
    /// The lower factor of the features' covariance, [F, F].
    private let factor: Tensor
    /// [F, classes]
    private let weight: Tensor
    /// [classes]
    private let bias: Tensor

    private enum Constant {
        static let passes = 60
        /// Of the mean variance, added to every direction: features that never vary are no reason to fail.
        static let ridge = 1e-3
        /// Times the weights of whitened features.
        static let decay = 1e-3
        /// The largest curvature of the cross-entropy over whitened features and a bias (Böhning, 1992).
        static let curvature = 0.5
    }

    /// - Parameters:
    ///   - features: [N, F], float32.
    ///   - labels: [N].
    ///   - classes: how many there are.
    /// - Throws: `TorchError`.
    public init(_ features: Tensor, labels: Tensor, classes: Int) throws {
        try self.init(features, targets: labels.oneHot(classes).to(.float32))
    }

    /// - Parameters:
    ///   - features: [N, F], float32.
    ///   - targets: [N, classes], float32; each row sums to 1.
    /// - Throws: `TorchError`.
    public init(_ features: Tensor, targets: Tensor) throws {
        let classes = targets.size(1)
        let count = Double(features.size(0))
        let mean = try features.mean([0], keep: true)
        let centred = try features - mean
        let covariance = try centred.transposed(0, 1).matrixProduct(centred) / count
        let width = features.size(1)
        let identity = try Tensor.identity(width, device: features.device)
        let scale = try (covariance * identity).sum().item() / Double(width)
        factor = try (covariance + identity * max(Constant.ridge * scale, 1e-12)).cholesky()
        self.mean = mean
        let whitened = try Self.whiten(centred, factor)
        var weight = try Tensor.zeros([width, classes], device: features.device)
        var bias = try Tensor.zeros([1, classes], device: features.device)
        var (pastWeight, pastBias) = (weight, bias)
        let step = 1 / (Constant.curvature + Constant.decay)
        for pass in 0..<Constant.passes {
            let momentum = Double(pass) / Double(pass + 3)
            let aheadWeight = try weight + (weight - pastWeight) * momentum
            let aheadBias = try bias + (bias - pastBias) * momentum
            let wrong = try ((whitened.matrixProduct(aheadWeight) + aheadBias).softmax(1) - targets) / count
            (pastWeight, pastBias) = (weight, bias)
            let slope = try whitened.transposed(0, 1).matrixProduct(wrong) + aheadWeight * Constant.decay
            weight = try aheadWeight - slope * step
            bias = try aheadBias - wrong.sum([0], keep: true) * step
        }
        (self.weight, self.bias) = (weight, bias)
    }

    /// [N, F] to [N, classes].
    public func logits(_ features: Tensor) throws -> Tensor {
        try Self.whiten(features - mean, factor).matrixProduct(weight) + bias
    }

    private static func whiten(_ centred: Tensor, _ factor: Tensor) throws -> Tensor {
        try factor.solved(centred.transposed(0, 1)).transposed(0, 1)
    }
}
