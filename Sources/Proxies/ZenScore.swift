import Foundation
import NN
import Networks
import Support
import Torch

/// The Zen-score: log(delta) + sum(log sigma) (Lin et al., "Zen-NAS", ICCV 2021, algorithm 1). Weights are standard
/// normal; delta is how much the features before the global pooling change when 0.01 of another standard normal image
/// is added to the input: absolute differences, summed over an image's features, their mean over the images, as in the
/// paper's code. sigma is, for each batch norm, the root of the mean over its channels of the batch's variance.
/// Residual connections stay.
public struct ZenScore: ZeroCostProxy {
    /// The name in commands and in the columns of `proxies.csv`.
    public let name = "zen"
    /// A one-sentence description of the proxy for help texts.
    public let summary =
        "How much features change with the input in spite of batch norm; it sees no images but their number and size."

    /// Creates the proxy, which has no settings.
    public init() {}

    /// Computes the score of an untrained network; see ``ZeroCostProxy/score(_:)``.
    public func score(_ trial: ProxyTrial) throws -> Double {
        try Self.score(trial.network, imageShape: trial.images.shape, seed: trial.seed)
    }

    static let perturbation = 0.01
    /// The number of draws of weights and noise that the score is averaged over.
    static let draws = 4

    /// Computes the mean score over several draws of weights and noise.
    ///
    /// - Parameters:
    ///   - network: the network, whose weights are changed.
    ///   - imageShape: the shape [N, C, H, W] of the noise.
    ///   - seed: the seed of the weights and the noise.
    /// - Returns: `ProxyScore.lowest` where the features do not depend on the input.
    /// - Throws: `TorchError` if the images do not fit.
    static func score(_ network: ImageNetwork, imageShape: [Int], seed: UInt64) throws -> Double {
        let store = network.store
        // Drawn on the CPU whatever the device, as the store does.
        var stream = SeededGenerator(seed: seed, RandomStream.zenScore)
        let generator = try Generator(seed: stream.next())
        // It is noise, of which there may be two images where the batch has one: that by itself has no variance.
        let shape = [max(imageShape[0], 2)] + imageShape.dropFirst()
        func noise() throws -> Tensor { try Tensor.normal(shape, using: generator).to(store.device) }
        return try withoutGradients {
            var sum = 0.0
            for _ in 0..<draws {
                try redraw(store, using: generator)
                sum += try score(network, noise(), perturbed: noise())
            }
            return ProxyScore.bounded(sum / Double(draws))
        }
    }

    /// Computes the score for the given weights and images, without bounding it.
    ///
    /// - Parameters:
    ///   - network: the network, whose running statistics are changed.
    ///   - images: standard normal images [N, C, H, W].
    ///   - noise: standard normal noise [N, C, H, W] that is added to the images.
    /// - Throws: `TorchError` if the images do not fit.
    static func score(_ network: ImageNetwork, _ images: Tensor, perturbed noise: Tensor) throws -> Double {
        try withoutGradients {
            // The running variances become those of this batch alone.
            let before = try features(network, images, Mode(batchNorm: .recalibrating(batch: 0)))
            let variances = try network.store.batchNorms.map { try $0.runningVariance.mean().item() }
            let after = try features(network, images + noise * perturbation, .untrained)
            let change = try (after - before).to(.float64).absolute().sum().item() / Double(images.size(0))
            // A batch norm that only zeros reach scales nothing.
            return log(change) + variances.filter { $0 > 0 }.reduce(0) { $0 + log($1) / 2 }
        }
    }

    /// Draws standard normal kernels and matrices, sets biases to 0 and resets batch norms.
    static func redraw(_ store: ParameterStore, using generator: Generator) throws {
        try withoutGradients {
            for parameter in store.parameters {
                if parameter.tensor.rank > 1 {
                    try parameter.tensor.copyInPlace(from: .normal(parameter.tensor.shape, using: generator))
                } else {
                    try parameter.tensor.fillInPlace(0)
                }
            }
            for norm in store.batchNorms { try norm.reset() }
        }
    }

    /// The input of the last global pooling; the result of the backbone where there is none.
    private static func features(_ network: ImageNetwork, _ images: Tensor, _ mode: Mode) throws -> Tensor {
        var last: Tensor?
        let result = try network.features(images, mode) { event in
            if case .pooling(let x) = event { last = x }
        }
        return last ?? result
    }
}
