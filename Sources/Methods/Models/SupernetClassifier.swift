import Architectures
import NN
import Networks
import Torch

/// A supernet whose paths share one linear classifier, `fc`.
public final class SupernetClassifier {
    /// What gives the features.
    public let supernet: Supernet
    /// From features to logits.
    public let fc: Linear
    /// The tensors of both.
    public var store: ParameterStore { supernet.store }

    /// - Parameters:
    ///   - description: of the supernet, which is built at the root of `store`.
    ///   - classes: the number of logits.
    ///   - store: empty; from its seed the initial values follow.
    /// - Throws: as `Supernet`.
    public init(_ description: SupernetDescription, classes: Int, store: ParameterStore) throws {
        supernet = try Supernet(description, store: store)
        fc = try Linear(store.root / "fc", supernet.features, classes)
    }

    /// Logits of one path: [N, C, H, W] to [N, classes], float32.
    public func logits(_ images: Tensor, _ architecture: Architecture, _ mode: Mode) throws -> Tensor {
        try fc(supernet.features(images, architecture, mode)).to(.float32)
    }
}
