import Architectures
import NN
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
    }

    /// The kind of the head.
    public var kind: Kind
    /// The number of outputs for an image.
    public var outputs: Int

    /// A linear layer with this number of outputs.
    public static func linear(outputs: Int) -> NetworkHead { NetworkHead(kind: .linear, outputs: outputs) }

    /// Batch norm of this number of features.
    public static func neck(features: Int) -> NetworkHead { NetworkHead(kind: .neck, outputs: features) }

    /// The layers' own result, of this number of channels.
    public static func map(outputs: Int) -> NetworkHead { NetworkHead(kind: .map, outputs: outputs) }

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

    private init(kind: Kind, outputs: Int) { (self.kind, self.outputs) = (kind, outputs) }

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
        }
    }

    /// Builds the head in a backbone's store.
    ///
    /// - Parameters:
    ///   - features: the number of features F.
    ///   - store: the backbone's store.
    /// - Returns: a function from features [N, F] to outputs [N, K], or of a map itself.
    /// - Throws: `SpaceError` for a neck or a map of another number of features; `StateError.duplicateKey`.
    func make(features: Int, _ store: ParameterStore) throws -> (Tensor, Mode) throws -> Tensor {
        switch kind {
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
}
