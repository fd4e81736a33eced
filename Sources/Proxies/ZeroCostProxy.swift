import Architectures
import NN
import Networks
import Torch

/// Measures that rank networks before any training, from a pass or two through fresh weights (Abdelfattah et al.,
/// "Zero-Cost Proxies for Lightweight NAS", ICLR 2021). Scores of different proxies, or of one proxy on different batches,
/// are not comparable.
public enum ZeroCostProxy: String, Codable, Sendable, CaseIterable {
    /// How much of all weights together reaches the outputs (Tanaka et al., "Pruning neural networks without any data by
    /// iteratively conserving synaptic flow", NeurIPS 2020); the logarithm. It sees no images but their size.
    case synflow
    /// The norms of the loss's gradients, one for each tensor, summed (Abdelfattah et al., section 3).
    case gradientNorm = "gradient-norm"
    /// How differently the network responds to different images (Mellor et al., "Neural Architecture Search without
    /// Training", first version, 2020).
    case jacobianCovariance = "jacobian-covariance"
    /// How many different linear maps its ReLUs make of the images (Mellor et al., ICML 2021).
    case naswot
    /// How much features change with the input, in spite of batch norm (Lin et al., "Zen-NAS", ICCV 2021). It sees no
    /// images but their number and size.
    case zen

    /// The score where there is nothing to see: a network without ReLUs for `naswot`, one without parameters but the
    /// classifier's for `jacobianCovariance`, `naswot` and `zen`, outputs that no weight or image reaches, two images that a network cannot tell apart, activations that overflow. It stands for -infinity and is
    /// below what any network of up to ten million images can have otherwise.
    public static let lowest = -1e12

    /// Score of an untrained network; higher is better, and always finite. It follows from `seed`, the images and the
    /// number of threads.
    ///
    /// - Parameters:
    ///   - network: what is scored; its weights are drawn as for training.
    ///   - images: [N, C, H, W], normalised, on the device that is to compute.
    ///   - labels: [N], int64, from 0 up to the number of classes; only `gradientNorm` looks at them.
    ///   - seed: of the weights, and of the noise where a proxy draws some.
    /// - Throws: `SpaceError` or `TorchError` if the description makes no network; `TorchError` if images or labels do
    ///   not fit it.
    public func score(_ network: NetworkDescription, images: Tensor, labels: Tensor, seed: UInt64) throws -> Double {
        try Self.validate(network, images: images, labels: labels)
        // Activations of the synaptic flow grow with every layer: float32 ends at 1e38.
        let dtype: DType = self == .synflow ? .float64 : .float32
        let store = try ParameterStore(
            seed: seed, device: images.device, format: self == .synflow ? .contiguous : .channelsLast, dtype: dtype)
        let built = try ImageNetwork(network, store: store)
        let pixels = try images.detached().to(.float32)
        // Whatever a max-pool or ReLU makes of raw pixels is no merit of weights.
        if sees, !store.parameters.contains(where: { !$0.key.hasPrefix("fc.") }) { return Self.lowest }
        return try withGradients {
            switch self {
            case .synflow: try SynapticFlow.score(built, imageShape: Array(images.shape.dropFirst()))
            case .gradientNorm: try GradientNorm.score(built, pixels, labels.to(images.device))
            case .jacobianCovariance: try JacobianCovariance.score(built, pixels)
            case .naswot: try ActivationKernel.score(built, pixels)
            case .zen: try ZenScore.score(built, imageShape: images.shape, seed: seed)
            }
        }
    }

    /// Whether it looks at what the layers make of images, rather than at the weights one by one.
    private var sees: Bool { self == .jacobianCovariance || self == .naswot || self == .zen }

    /// A number that can be stored and compared: not a number and what is below `lowest` become `lowest`.
    static func bounded(_ score: Double) -> Double {
        score.isNaN ? lowest : min(max(score, lowest), -lowest)
    }

    private static func validate(_ network: NetworkDescription, images: Tensor, labels: Tensor) throws {
        func refuse(_ message: String) -> TorchError {
            TorchError(
                .invalidArgument, operation: "zero-cost proxy", shapes: [images.shape, labels.shape], message: message)
        }
        guard images.rank == 4, images.elementCount > 0, images.dtype.isFloatingPoint else {
            throw refuse("images must be [N, C, H, W], not empty, of a floating-point type, not \(images.dtype)")
        }
        guard images.size(1) == network.channels else {
            throw refuse("the network takes images of \(network.channels) channels, not \(images.size(1))")
        }
        guard labels.shape == [images.size(0)], labels.dtype == .int64 else {
            throw refuse("labels must be int64, one for each of the \(images.size(0)) images")
        }
        let (low, high) = (try labels.min().integer(), try labels.max().integer())
        guard low >= 0, high < network.classes else {
            throw refuse("labels (from \(low) to \(high)) must be from 0 to \(network.classes - 1)")
        }
    }
}

extension Mode {
    /// A network at its first step of training: the batch's own statistics, and nothing is changed.
    static let untrained = Mode(batchNorm: .batch)
}
