import Networks
import Torch

/// The Euclidean norm of the gradient of the batch's cross-entropy, for each learned tensor, summed over the tensors
/// (Abdelfattah et al., 2021, section 3.1).
public struct GradientNorm: ZeroCostProxy {
    /// The name in commands and in the columns of `proxies.csv`.
    public let name = "gradient-norm"
    /// A one-sentence description of the proxy for help texts.
    public let summary = "The norms of the gradients of the loss, one for each tensor, summed."
    /// The score is a sum over single weights and does not judge features.
    public let judgesFeatures = false

    /// Creates the proxy, which has no settings.
    public init() {}

    /// Computes the score of an untrained network; see ``ZeroCostProxy/score(_:)``.
    public func score(_ trial: ProxyTrial) throws -> Double {
        try Self.score(trial.network, trial.images, trial.labels)
    }

    /// Computes the score of a network.
    ///
    /// - Parameters:
    ///   - network: the network with its initial weights.
    ///   - images: the images [N, C, H, W].
    ///   - labels: the labels [N], int64.
    /// - Throws: `TorchError` if the images or labels do not fit.
    static func score(_ network: ImageNetwork, _ images: Tensor, _ labels: Tensor) throws -> Double {
        let loss = try network(images, .untrained).crossEntropy(labels)
        let derivatives = try gradients(of: loss, with: network.store.parameters.map(\.tensor))
        return try withoutGradients {
            // One number to be fetched: on a device each one waits.
            let norms = try derivatives.compactMap { try $0?.norm() }
            guard !norms.isEmpty else { return ProxyScore.lowest }
            return try ProxyScore.bounded(Tensor.stacked(norms).to(.float64).sum().item())
        }
    }
}
