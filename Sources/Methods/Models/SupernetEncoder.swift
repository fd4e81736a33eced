import Architectures
import NN
import Networks
import Torch

/// A supernet whose paths share one neck: linear, ReLU, linear (Chen et al., "MoCo v2", 2020). Keys: `neck.0`, `neck.2`.
public final class SupernetEncoder {
    /// What gives the features.
    public let supernet: Supernet
    private let hidden: Linear
    private let output: Linear
    private let neck: [ParameterStore.Entry]
    /// The tensors of both.
    public var store: ParameterStore { supernet.store }

    /// - Parameters:
    ///   - description: of the supernet, which is built at the root of `store`.
    ///   - dimension: length of an embedding; 128 in Pi-NAS.
    ///   - store: empty; from its seed the initial values follow.
    /// - Throws: as `Supernet`.
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

    /// Embeddings of one path: [N, C, H, W] to [N, dimension], unit length, float32.
    public func embed(_ images: Tensor, _ architecture: Architecture, _ mode: Mode) throws -> Tensor {
        try project(supernet.features(images, architecture, mode))
    }

    /// Features [N, F] to embeddings [N, dimension], unit length, float32.
    public func project(_ features: Tensor) throws -> Tensor {
        try output(hidden(features).relu()).to(.float32).normalized(1)
    }

    /// Learned tensors of a path and of the neck.
    public func parameters(on architecture: Architecture) -> [ParameterStore.Entry] {
        (supernet.entries(on: architecture) + neck).filter { $0.role == .parameter }
    }
}
