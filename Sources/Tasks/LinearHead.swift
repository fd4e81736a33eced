import NN
import Torch

/// A matrix product with a bias, and a loss on what it gives; keys `weight` and `bias`.
public struct LinearHead: TaskHead {
    private let linear: Linear
    private let criterion: @Sendable (_ outputs: Tensor, _ labels: Tensor) throws -> Tensor

    /// - Parameters:
    ///   - features: F.
    ///   - outputs: K.
    ///   - scope: where its tensors stand.
    ///   - criterion: from outputs [N, K], float32, and labels [N] to one element.
    /// - Throws: `StateError.duplicateKey` if the scope is taken.
    public init(
        features: Int, outputs: Int, _ scope: Scope,
        criterion: @escaping @Sendable (_ outputs: Tensor, _ labels: Tensor) throws -> Tensor
    ) throws {
        linear = try Linear(scope, features, outputs)
        self.criterion = criterion
    }

    /// One output a class, learned by cross-entropy.
    ///
    /// - Parameters:
    ///   - classes: of them.
    ///   - features: F.
    ///   - labelSmoothing: the share of each target that goes to all classes alike.
    ///   - scope: where its tensors stand.
    /// - Throws: `StateError.duplicateKey` if the scope is taken.
    public init(classes: Int, features: Int, labelSmoothing: Double, _ scope: Scope) throws {
        try self.init(features: features, outputs: classes, scope) {
            try $0.crossEntropy($1, smoothing: labelSmoothing)
        }
    }

    /// [N, F] to [N, K], float32.
    public func outputs(_ features: Tensor, _ mode: Mode) throws -> Tensor { try linear(features).to(.float32) }

    /// The criterion of the outputs.
    public func loss(_ features: Tensor, labels: Tensor, _ mode: Mode, progress: Double) throws -> Tensor {
        try criterion(outputs(features, mode), labels)
    }
}
