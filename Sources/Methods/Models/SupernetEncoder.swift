import Architectures
import NN
import Networks
import Torch

/// A supernet whose paths share a projection neck of linear, ReLU and linear layers (Chen et al., "MoCo v2", 2020);
/// keys `neck.0` and `neck.2`.
public final class SupernetEncoder {
    /// The supernet that computes the features.
    public let supernet: Supernet
    private let hidden: Linear
    private let output: Linear
    private let neck: [ParameterStore.Entry]
    /// The tensors of the supernet and the neck.
    public var store: ParameterStore { supernet.store }

    /// Builds the supernet and its neck.
    ///
    /// - Parameters:
    ///   - description: the description of the supernet, which is built at the root of `store`.
    ///   - dimension: the length of an embedding; 128 in Pi-NAS.
    ///   - store: an empty store, whose seed determines the initial values.
    /// - Throws: what building the supernet throws.
    public init(_ description: SupernetDescription, dimension: Int, store: ParameterStore) throws {
        supernet = try Supernet(description, store: store)
        let first = store.entries.count
        let normal = Initializer.kaimingNormal(fan: .input, slope: 0)
        let scope = store.root / "neck"
        hidden = try Linear(scope / 0, supernet.features, supernet.features, initializer: normal)
        output = try Linear(scope / 2, supernet.features, dimension, initializer: normal)
        for linear in [hidden, output] { try withoutGradients { try linear.bias?.fillInPlace(0) } }
        neck = Array(store.entries[first...])
    }

    /// Computes embeddings [N, dimension], unit length, float32, of images [N, C, H, W] on one path.
    public func embed(_ images: Tensor, _ architecture: Architecture, _ mode: Mode) throws -> Tensor {
        try project(supernet.features(images, architecture, mode))
    }

    /// Computes embeddings [N, dimension], unit length, float32, of features [N, F].
    public func project(_ features: Tensor) throws -> Tensor {
        try output(hidden(features).relu()).to(.float32).normalized(1)
    }

    /// The parameters of a path and of the neck.
    public func parameters(on architecture: Architecture) -> [ParameterStore.Entry] {
        (supernet.entries(on: architecture) + neck).filter { $0.role == .parameter }
    }
}
