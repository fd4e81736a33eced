import Torch

/// A linear map that was fitted to frozen features, to compare features without training them (linear evaluation: G.
/// Wang et al., "Joint Learning of Neural Transfer and Architecture Adaptation for Image Recognition", 2021).
public protocol FittedMap {
    /// Computes outputs [N, K], float32, like those of the task's head, of features [N, F], float32.
    func outputs(_ features: Tensor) throws -> Tensor
    /// The tensors, by key, with which a new head of the task starts when the features are then fine-tuned; tensors
    /// that are not named start from initial values. A fitted head keeps features from being distorted by a random one
    /// (Kumar et al., "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution", 2022).
    func headState() throws -> [(key: String, tensor: Tensor)]
}

/// Several maps of the same features, whose outputs are concatenated.
struct MapsSideBySide: FittedMap {
    let maps: [LinearClassifierFit]

    func outputs(_ features: Tensor) throws -> Tensor {
        try .concatenated(maps.map { try $0.outputs(features) }, dimension: 1)
    }

    func headState() throws -> [(key: String, tensor: Tensor)] {
        let states = try maps.map { try $0.headState() }
        return try (states.first ?? []).indices.map { place in
            (states[0][place].key, try .concatenated(states.map { $0[place].tensor }))
        }
    }
}

/// A map for the case that there is nothing to fit to, whose outputs are zeros.
struct UnfittedMap: FittedMap {
    /// The number of outputs K.
    let width: Int

    func outputs(_ features: Tensor) throws -> Tensor {
        try .zeros([features.size(0), width], device: features.device)
    }

    func headState() throws -> [(key: String, tensor: Tensor)] { [] }
}

/// Multinomial logistic regression by accelerated gradient descent on whitened features, which converges in a few dozen
/// passes whatever the scales of the features (Nesterov, 1983).
public struct LinearClassifierFit: FittedMap {
    /// The mean of the features, [1, F].
    private let mean: Tensor
    /// The lower Cholesky factor of the features' covariance, [F, F].
    private let factor: Tensor
    /// The weights for whitened features, [F, classes].
    private let whiteWeight: Tensor
    /// The bias, [1, classes].
    private let whiteBias: Tensor
    /// The features [N, F] and targets [N, classes] of the fit.
    private let fitted: (features: Tensor, targets: Tensor)

    /// The strength of the regularisation.
    private struct Regularization {
        /// The share of the mean variance that is added to every direction, so that constant features do not fail.
        var ridge: Double
        /// The weight decay of the weights for whitened features.
        var decay: Double

        /// Weak regularisation, to measure how well the features separate classes.
        static let evaluation = Regularization(ridge: 1e-3, decay: 1e-3)
        /// Strong regularisation, for a head that fine-tuning starts from: weights as large as those of a head that was
        /// trained together with its features. Otherwise directions in which features hardly vary would get large
        /// weights, and with them large gradients.
        static let head = Regularization(ridge: 1, decay: 1e-2)
    }

    private enum Constant {
        static let passes = 60
        /// The largest curvature of the cross-entropy over whitened features and a bias (Böhning, 1992).
        static let curvature = 0.5
    }

    /// Fits a classifier to labelled features.
    ///
    /// - Parameters:
    ///   - features: the features [N, F], float32.
    ///   - labels: the labels [N].
    ///   - classes: the number of classes.
    /// - Throws: `TorchError`.
    public init(_ features: Tensor, labels: Tensor, classes: Int) throws {
        try self.init(features, targets: labels.oneHot(classes).to(.float32))
    }

    /// Fits a classifier to features with class probabilities.
    ///
    /// - Parameters:
    ///   - features: the features [N, F], float32.
    ///   - targets: class probabilities [N, classes], float32, whose rows sum to 1.
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

    /// Computes logits [N, classes] of features [N, F].
    public func outputs(_ features: Tensor) throws -> Tensor {
        try Self.whiten(features - mean, factor).matrixProduct(whiteWeight) + whiteBias
    }

    /// The weights for features that are not whitened, [classes, F].
    private func weight() throws -> Tensor {
        // Whitening is a product with the inverse factor, transposed.
        try factor.transposed(0, 1).solved(whiteWeight).transposed(0, 1).contiguous()
    }

    /// The bias for features that are not whitened, [classes].
    private func bias() throws -> Tensor {
        try (whiteBias - Self.whiten(mean, factor).matrixProduct(whiteWeight)).reshaped([whiteBias.elementCount])
    }

    /// The tensors `weight` and `bias` of a second fit to the same data with strong regularisation.
    public func headState() throws -> [(key: String, tensor: Tensor)] {
        try Self.headState(fittedTo: fitted.features, targets: fitted.targets)
    }

    /// The tensors `weight` and `bias` of a fit with strong regularisation to features [N, F] and targets [N, classes].
    static func headState(fittedTo features: Tensor, targets: Tensor) throws -> [(key: String, tensor: Tensor)] {
        let head = try Self(features, targets: targets, .head)
        return [("weight", try head.weight()), ("bias", try head.bias())]
    }

    private static func whiten(_ centred: Tensor, _ factor: Tensor) throws -> Tensor {
        try factor.solved(centred.transposed(0, 1)).transposed(0, 1)
    }
}
