import Torch

/// Multinomial logistic regression, fitted in closed steps: features are whitened, so that plain accelerated gradients
/// converge in a few dozen passes whatever the features' scales (Nesterov, 1983).
public struct LinearClassifierFit: FittedMap {
    /// [F]
    private let mean: Tensor
    /// The lower factor of the features' covariance, [F, F].
    private let factor: Tensor
    /// [F, classes]
    private let whiteWeight: Tensor
    /// [1, classes]
    private let whiteBias: Tensor
    /// What it was fitted to, [N, F] and [N, classes].
    private let fitted: (features: Tensor, targets: Tensor)

    /// How much is held back.
    private struct Regularization {
        /// Of the mean variance, added to every direction: features that never vary are no reason to fail.
        var ridge: Double
        /// Times the weights of whitened features.
        var decay: Double

        /// To tell classes apart as well as the features do.
        static let evaluation = Regularization(ridge: 1e-3, decay: 1e-3)
        /// To learn on from: weights of the size that a head has which learned together with its features. Directions in
        /// which features hardly vary would get large weights otherwise, and through those large gradients.
        static let head = Regularization(ridge: 1, decay: 1e-2)
    }

    private enum Constant {
        static let passes = 60
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
        try self.init(features, targets: targets, .evaluation)
    }

    private init(_ features: Tensor, targets: Tensor, _ regularization: Regularization) throws {
        fitted = (features, targets)
        let classes = targets.size(1)
        let count = Double(features.size(0))
        let mean = try features.mean([0], keep: true)
        let centred = try features - mean
        let covariance = try centred.transposed(0, 1).matrixProduct(centred) / count
        let width = features.size(1)
        let identity = try Tensor.identity(width, device: features.device)
        let scale = try (covariance * identity).sum().item() / Double(width)
        factor = try (covariance + identity * max(regularization.ridge * scale, 1e-12)).cholesky()
        self.mean = mean
        let whitened = try Self.whiten(centred, factor)
        var weight = try Tensor.zeros([width, classes], device: features.device)
        var bias = try Tensor.zeros([1, classes], device: features.device)
        var (pastWeight, pastBias) = (weight, bias)
        let step = 1 / (Constant.curvature + regularization.decay)
        for pass in 0..<Constant.passes {
            let momentum = Double(pass) / Double(pass + 3)
            let aheadWeight = try weight + (weight - pastWeight) * momentum
            let aheadBias = try bias + (bias - pastBias) * momentum
            let wrong = try ((whitened.matrixProduct(aheadWeight) + aheadBias).softmax(1) - targets) / count
            (pastWeight, pastBias) = (weight, bias)
            let slope = try whitened.transposed(0, 1).matrixProduct(wrong) + aheadWeight * regularization.decay
            weight = try aheadWeight - slope * step
            bias = try aheadBias - wrong.sum([0], keep: true) * step
        }
        (whiteWeight, whiteBias) = (weight, bias)
    }

    /// Logits: [N, F] to [N, classes].
    public func outputs(_ features: Tensor) throws -> Tensor {
        try Self.whiten(features - mean, factor).matrixProduct(whiteWeight) + whiteBias
    }

    /// For features as they come, [classes, F].
    private func weight() throws -> Tensor {
        // Whitening is a product with the inverse factor, transposed.
        try factor.transposed(0, 1).solved(whiteWeight).transposed(0, 1).contiguous()
    }

    /// For features as they come, [classes].
    private func bias() throws -> Tensor {
        try (whiteBias - Self.whiten(mean, factor).matrixProduct(whiteWeight)).reshaped([whiteBias.elementCount])
    }

    /// `weight` and `bias`, the keys of a matrix product, of a fit to the same whose weights are held small.
    public func headState() throws -> [(key: String, tensor: Tensor)] {
        try Self.headState(fittedTo: fitted.features, targets: fitted.targets)
    }

    /// The same without a fit for evaluation: [N, F] and [N, classes], as for `init`.
    static func headState(fittedTo features: Tensor, targets: Tensor) throws -> [(key: String, tensor: Tensor)] {
        let head = try Self(features, targets: targets, .head)
        return [("weight", try head.weight()), ("bias", try head.bias())]
    }

    private static func whiten(_ centred: Tensor, _ factor: Tensor) throws -> Tensor {
        try factor.solved(centred.transposed(0, 1)).transposed(0, 1)
    }
}
