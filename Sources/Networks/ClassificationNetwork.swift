import Architectures
import NN
import Torch

/// A stand-alone network that classifies images. Keys are those of its description, and `fc`.
public final class ClassificationNetwork: Network {
    /// Its tensors; those of its device and memory format.
    public let store: ParameterStore
    /// What it was built from.
    public let description: NetworkDescription
    private let backbone: Module
    private let fc: Linear

    /// Builds the network at the root of `store`, from whose seed the initial values follow.
    ///
    /// - Throws: `SpaceError` or `TorchError` if the description makes no network; `StateError.duplicateKey` if two
    ///   layers stand under one key.
    public init(_ description: NetworkDescription, store: ParameterStore) throws {
        guard (1...65_536).contains(description.channels), (1...65_536).contains(description.classes) else {
            throw SpaceError.layer(
                path: "network",
                "channels (=\(description.channels)) and classes (=\(description.classes)) must be from 1 to 65,536")
        }
        self.description = description
        self.store = store
        var builder = ModuleBuilder(points: [:])
        let (backbone, features) = try builder.build(description.backbone, store.root, inputs: description.channels)
        self.backbone = backbone
        fc = try Linear(store.root / "fc", features, description.classes)
    }

    /// Pooled features: [N, C, H, W] to [N, features].
    ///
    /// - Parameters:
    ///   - images: of the store's element type.
    ///   - mode: of this pass.
    ///   - observer: shown what flows through in this pass; nil, and nothing is shown.
    /// - Throws: `TorchError` if the images do not fit; what the observer throws.
    public func features(_ images: Tensor, _ mode: Mode, observing observer: PassObserver? = nil) throws -> Tensor {
        try backbone(
            images.contiguous(store.format), Module.Pass(mode: mode, architecture: nil, observer: observer))
    }

    /// [N, C, H, W] to logits [N, classes], of the store's element type.
    public func callAsFunction(_ images: Tensor, _ mode: Mode) throws -> Tensor {
        try fc(features(images, mode)).to(store.dtype)
    }
}
