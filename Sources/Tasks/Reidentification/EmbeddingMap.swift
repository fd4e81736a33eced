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
