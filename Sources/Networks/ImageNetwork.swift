import Architectures
import Detectors
import NN
import Support
import Torch

/// A stand-alone network: a backbone and a head on its features. Keys are those of its description, and `fc`.
public final class ImageNetwork: Network {
    /// The tensors of the network, on its device and in its memory format.
    public let store: ParameterStore
    /// The description that the network was built from; its `classes` are the outputs of a linear head.
    public let description: NetworkDescription
    /// The head on the features.
    public let head: NetworkHead
    private let backbone: Backbone
    fileprivate let applyHead: (Tensor, Mode) throws -> Tensor
    /// The head of a detector; nil for any other network.
    public let detector: DetectorHead?

    /// Builds the network at the root of `store`, from whose seed the initial values follow.
    ///
    /// - Parameters:
    ///   - description: the description of the network.
    ///   - head: the head on the features; nil for a linear layer with the description's `classes`.
    ///   - store: an empty store.
    /// - Throws: `SpaceError` or `TorchError` if the description makes no network; `StateError.duplicateKey` if two
    ///   layers stand under one key.
    public init(_ description: NetworkDescription, head: NetworkHead? = nil, store: ParameterStore) throws {
        let head = head ?? .linear(outputs: description.classes)
        guard (1...65_536).contains(description.channels), (1...65_536).contains(head.outputs) else {
            throw SpaceError.layer(
                path: "network",
                "channels (=\(description.channels)) and outputs (=\(head.outputs)) must be from 1 to 65,536")
        }
        (self.description, self.head, self.store) = (description, head, store)
        backbone = try Backbone(description.backbone, channels: description.channels, store: store)
        guard head.kind == .detector else {
            (applyHead, detector) = (try head.make(features: backbone.features, store), nil)
            return
        }
        detector = try head.makeDetector(maps: backbone.mapChannels, store.root / NetworkHead.key)
        applyHead = { features, _ in features }
    }

    /// Computes pooled features [N, features] of images [N, C, H, W].
    ///
    /// - Parameters:
    ///   - images: [N, C, H, W], of the store's element type.
    ///   - mode: the mode of this pass, which says what batch norm does.
    ///   - observer: a closure that sees intermediate results of this pass; nil for none.
    /// - Throws: `TorchError` if the shape of the images does not fit; what the observer throws.
    public func features(_ images: Tensor, _ mode: Mode, observing observer: PassObserver? = nil) throws -> Tensor {
        try backbone(images, mode, observing: observer)
    }

    /// Computes pooled features or the last map together with the maps that are handed out on the way, in one pass.
    ///
    /// - Throws: `TorchError` if the shape of the images does not fit.
    public func maps(_ images: Tensor, _ mode: Mode) throws -> FeatureMaps { try backbone.maps(images, mode) }

    /// Computes the outputs [N, K] of images [N, C, H, W], in the store's element type; [N, K, H', W'] where the outputs
    /// are a map, and of a detector what `FoundObject.packed` makes of its findings.
    public func callAsFunction(_ images: Tensor, _ mode: Mode) throws -> Tensor {
        if detector != nil { return try packedFindings(images, mode) }
        return try applyHead(features(images, mode), mode).to(store.dtype)
    }

    private func packedFindings(_ images: Tensor, _ mode: Mode) throws -> Tensor {
        guard let detector else {
            throw TorchError(.invalidArgument, operation: "ImageNetwork", message: "no detector")
        }
        let all = ImageSize(height: images.size(2), width: images.size(3))
        let sizes = ImageSizes(padded: all, images: [ImageSize](repeating: all, count: images.size(0)))
        return try FoundObject.packed(
            detector.findings(levels(images, mode), sizes, mode), count: detector.description.options.regions.findings,
            hasMasks: detector.description.hasMasks)
    }

    private func levels(_ images: Tensor, _ mode: Mode) throws -> [Tensor] {
        let found = try maps(images, mode)
        return try detector?.pyramid(NetworkHead.detectorMaps.map { try found.map($0) }, mode) ?? []
    }

    /// Finds objects in images, with the running statistics of batch norm.
    ///
    /// - Parameters:
    ///   - images: the images [N, C, H, W], prepared as the network's file says, with sides of multiples of 32 pixels.
    ///   - sizes: their sizes without padding.
    ///   - precision: the precision of backbone and head; probabilities and boxes are computed in float32.
    /// - Returns: what is found in each image, the surest first, in pixels of the image as it is given; nothing for a network
    ///   that is no detector.
    /// - Throws: `TorchError` if the images do not fit.
    public func findings(_ images: Tensor, _ sizes: ImageSizes, precision: Precision) throws -> [[FoundObject]] {
        try withoutGradients {
            try withPrecision(precision, on: store.device) {
                try detector?.findings(levels(images, .evaluation), sizes) ?? []
            }
        }
    }
}

/// The part of a stand-alone network that gives features, without a head; or the layers of a head by themselves.
public final class Backbone {
    /// The tensors of the layers, and of whatever else is built in the same store.
    public let store: ParameterStore
    /// The number of features that the layers give.
    public let features: Int
    /// The channels of the maps that passes hand out, by name.
    public let mapChannels: [String: Int]
    private let module: Module

    /// Builds the layers at the root of `store`, from whose seed the initial values follow.
    ///
    /// - Parameters:
    ///   - layer: the layers without choices, from [channels, H, W] to [features].
    ///   - channels: the number of channels of the images.
    ///   - store: an empty store.
    /// - Throws: `SpaceError` or `TorchError` if the layers make no network; `StateError.duplicateKey` if two stand
    ///   under one key.
    public convenience init(_ layer: Layer, channels: Int, store: ParameterStore) throws {
        try self.init(layer, channels: channels, at: store.root)
    }

    /// Builds the layers at a place of a store, such as those of a head on the maps of a backbone, beside the backbone.
    ///
    /// - Parameters:
    ///   - layer: the layers without choices, from [channels, H, W] or from [channels].
    ///   - channels: the number of channels that come in.
    ///   - scope: the place of the tensors in their store.
    /// - Throws: `SpaceError` or `TorchError` if the layers make no network; `StateError.duplicateKey` if two stand
    ///   under one key.
    public init(_ layer: Layer, channels: Int, at scope: Scope) throws {
        store = scope.store
        var builder = ModuleBuilder(points: [:])
        (module, features) = try builder.build(layer, scope, inputs: channels)
        mapChannels = builder.mapChannels
    }

    /// Computes pooled features [N, features] of images [N, C, H, W], or the last map [N, features, H', W'] of a dense
    /// network.
    ///
    /// - Parameters:
    ///   - images: [N, C, H, W], of the store's element type.
    ///   - mode: the mode of this pass, which says what batch norm does.
    ///   - observer: a closure that sees intermediate results of this pass; nil for none.
    /// - Throws: `TorchError` if the shape of the images does not fit; what the observer throws.
    public func callAsFunction(
        _ images: Tensor, _ mode: Mode, observing observer: PassObserver? = nil
    ) throws -> Tensor {
        let images = images.rank == 4 ? try images.contiguous(store.format) : images
        return try module(images, Module.Pass(mode: mode, architecture: nil, observer: observer))
    }

    /// Computes the result together with the maps that are handed out on the way, in one pass.
    ///
    /// - Parameters:
    ///   - images: [N, C, H, W], of the store's element type.
    ///   - mode: the mode of this pass, which says what batch norm does and what dropout draws from.
    ///   - observer: a closure that sees intermediate results of this pass; nil for none.
    /// - Throws: `TorchError` if the shape of the images does not fit; what the observer throws.
    public func maps(_ images: Tensor, _ mode: Mode, observing observer: PassObserver? = nil) throws -> FeatureMaps {
        try FeatureMaps { receive in
            try module(
                images.contiguous(store.format),
                Module.Pass(mode: mode, architecture: nil, observer: observer, receiver: receive))
        }
    }
}

extension ImageNetwork {
    /// Computes the outputs for images with the running statistics of batch norm.
    ///
    /// - Parameters:
    ///   - images: the images [N, C, H, W], prepared as the network's file says.
    ///   - precision: the precision of the backbone and of a linear head; batch norm in a head computes in float32.
    /// - Returns: the outputs [N, K], float32; [N, K, H', W'] where the outputs are a map, and of a detector what
    ///   `FoundObject.packed` makes of its findings.
    /// - Throws: `TorchError` if the images do not fit.
    public func outputs(_ images: Tensor, precision: Precision) throws -> Tensor {
        if detector != nil {
            return try withPrecision(precision, on: store.device) { try packedFindings(images, .evaluation) }
        }
        let found: Tensor = try withPrecision(precision, on: store.device) { try features(images, .evaluation) }
        return try applyHead(found, .evaluation).to(.float32)
    }
}

/// An intermediate result of a forward pass, as an observer sees it in the order of the computation.
public enum PassEvent {
    /// The result of a ReLU, [N, C, H, W] or [N, features], including those within split attention, or of a hard swish,
    /// which is positive where a ReLU would be. Where the ReLU is fused into a kernel, it is that kernel's result.
    case rectified(Tensor)
    /// The input of a global pooling, [N, C, H, W].
    case pooling(Tensor)
}

/// A closure that sees the intermediate results of one forward pass. It is passed to the pass and not stored; the
/// tensors are the network's own and must not be changed.
public typealias PassObserver = (PassEvent) throws -> Void
