import Foundation
import NN
import Networks
import Torch

/// The synaptic flow: the logarithm of the sum over all weights of |w dR/dw|, where R is the sum of the outputs for an
/// image of ones and all parameters are taken by magnitude (Tanaka et al., 2020, equation 2).
///
/// As in Abdelfattah et al. (2021), the sum goes over kernels and matrices, and batch norms are out of the way. With
/// float64 it holds up to e^709 and saturates there, which takes several hundred layers; a network of float32 would
/// stop at e^88.
public struct SynapticFlow: ZeroCostProxy {
    /// The name in commands and in the columns of `proxies.csv`.
    public let name = "synflow"
    /// A one-sentence description of the proxy for help texts.
    public let summary = "How much of all weights together reaches the outputs; it sees no images but their size."
    /// The network computes in float64, as the activations of the synaptic flow grow with every layer and float32 ends
    /// at 1e38.
    public let dtype = DType.float64
    /// The score is a sum over single weights and does not judge features.
    public let judgesFeatures = false

    /// Creates the proxy, which has no settings.
    public init() {}

    /// Computes the score of an untrained network; see ``ZeroCostProxy/score(_:)``.
    public func score(_ trial: ProxyTrial) throws -> Double {
        try Self.score(trial.network, imageShape: Array(trial.images.shape.dropFirst()))
    }

    /// Computes the score of a network.
    ///
    /// - Parameters:
    ///   - network: an untrained network, whose parameters are changed.
    ///   - imageShape: the shape [C, H, W] of an image.
    /// - Throws: `TorchError` if the images do not fit.
    static func score(_ network: ImageNetwork, imageShape: [Int]) throws -> Double {
        let store = network.store
        try withoutGradients {
            for parameter in store.parameters { try parameter.tensor.copyInPlace(from: parameter.tensor.absolute()) }
            for norm in store.batchNorms {
                try norm.reset()
                // Together with what batch norm adds to it, a variance of one: the identity, to the last digits.
                try norm.runningVariance.fillInPlace(1 - BatchNorm2d.defaultEpsilon)
            }
        }
        let ones = try Tensor.ones([1] + imageShape, dtype: store.dtype, device: store.device)
        let weights = store.parameters.map(\.tensor).filter { $0.rank > 1 }
        let derivatives = try gradients(of: network(ones, .evaluation).sum(), with: weights)
        let flow = try withoutGradients {
            try zip(weights, derivatives).reduce(0.0) { sum, pair in
                guard let derivative = pair.1 else { return sum }
                return try sum + (pair.0 * derivative).to(.float64).absolute().sum().item()
            }
        }
        return ProxyScore.bounded(log(flow.isFinite ? flow : .greatestFiniteMagnitude))
    }
}
