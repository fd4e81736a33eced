import Architectures
import NN
import Networks
import Support
import Torch

/// A measure that ranks networks before any training, from a pass or two through fresh weights (Abdelfattah et al.,
/// "Zero-Cost Proxies for Lightweight NAS", ICLR 2021). Scores of different proxies, or of one proxy on different
/// batches, are not comparable.
///
/// A new proxy is a type in a file of its own, and a line in ``ZeroCostProxyFamily/registry`` or, in a program that
/// uses the library, a call of `ZeroCostProxyFamily.register(_:)`.
public protocol ZeroCostProxy: Sendable {
    /// The name in commands and in the columns of `proxies.csv`: lower-case words with hyphens.
    var name: String { get }
    /// A one-sentence description of the proxy for help texts.
    var summary: String { get }
    /// The type that the network computes in. Networks of float64 lie contiguously in memory, others with the channels
    /// last.
    var dtype: DType { get }
    /// Whether the score depends on the features of images rather than on single weights. A network without weights of
    /// its own then scores ``ProxyScore/lowest``, as features of raw pixels through pooling and ReLUs say nothing about
    /// weights.
    var judgesFeatures: Bool { get }

    /// Computes the score of an untrained network; higher is better. Gradients may be taken and the network's weights
    /// may be changed.
    ///
    /// - Returns: the score; ``ProxyScore/lowest`` where the proxy is not defined.
    /// - Throws: `TorchError` if the images do not fit.
    func score(_ trial: ProxyTrial) throws -> Double
}

/// An untrained network and the images that a proxy may use.
public struct ProxyTrial {
    /// The untrained network, whose weights are drawn as for training.
    public let network: ImageNetwork
    /// Images [N, C, H, W], normalised, float32.
    public let images: Tensor
    /// Labels [N], int64, from 0 up to the number of classes, on the images' device.
    public let labels: Tensor
    /// The seed of the weights and of all other random choices.
    public let seed: UInt64
}

extension ZeroCostProxy {
    /// By default, networks compute in float32.
    public var dtype: DType { .float32 }
    /// By default, a proxy depends on the features of images.
    public var judgesFeatures: Bool { true }

    /// Computes the score of an untrained network, which is always finite; higher is better. It follows from `seed`,
    /// the images and the number of threads.
    ///
    /// - Parameters:
    ///   - network: the network to score, whose weights are drawn as for training.
    ///   - images: normalised images [N, C, H, W] on the device that computes.
    ///   - labels: the labels [N], int64, from 0 up to the number of classes.
    ///   - seed: the seed of the weights, and of the noise where a proxy draws some.
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

/// The tensors of one batch norm, found in a store by their keys.
struct BatchNormEntries {
    let weight: Tensor?
    let bias: Tensor?
    let runningMean: Tensor
    let runningVariance: Tensor

    /// Resets scale, shift and running statistics to their initial values.
    func reset() throws {
        try weight?.fillInPlace(1)
        try bias?.fillInPlace(0)
        try runningMean.fillInPlace(0)
        try runningVariance.fillInPlace(1)
    }
}

extension ParameterStore {
    /// The batch norms of the store, in the order in which they were built.
    var batchNorms: [BatchNormEntries] {
        let suffix = "running_var"
        return entries.filter { $0.role == .buffer && $0.key.hasSuffix(suffix) }.compactMap { variance in
            let path = variance.key.dropLast(suffix.count)
            return self["\(path)running_mean"].map {
                BatchNormEntries(
                    weight: self["\(path)weight"], bias: self["\(path)bias"], runningMean: $0,
                    runningVariance: variance.tensor)
            }
        }
    }
}
