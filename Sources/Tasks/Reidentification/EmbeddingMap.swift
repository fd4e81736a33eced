import NN
import Torch

/// Embeddings of frozen features: whitened by how the images of one identity differ, so that what changes between cameras
/// counts less. A head goes on from the plain normalised features and a classifier that was fitted to them, as a neck
/// scales every feature for itself.
struct EmbeddingMap: FittedMap {
    private let whitening: WithinClassWhitening
    /// [M, F]
    private let features: Tensor
    /// [M]
    private let labels: Tensor
    private let identities: Int

    /// - Parameters:
    ///   - features: [M, F], float32.
    ///   - labels: [M], int64.
    ///   - identities: that the head tells apart.
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
