import Datasets
import NN
import Torch

/// A goal of recognition: its images, what stands on the features, and what counts. A task is a folder of this module and
/// a case of `TaskKind`; nothing else knows of it.
public protocol RecognitionTask: Sendable {
    /// As the command line names it.
    static var name: String { get }
    /// Images to learn from, to choose by (`validation`, never nil), and to be scored on at the end. Labels are what the
    /// head's loss takes.
    var data: OpenedDataset { get }
    /// What stands on the features, its tensors under `scope`.
    ///
    /// - Throws: `StateError.duplicateKey` if the scope is taken.
    func makeHead(features: Int, _ scope: Scope) throws -> any TaskHead
    /// How good a head's outputs are.
    ///
    /// - Parameters:
    ///   - outputs: [N, K], float32.
    ///   - labels: of the same images.
    /// - Throws: `TaskMetricError` for outputs that are no numbers.
    func score(_ outputs: Tensor, labels: [Int]) throws -> TaskScore
}

/// What a task makes of features.
public protocol TaskHead {
    /// What the score is computed from: [N, F] to [N, K], float32.
    func outputs(_ features: Tensor, _ mode: Mode) throws -> Tensor
    /// What is learned by, one element, float32.
    ///
    /// - Parameters:
    ///   - features: [N, F].
    ///   - labels: [N], int64.
    ///   - mode: of this pass.
    func loss(_ features: Tensor, labels: Tensor, _ mode: Mode) throws -> Tensor
}

/// How well a task was done.
public struct TaskScore: Sendable, Codable, Equatable {
    /// What choices are made by; higher is better.
    public var value: Double
    /// What a reader wants to know, by name.
    public var metrics: [String: Double]

    /// A score as it was measured.
    public init(_ value: Double, metrics: [String: Double]) {
        self.value = value
        self.metrics = metrics
    }
}

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
    public func loss(_ features: Tensor, labels: Tensor, _ mode: Mode) throws -> Tensor {
        try criterion(outputs(features, mode), labels)
    }
}
