import Architectures
import NN
import Torch

/// The part of a stand-alone network that gives features; what is made of them is somebody else's.
public final class Backbone {
    /// Its tensors, and those of what else is built in the same store.
    public let store: ParameterStore
    /// The number of features that come out.
    public let features: Int
    private let module: Module

    /// Builds the layers at the root of `store`, from whose seed the initial values follow.
    ///
    /// - Parameters:
    ///   - layer: from [channels, H, W] to [features]; without choices.
    ///   - channels: of the images.
    ///   - store: empty.
    /// - Throws: `SpaceError` or `TorchError` if the layers make no network; `StateError.duplicateKey` if two stand under
    ///   one key.
    public init(_ layer: Layer, channels: Int, store: ParameterStore) throws {
        self.store = store
        var builder = ModuleBuilder(points: [:])
        (module, features) = try builder.build(layer, store.root, inputs: channels)
    }

    /// Pooled features: [N, C, H, W] to [N, features].
    public func callAsFunction(_ images: Tensor, _ mode: Mode) throws -> Tensor {
        try module(images.contiguous(store.format), Module.Pass(mode: mode, architecture: nil))
    }
}
