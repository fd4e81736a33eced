import Networks
import Torch

/// NASWOT: log|det K|, where K counts for each pair of images the ReLUs that are on for both or off for both (Mellor et
/// al., "Neural Architecture Search without Training", ICML 2021, equation 2).
public struct ActivationKernel: ZeroCostProxy {
    /// The name in commands and in the columns of `proxies.csv`.
    public let name = "naswot"
    /// A one-sentence description of the proxy for help texts.
    public let summary = "Measures how different the ReLU activation patterns of different images are (NASWOT)."

    /// Creates the proxy, which has no settings.
    public init() {}

    /// Computes the score of an untrained network; see ``ZeroCostProxy/score(_:)``.
    public func score(_ trial: ProxyTrial) throws -> Double {
        try Self.score(trial.network, trial.images)
    }

    /// Computes the score of a network.
    ///
    /// - Parameters:
    ///   - network: the network with its initial weights.
    ///   - images: the images [N, C, H, W].
    /// - Returns: `ProxyScore.lowest` where two images have one code, or there is no ReLU and no hard swish.
    /// - Throws: `TorchError` if the images do not fit.
    static func score(_ network: ImageNetwork, _ images: Tensor) throws -> Double {
        try withoutGradients {
            var kernel: Tensor?
            _ = try network.features(images, .untrained) { event in
                guard case .rectified(let y) = event else { return }
                let agreements = try agreements(of: y)
                kernel = try kernel.map { try $0 + agreements } ?? agreements
            }
            guard let kernel else { return ProxyScore.lowest }
            let results = try determinant.list(.tensor(kernel.to(.cpu)))
            guard results.count == 2, let logarithm = results[1] else {
                throw TorchError(.other, operation: determinant.name, message: "did not return two tensors")
            }
            return try ProxyScore.bounded(logarithm.item())
        }
    }

    /// c c^T + (1 - c)(1 - c)^T for the codes c, [N, D], of what a ReLU or a hard swish gave: [N, N], float64. The
    /// counts are exact for D up to 2^24.
    private static func agreements(of y: Tensor) throws -> Tensor {
        // The order of the codes does not matter: they are taken as they lie.
        let flat = y.rank == 4 && y.isContiguous(.channelsLast) ? try y.permuted([0, 2, 3, 1]) : y
        let codes = try flat.flattened(from: 1).isGreater(than: 0).to(.float32)
        let both = try codes.matrixProduct(codes.transposed()).to(.float64)
        let on = try codes.sum([1], keep: true).to(.float64)
        return try both * 2 - on - on.transposed() + Double(codes.size(1))
    }

    private static let determinant = Operator("aten::linalg_slogdet")
}
