import Architectures
import Detectors
import NN
import Support
import Torch

/// The head of a trained network as data, from which it is built without the images that it was trained on.
public struct NetworkHead: Codable, Sendable, Hashable {
    /// The kinds of heads that a file can hold.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// A linear layer with a bias; keys `fc.weight` and `fc.bias`.
        case linear
        /// Batch norm of the features with running statistics; keys `fc.neck.…` (BNNeck, Luo et al., 2019).
        case neck
        /// None: the layers' own result is the output, a map [N, outputs, H', W'] such as the logits of positions; no keys.
        case map
        /// That of a detector on the maps of the layers; keys `fc.backbone.…`, `fc.proposal_generator.…`, `fc.roi_heads.…`.
        case detector
    }

    /// The kind of the head.
    public var kind: Kind
    /// The number of outputs for an image; of a detector the number of classes.
    public var outputs: Int
    /// What the head of a detector is; nil for any other.
    public var detector: DetectorDescription?

    /// A linear layer with this number of outputs.
    public static func linear(outputs: Int) -> NetworkHead { NetworkHead(kind: .linear, outputs: outputs) }

    /// Batch norm of this number of features.
    public static func neck(features: Int) -> NetworkHead { NetworkHead(kind: .neck, outputs: features) }

    /// The layers' own result, of this number of channels.
    public static func map(outputs: Int) -> NetworkHead { NetworkHead(kind: .map, outputs: outputs) }

    /// The head of a detector.
    public static func detector(_ description: DetectorDescription) -> NetworkHead {
        NetworkHead(kind: .detector, outputs: description.classes, detector: description)
    }

    /// Recognises the head by its tensors, as a map cannot be; nil where there is none.
    public init?(of tensors: [(key: String, tensor: Tensor)]) {
        func rows(_ key: String, rank: Int) -> Int? {
            tensors.first { $0.key == key && $0.tensor.rank == rank }?.tensor.size(0)
        }
        if let features = rows(Self.neckKey + ".weight", rank: 1) {
            self = .neck(features: features)
        } else if let outputs = rows(Self.key + ".weight", rank: 2) {
            self = .linear(outputs: outputs)
        } else {
            return nil
        }
    }

    private init(kind: Kind, outputs: Int, detector: DetectorDescription? = nil) {
        (self.kind, self.outputs, self.detector) = (kind, outputs, detector)
    }

    /// The key under which the tensors of every head stand.
    public static let key = "fc"
    /// The key of the tensors of a neck.
    public static let neckKey = key + ".neck"

    /// The number of outputs of a linear layer, which has a cost; 0 for a head without one.
    public var linearOutputs: Int { kind == .linear ? outputs : 0 }

    /// Whether a network with this head has a tensor of this key. Keys of the backbone all count; tensors of the head
    /// that are used in training only, such as a classifier of the training identities, do not.
    public func isRead(_ key: String) -> Bool {
        guard key.hasPrefix(Self.key + ".") else { return true }
        return switch kind {
        case .linear: key == Self.key + ".weight" || key == Self.key + ".bias"
        case .neck: key.hasPrefix(Self.neckKey + ".")
        case .map: false
        case .detector: true
        }
    }

    /// The names of the maps that a detector stands on, the finest first.
    public static var detectorMaps: [String] { DetectorDescription.maps }

    /// The cost of a detector's head for one image; nothing for other heads, whose linear layer counts as the network's.
    ///
    /// - Parameters:
    ///   - backbone: the layers that hand out the maps.
    ///   - channels: the channels of the images.
    ///   - imageSize: the size of the images, in pixels.
    /// - Throws: `SpaceError` for layers that do not hand out the maps of a detector at this size.
    public func cost(on backbone: Layer, channels: Int, imageSize: ImageSize) throws -> Cost {
        guard let detector else { return Cost() }
        let shapes = try backbone.mapShapes(channels: channels, imageSize: imageSize)
        let widths = try zip(Self.detectorMaps, DetectorDescription.strides).map { name, stride in
            guard let shape = shapes[name], shape.height * stride == imageSize.height,
                shape.width * stride == imageSize.width
            else {
                let found = shapes.sorted { $0.key < $1.key }.map { "\($0.key) of \($0.value)" }.joined(separator: ", ")
                throw SpaceError.layer(
                    path: "backbone",
                    "a detector needs maps of 4, 8, 16 and 32 pixels a position; for images of \(imageSize) there are "
                        + (found.isEmpty ? "none" : found))
            }
            return shape.channels
        }
        return detector.cost(channels: widths, imageSize: imageSize)
    }

    /// Builds the head in a backbone's store.
    ///
    /// - Parameters:
    ///   - features: the number of features F.
    ///   - store: the backbone's store.
    /// - Returns: a function from features [N, F] to outputs [N, K], or of a map itself.
    /// - Throws: `SpaceError` for a neck or a map of another number of features, or for a detector, which stands on maps
    ///   (`makeDetector`); `StateError.duplicateKey`.
    func make(features: Int, _ store: ParameterStore) throws -> (Tensor, Mode) throws -> Tensor {
        switch kind {
        case .detector: throw SpaceError.layer(path: Self.key, "a detector stands on maps")
        case .linear:
            let linear = try Linear(store.root / Self.key, features, outputs)
            return { features, _ in
                try features.dtype == linear.weight.dtype ? linear(features) : linear.outputs(features)
            }
        case .neck:
            guard outputs == features else {
                throw SpaceError.layer(
                    path: Self.neckKey,
                    "normalises \(outputs) values, but the backbone gives \(features) features")
            }
            let neck = try BatchNorm2d(store.root / Self.key / "neck", features)
            return { features, mode in try neck(features.to(.float32), mode.batchNorm) }
        case .map:
            guard outputs == features else {
                throw SpaceError.layer(
                    path: "network", "its last map has \(features) channels, but there are \(outputs) outputs")
            }
            return { map, _ in map }
        }
    }

    /// Builds the head of a detector in a backbone's store.
    ///
    /// - Parameters:
    ///   - maps: the channels of the backbone's maps, by name.
    ///   - scope: the place of the tensors in the store.
    /// - Throws: `SpaceError` for a head of another kind, numbers out of range, or a backbone that does not hand out the maps
    ///   of a detector; `StateError.duplicateKey`.
    public func makeDetector(maps: [String: Int], _ scope: Scope) throws -> DetectorHead {
        guard let detector else { throw SpaceError.layer(path: Self.key, "it is no head of a detector") }
        let problems = detector.problems
        guard problems.isEmpty else { throw SpaceError.layer(path: Self.key, problems.joined(separator: "; ")) }
        let channels = Self.detectorMaps.compactMap { maps[$0] }
        guard channels.count == Self.detectorMaps.count else {
            throw SpaceError.layer(
                path: "backbone",
                "a detector needs the maps \(Self.detectorMaps.joined(separator: ", ")); there are "
                    + (maps.isEmpty ? "none" : maps.keys.sorted().joined(separator: ", ")))
        }
        return try DetectorHead(detector, channels: channels, scope)
    }
}
