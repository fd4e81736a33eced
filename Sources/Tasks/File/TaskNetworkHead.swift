import NN
import Torch

/// What stands on the features of a task's network once it is learned, as data: enough to build it from a file, without
/// the images that it learned from.
public struct TaskNetworkHead: Codable, Sendable, Hashable {
    /// What it computes.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// A matrix product with a bias; keys `fc.weight` and `fc.bias`.
        case linear
        /// Batch norm of the features, by running statistics; keys `fc.neck.…`.
        case neck
    }

    /// What it computes.
    public var kind: Kind
    /// Values that come out for an image.
    public var outputs: Int

    /// A matrix product with so many outputs.
    public static func linear(outputs: Int) -> TaskNetworkHead { TaskNetworkHead(kind: .linear, outputs: outputs) }

    /// Batch norm of so many features.
    public static func neck(features: Int) -> TaskNetworkHead { TaskNetworkHead(kind: .neck, outputs: features) }

    /// The head that tensors are of; nil where there is none.
    init?(of tensors: [(key: String, tensor: Tensor)]) {
        func rows(_ key: String, rank: Int) -> Int? {
            tensors.first { $0.key == key && $0.tensor.rank == rank }?.tensor.size(0)
        }
        if let features = rows(Self.neckKey + ".weight", rank: 1) {
            self = .neck(features: features)
        } else if let outputs = rows(Self.scope + ".weight", rank: 2) {
            self = .linear(outputs: outputs)
        } else {
            return nil
        }
    }

    private init(kind: Kind, outputs: Int) { (self.kind, self.outputs) = (kind, outputs) }

    /// Where the head's tensors stand.
    static let scope = "fc"
    /// Where those of a neck stand.
    public static let neckKey = scope + ".neck"

    /// Whether a network with this head has a tensor of the key; all of the backbone are taken to be.
    func isRead(_ key: String) -> Bool {
        guard key.hasPrefix(Self.scope + ".") else { return true }
        return switch kind {
        case .linear: key == Self.scope + ".weight" || key == Self.scope + ".bias"
        case .neck: key.hasPrefix(Self.neckKey + ".")
        }
    }

    /// Builds the head in a backbone's store.
    ///
    /// - Parameters:
    ///   - features: F.
    ///   - store: the backbone's.
    /// - Returns: [N, F], float32, to [N, K], float32.
    func make(features: Int, _ store: ParameterStore) throws -> (Tensor) throws -> Tensor {
        switch kind {
        case .linear:
            let linear = try Linear(store.root / Self.scope, features, outputs)
            return { try linear($0).to(.float32) }
        case .neck:
            guard outputs == features else { throw TaskNetworkError.neck(outputs, features: features) }
            let neck = try BatchNorm2d(store.root / Self.scope / "neck", features)
            return { try neck($0.to(.float32), .running) }
        }
    }
}
