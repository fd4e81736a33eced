import NN
import Torch

/// A map from frozen features to embeddings, whitened by the scatter within identities, so that differences between
/// cameras count less. A head for fine-tuning starts from normalised features and a classifier that was fitted to them,
/// as a neck scales each feature separately.
struct EmbeddingMap: FittedMap {
    private let whitening: WithinClassWhitening
    /// The features of the fit, [M, F].
    private let features: Tensor
    /// The identities of the fit, [M].
    private let labels: Tensor
    private let identities: Int

    /// Fits the map to features with their identities.
    ///
    /// - Parameters:
    ///   - features: the features [M, F], float32.
    ///   - labels: the identities [M], int64.
    ///   - identities: the number of identities that the head distinguishes.
    /// - Throws: `TorchError`.
    init(_ features: Tensor, labels: Tensor, identities: Int) throws {
        whitening = try WithinClassWhitening(features, labels: labels)
        (self.features, self.labels, self.identities) = (features, labels, identities)
    }

    func outputs(_ features: Tensor) throws -> Tensor { try whitening(features) }

    func headState() throws -> [(key: String, tensor: Tensor)] {
        let (mean, variance) = (try features.mean([0]), try features.variance([0]))
        let normalized = try (features - mean) / (variance + BatchNorm2d.defaultEpsilon).squareRoot()
        let fitted = try LinearClassifierFit.headState(
            fittedTo: normalized, targets: labels.oneHot(identities).to(.float32))
        return [("neck.running_mean", mean), ("neck.running_var", variance)]
            + fitted.filter { $0.key == "weight" }.map { ("classifier." + $0.key, $0.tensor) }
    }
}

/// A linear map that whitens the scatter within classes, so that directions in which images of one class differ much
/// count little (Fisher, "The use of multiple measurements in taxonomic problems", 1936).
struct WithinClassWhitening {
    /// The mean of the features, [1, F].
    private let mean: Tensor
    /// The lower Cholesky factor of the covariance within classes, [F, F].
    private let factor: Tensor

    /// The share of the mean variance that is added to every direction, as few images leave most directions
    /// undetermined.
    private static let ridge = 0.1

    /// Fits the map to labelled features.
    ///
    /// - Parameters:
    ///   - features: the features [N, F], float32.
    ///   - labels: the labels [N].
    /// - Throws: `TorchError`.
    init(_ features: Tensor, labels: Tensor) throws {
        let classes = try labels.array(Int.self).reduce(0, max) + 1
        let members = try labels.oneHot(classes).to(.float32)  // [N, classes]
        let counts = try members.sum([0]).clamped(min: 1).reshaped([classes, 1])
        let means = try members.transposed(0, 1).matrixProduct(features) / counts
        let centred = try features - members.matrixProduct(means)
        let covariance = try centred.transposed(0, 1).matrixProduct(centred) / Double(features.size(0))
        let identity = try Tensor.identity(features.size(1), device: features.device)
        let scale = try (covariance * identity).sum().item() / Double(features.size(1))
        factor = try (covariance + identity * max(Self.ridge * scale, 1e-12)).cholesky()
        mean = try features.mean([0], keep: true)
    }

    /// Whitens features [N, F].
    func callAsFunction(_ features: Tensor) throws -> Tensor {
        try factor.solved((features - mean).transposed(0, 1)).transposed(0, 1)
    }
}
