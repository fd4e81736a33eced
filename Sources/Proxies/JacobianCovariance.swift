import Networks
import Torch

/// -sum(log(v + k) + 1 / (v + k)) over the eigenvalues v of the correlations between the images' Jacobians, where the
/// Jacobian of an image is the gradient of the summed outputs with respect to it and k is 1e-5 (Mellor et al., 2020,
/// first version, section 3; Abdelfattah et al., 2021). The less they have in common, the higher.
///
/// As there, batch norms use the batch's statistics. Where one stands right before the global pooling, without a ReLU
/// between, the summed outputs are the same for any images: the Jacobians are rounding noise, and the score means
/// nothing.
public struct JacobianCovariance: ZeroCostProxy {
    /// The name in commands and in the columns of `proxies.csv`.
    public let name = "jacobian-covariance"
    /// A one-sentence description of the proxy for help texts.
    public let summary = "How differently the outputs respond to changes of different images."

    /// Creates the proxy, which has no settings.
    public init() {}

    /// Computes the score of an untrained network; see ``ZeroCostProxy/score(_:)``.
    public func score(_ trial: ProxyTrial) throws -> Double {
        try Self.score(trial.network, trial.images)
    }

    static let k = 1e-5

    /// Computes the score of a network.
    ///
    /// - Parameters:
    ///   - network: the network with its initial weights.
    ///   - images: the images [N, C, H, W].
    /// - Returns: `ProxyScore.lowest` where the outputs depend on no image, or on all pixels of one alike: there is no
    ///   correlation then.
    /// - Throws: `TorchError` if the images do not fit.
    static func score(_ network: ImageNetwork, _ images: Tensor) throws -> Double {
        let leaf = try images.detached().requireGradient()
        let outputs = try network(leaf, .untrained).sum()
        guard let jacobian = try gradients(of: outputs, with: [leaf])[0] else { return ProxyScore.lowest }
        return try withoutGradients {
            let rows = try jacobian.flattened(from: 1).to(.cpu).to(.float64)
            guard let correlations = try correlations(of: rows) else { return ProxyScore.lowest }
            let values = try eigenvalues(.tensor(correlations)).clamped(min: 0) + k
            return try ProxyScore.bounded(-(values.logarithm() + values.power(-1)).sum().item())
        }
    }

    /// The correlations of the rows of [N, D], as [N, N]; nil if a row is constant or not finite.
    private static func correlations(of rows: Tensor) throws -> Tensor? {
        let centred = try rows - rows.mean([1], keep: true)
        let norms = try centred.norm(dimensions: [1], keep: true)
        // A row of equal values may differ from its mean by rounding.
        let varied = try norms.isGreater(than: rows.norm(dimensions: [1], keep: true) * 1e-12)
        guard try varied.logicalAnd(norms.isFinite()).all().integer() != 0 else { return nil }
        let units = try centred / norms
        return try units.matrixProduct(units.transposed())
    }

    private static let eigenvalues = Operator("aten::linalg_eigvalsh")
}
