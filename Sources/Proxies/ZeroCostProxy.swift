import Architectures
import NN
import Networks
import Support
import Torch

/// A measure that ranks networks before any training, from a pass or two through fresh weights (Abdelfattah et al.,
/// "Zero-Cost Proxies for Lightweight NAS", ICLR 2021). Scores of different proxies, or of one proxy on different
/// batches, are not comparable.
///
/// A proxy of one's own is a type in a file of its own, and a line in ``ZeroCostProxyFamily/registry`` or, in a program
/// that uses the library, a call of `ZeroCostProxyFamily.register(_:)`.
public protocol ZeroCostProxy: Sendable {
    /// The name in commands and in the columns of `proxies.csv`: lower-case words with hyphens.
    var name: String { get }
    /// One sentence for help texts.
    var summary: String { get }
    /// The type that the network computes in. Networks of float64 lie contiguously in memory, others with the channels
    /// last.
    var dtype: DType { get }
    /// Whether the score is about what layers make of images, rather than about weights one by one. Then a network
    /// without weights of its own has ``ProxyScore/lowest``: whatever a max-pool or ReLU makes of raw pixels is no
    /// merit of weights.
    var judgesFeatures: Bool { get }

    /// The score of a fresh network; higher is better. Gradients may be taken, and the network's weights be changed.
    ///
    /// - Returns: ``ProxyScore/lowest`` where there is nothing to see.
    /// - Throws: `TorchError` if the images do not fit.
    func score(_ trial: ProxyTrial) throws -> Double
}

/// A fresh network and the images that a proxy may look at.
public struct ProxyTrial {
    /// A fresh network, its weights drawn as for training.
    public let network: ImageNetwork
    /// Images [N, C, H, W], normalised, float32.
    public let images: Tensor
    /// Labels [N], int64, from 0 up to the number of classes, on the images' device.
    public let labels: Tensor
    /// The seed of the weights, and of whatever else is drawn.
    public let seed: UInt64
}

extension ZeroCostProxy {
    /// Most networks compute in float32.
    public var dtype: DType { .float32 }
    /// Most proxies look at images.
    public var judgesFeatures: Bool { true }

    /// The score of an untrained network; higher is better, and always finite. It follows from `seed`, the images and
    /// the number of threads.
    ///
    /// - Parameters:
    ///   - network: what is scored; its weights are drawn as for training.
    ///   - images: [N, C, H, W], normalised, on the device that is to compute.
    ///   - labels: [N], int64, from 0 up to the number of classes.
    ///   - seed: of the weights, and of the noise where a proxy draws some.
    /// - Throws: `SpaceError` or `TorchError` if the description makes no network; `TorchError` if images or labels do
    ///   not fit it.
    public func score(_ network: NetworkDescription, images: Tensor, labels: Tensor, seed: UInt64) throws -> Double {
        try ProxyScore.validate(network, images: images, labels: labels)
        let store = try ParameterStore(
            seed: seed, device: images.device, format: dtype == .float64 ? .contiguous : .channelsLast, dtype: dtype)
        let built = try ImageNetwork(network, store: store)
        let pixels = try images.detached().to(.float32)
        if judgesFeatures, !store.parameters.contains(where: { !$0.key.hasPrefix("fc.") }) { return ProxyScore.lowest }
        return try withGradients {
            try ProxyScore.bounded(
                score(
                    ProxyTrial(network: built, images: pixels, labels: labels.to(images.device), seed: seed)))
        }
    }
}

/// The proxies that commands know by name.
public enum ZeroCostProxyFamily: RegisteredFamily {
    /// The proxies, a line for each, in the order of the columns of `proxies.csv`.
    public static let registry = Registry<any ZeroCostProxy>(
        of: "zero-cost proxy",
        [
            SynapticFlow(),
            GradientNorm(),
            JacobianCovariance(),
            ActivationKernel(),
            ZenScore(),
        ]
    ) { $0.name }
}

/// Scores as they are stored and compared.
public enum ProxyScore {
    /// The score where there is nothing to see: a network without ReLUs for `naswot`, one without parameters but the
    /// classifier's for `jacobian-covariance`, `naswot` and `zen`, outputs that no weight or image reaches, two images
    /// that a network cannot tell apart, activations that overflow. It stands for -infinity and is below what any
    /// network of up to ten million images can have otherwise.
    public static let lowest = -1e12

    /// A number that can be stored and compared: not a number and what is below `lowest` become `lowest`.
    static func bounded(_ score: Double) -> Double {
        score.isNaN ? lowest : min(max(score, lowest), -lowest)
    }

    fileprivate static func validate(_ network: NetworkDescription, images: Tensor, labels: Tensor) throws {
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
