import Datasets
import NN
import Torch
import Training

/// What a batch's images are to be recognised as, on the device of the network.
public struct Targets {
    /// The number that each image is labelled by, [N], int64: a class, an age, an identity.
    public var numbers: Tensor
    /// The class probabilities of mixed images, [N, K], float32; nil for images that are not mixed.
    public var mixed: Tensor?
    /// The class of each pixel, [N, H, W], uint8, `LabelMap.ignored` where there is none; nil for data without label maps.
    public var maps: Tensor?
    /// The objects in each image, in pixels of the image as it is learned from; nil for data without boxes.
    public var boxes: [[AnnotatedBox]]?
    /// The share of each target that goes to all classes alike.
    public var smoothing: Double

    /// Targets of images.
    ///
    /// - Parameters:
    ///   - numbers: [N], int64.
    ///   - mixed: [N, K], float32; nil for images that are not mixed.
    ///   - smoothing: the share of each target that goes to all classes alike.
    public init(numbers: Tensor, mixed: Tensor? = nil, smoothing: Double = 0) {
        (self.numbers, self.mixed, self.smoothing) = (numbers, mixed, smoothing)
    }

    /// The targets of a batch.
    ///
    /// - Parameters:
    ///   - batch: numbers, and label maps or boxes where the data has them.
    ///   - device: where the tensors are to lie.
    ///   - smoothing: the share of each target that goes to all classes alike.
    /// - Throws: `TorchError`.
    public init(_ batch: Batch, on device: Device, smoothing: Double) throws {
        self.init(numbers: try batch.targets(on: device), smoothing: smoothing)
        maps = try batch.labelMaps(on: device)
        if batch.annotationKind == .boxes { boxes = batch.boxes(view: 0) }
    }

    /// The cross-entropy of logits [N, K], one element.
    public func crossEntropy(_ logits: Tensor) throws -> Tensor {
        try logits.crossEntropy(mixed ?? numbers, smoothing: smoothing)
    }
}

/// What a head learns by.
public struct TaskLoss {
    /// The loss, one element, float32.
    public var loss: Tensor
    /// The outputs that it was computed from, [N, K], float32.
    public var outputs: Tensor
    /// The number of right predictions, one element; nil for a task without classes.
    public var correct: Tensor?

    /// A loss.
    public init(loss: Tensor, outputs: Tensor, correct: Tensor? = nil) {
        (self.loss, self.outputs, self.correct) = (loss, outputs, correct)
    }
}

/// What a task makes of features.
public protocol TaskHead {
    /// What the score is computed from: [N, F] to [N, K], float32.
    func outputs(_ features: Tensor, _ mode: Mode) throws -> Tensor
    /// What is learned by.
    ///
    /// - Parameters:
    ///   - features: [N, F].
    ///   - targets: what the images are to be recognised as.
    ///   - mode: what batch norm does in this pass.
    ///   - progress: the progress of the training, 0 at its start and 1 at its end.
    func loss(_ features: Tensor, _ targets: Targets, _ mode: Mode, progress: Double) throws -> TaskLoss
    /// How far outputs are from those of a teacher, which may be another path: one element.
    ///
    /// - Parameters:
    ///   - outputs: [N, K], float32.
    ///   - teacher: [N, K], float32, without gradient.
    func distance(_ outputs: Tensor, to teacher: Tensor) throws -> Tensor
}

extension TaskHead {
    /// The cross-entropy towards the teacher's probabilities, as for one distribution over all outputs.
    public func distance(_ outputs: Tensor, to teacher: Tensor) throws -> Tensor {
        try outputs.crossEntropy(teacher.softmax(1))
    }
}

/// A matrix product with a bias, and a loss on what it gives; keys `weight` and `bias`.
public struct LinearHead: TaskHead {
    /// From outputs [N, K], float32, to one element.
    public typealias Criterion = @Sendable (_ outputs: Tensor, _ targets: Targets) throws -> Tensor

    private let linear: Linear
    private let criterion: Criterion
    private let isClassifier: Bool
    /// The lengths of the distributions that the outputs are, side by side.
    private let distributions: [Int]

    /// A head with a loss of its own.
    ///
    /// - Parameters:
    ///   - features: the number of features F.
    ///   - outputs: the number of outputs K.
    ///   - scope: where the tensors stand.
    ///   - weights: how the weights start, with a bias of 0; nil for the layer's usual way.
    ///   - distributions: the lengths of the distributions that the outputs are, side by side; nil for one.
    ///   - criterion: the loss.
    /// - Throws: `StateError.duplicateKey` if the scope is taken.
    public init(
        features: Int, outputs: Int, _ scope: Scope, weights: Initializer? = nil, distributions: [Int]? = nil,
        criterion: @escaping Criterion
    ) throws {
        linear = try Self.linear(scope, features, outputs, weights)
        (self.criterion, isClassifier) = (criterion, false)
        self.distributions = distributions ?? [outputs]
    }

    /// A classifier: one output a class, learned by cross-entropy.
    ///
    /// - Parameters:
    ///   - classes: the number of classes.
    ///   - features: the number of features F.
    ///   - scope: where the tensors stand.
    ///   - weights: how the weights start, with a bias of 0; nil for the layer's usual way.
    /// - Throws: `StateError.duplicateKey` if the scope is taken.
    public init(classes: Int, features: Int, _ scope: Scope, weights: Initializer? = nil) throws {
        linear = try Self.linear(scope, features, classes, weights)
        (criterion, isClassifier, distributions) = ({ try $1.crossEntropy($0) }, true, [classes])
    }

    private static func linear(
        _ scope: Scope, _ features: Int, _ outputs: Int, _ weights: Initializer?
    ) throws -> Linear {
        guard let weights else { return try Linear(scope, features, outputs) }
        let linear = try Linear(scope, features, outputs, initializer: weights)
        if let bias = linear.bias { try withoutGradients { try bias.fillInPlace(0) } }
        return linear
    }

    /// [N, F] to [N, K], float32.
    public func outputs(_ features: Tensor, _ mode: Mode) throws -> Tensor { try linear(features).to(.float32) }

    /// The criterion of the outputs.
    public func loss(_ features: Tensor, _ targets: Targets, _ mode: Mode, progress: Double) throws -> TaskLoss {
        let outputs = try outputs(features, mode)
        let correct =
            isClassifier ? try withoutGradients { try outputs.argmax(1).equals(targets.numbers).sum() } : nil
        return TaskLoss(loss: try criterion(outputs, targets), outputs: outputs, correct: correct)
    }

    /// The cross-entropy towards the teacher's probabilities, of each distribution by itself.
    public func distance(_ outputs: Tensor, to teacher: Tensor) throws -> Tensor {
        let parts = try zip(
            outputs.split(distributions, dimension: 1), teacher.split(distributions, dimension: 1)
        ).map { try $0.crossEntropy($1.softmax(1)) }
        return try parts.dropFirst().reduce(parts[0]) { try $0 + $1 }
    }
}
