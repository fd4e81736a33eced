import Datasets
import NN
import Networks
import Support
import Torch
import Training

/// The targets of a batch, on the device of the network.
public struct Targets {
    /// The label of each image as a number, [N], int64: a class, an age or an identity.
    public var numbers: Tensor
    /// The class probabilities of mixed images, [N, K], float32; nil for images that are not mixed.
    public var mixed: Tensor?
    /// The class of each pixel, [N, H, W], uint8, `LabelMap.ignored` where there is none; nil for data without label
    /// maps.
    public var maps: Tensor?
    /// The objects in each image, in pixels of the image as it is learned from; nil for data without boxes.
    public var boxes: [[AnnotatedBox]]?
    /// The label smoothing: the share of each target that is spread over all classes.
    public var smoothing: Double
    /// What random choices of a loss follow from, such as which of many boxes are learned.
    public var seed: UInt64 = 0

    /// Creates targets of images that are labelled by numbers.
    ///
    /// - Parameters:
    ///   - numbers: the labels [N], int64.
    ///   - mixed: the class probabilities of mixed images, [N, K], float32; nil for images that are not mixed.
    ///   - smoothing: the label smoothing, the share of each target that is spread over all classes.
    public init(numbers: Tensor, mixed: Tensor? = nil, smoothing: Double = 0) {
        (self.numbers, self.mixed, self.smoothing) = (numbers, mixed, smoothing)
    }

    /// Creates the targets of a batch.
    ///
    /// - Parameters:
    ///   - batch: the batch, with labels, and with label maps or boxes where the data has them.
    ///   - device: the device of the tensors.
    ///   - smoothing: the label smoothing, the share of each target that is spread over all classes.
    /// - Throws: `TorchError`.
    public init(_ batch: Batch, on device: Device, smoothing: Double) throws {
        self.init(numbers: try batch.targets(on: device), smoothing: smoothing)
        maps = try batch.labelMaps(on: device)
        if batch.annotationKind == .boxes { boxes = batch.boxes(view: 0) }
    }

    /// Computes the cross-entropy of logits [N, K], a tensor of one element.
    public func crossEntropy(_ logits: Tensor) throws -> Tensor {
        try logits.crossEntropy(mixed ?? numbers, smoothing: smoothing)
    }
}

/// The loss of a head on one batch.
public struct TaskLoss {
    /// The loss, one element, float32.
    public var loss: Tensor
    /// What others learn of this pass (``TaskHead/answers(of:_:)``): the outputs that the loss was computed from, [N, K],
    /// float32, unless the head says otherwise.
    public var outputs: Tensor
    /// The number of correct predictions, one element; nil for a task without classes.
    public var correct: Tensor?

    /// Creates a loss.
    public init(loss: Tensor, outputs: Tensor, correct: Tensor? = nil) {
        (self.loss, self.outputs, self.correct) = (loss, outputs, correct)
    }
}

/// The head of a task on the features of a backbone. Features come in the precision that they were computed in.
public protocol TaskHead {
    /// Computes the outputs [N, K], float32, of features [N, F], bfloat16 or float32; scores are computed from them.
    func outputs(_ features: Tensor, _ mode: Mode) throws -> Tensor
    /// Computes the outputs of the maps of a backbone, for a head that stands on more than the last.
    func outputs(of maps: FeatureMaps, _ mode: Mode) throws -> Tensor
    /// Computes what another network or path learns of this one, by ``distance(_:to:)``.
    func answers(of maps: FeatureMaps, _ mode: Mode) throws -> Tensor
    /// Computes the loss of a batch.
    ///
    /// - Parameters:
    ///   - features: the features [N, F].
    ///   - targets: the targets of the images.
    ///   - mode: the mode of this pass, which says what batch norm does.
    ///   - progress: the progress of the training, from 0 at its start to 1 at its end.
    func loss(_ features: Tensor, _ targets: Targets, _ mode: Mode, progress: Double) throws -> TaskLoss
    /// Computes what the head makes, for its loss alone, of the maps that a backbone handed out, in the backbone's
    /// precision; nil for nothing.
    func auxiliary(_ maps: FeatureMaps, _ mode: Mode) throws -> Tensor?
    /// Computes the loss of a batch with what was made of the backbone's maps.
    ///
    /// - Parameters:
    ///   - features: the features [N, F], or a map.
    ///   - auxiliary: what `auxiliary` made.
    ///   - targets: the targets of the images.
    ///   - mode: the mode of this pass.
    ///   - progress: the progress of the training, from 0 at its start to 1 at its end.
    func loss(
        _ features: Tensor, auxiliary: Tensor?, _ targets: Targets, _ mode: Mode, progress: Double
    ) throws -> TaskLoss
    /// Computes the loss of a batch of the maps of a backbone, for a head that stands on more than the last.
    ///
    /// - Parameters:
    ///   - maps: the maps, in the precision that they were computed in, with the sizes of the images.
    ///   - auxiliary: what `auxiliary` made.
    ///   - targets: the targets of the images.
    ///   - mode: the mode of this pass.
    ///   - progress: the progress of the training, from 0 at its start to 1 at its end.
    func loss(
        of maps: FeatureMaps, auxiliary: Tensor?, _ targets: Targets, _ mode: Mode, progress: Double
    ) throws -> TaskLoss
    /// Computes the distillation loss of outputs towards those of a teacher, which may be another path, as one element.
    ///
    /// - Parameters:
    ///   - outputs: the outputs [N, K], float32.
    ///   - teacher: the outputs of the teacher, [N, K], float32, without gradient.
    func distance(_ outputs: Tensor, to teacher: Tensor) throws -> Tensor
}

extension TaskHead {
    /// By default, the outputs of the last map.
    public func outputs(of maps: FeatureMaps, _ mode: Mode) throws -> Tensor { try outputs(maps.output, mode) }

    /// By default, the outputs.
    public func answers(of maps: FeatureMaps, _ mode: Mode) throws -> Tensor { try outputs(of: maps, mode) }

    /// By default, the loss of the last map.
    public func loss(
        of maps: FeatureMaps, auxiliary: Tensor?, _ targets: Targets, _ mode: Mode, progress: Double
    ) throws -> TaskLoss {
        try loss(maps.output, auxiliary: auxiliary, targets, mode, progress: progress)
    }

    /// By default, nothing.
    public func auxiliary(_ maps: FeatureMaps, _ mode: Mode) throws -> Tensor? { nil }

    /// By default, the loss without it.
    public func loss(
        _ features: Tensor, auxiliary: Tensor?, _ targets: Targets, _ mode: Mode, progress: Double
    ) throws -> TaskLoss {
        try loss(features, targets, mode, progress: progress)
    }

    /// By default, the cross-entropy with the teacher's probabilities, for one distribution over all outputs.
    public func distance(_ outputs: Tensor, to teacher: Tensor) throws -> Tensor {
        try outputs.crossEntropy(teacher.softmax(1))
    }
}

/// A linear layer with a bias and a loss on its outputs; keys `weight` and `bias`.
public struct LinearHead: TaskHead {
    /// A loss: a function from outputs [N, K], float32, and targets to one element.
    public typealias Criterion = @Sendable (_ outputs: Tensor, _ targets: Targets) throws -> Tensor

    private let linear: Linear
    private let criterion: Criterion
    private let isClassifier: Bool
    /// The numbers of outputs of the distributions that the outputs consist of.
    private let distributions: [Int]

    /// Creates a head with a given loss.
    ///
    /// - Parameters:
    ///   - features: the number of features F.
    ///   - outputs: the number of outputs K.
    ///   - scope: the path of the tensors in a store.
    ///   - weights: the initialiser of the weights, with a bias of 0; nil for the layer's default.
    ///   - distributions: the numbers of outputs of the distributions that the outputs consist of; nil for one
    ///     distribution.
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

    /// Creates a classifier: one output for each class, trained by cross-entropy.
    ///
    /// - Parameters:
    ///   - classes: the number of classes.
    ///   - features: the number of features F.
    ///   - scope: the path of the tensors in a store.
    ///   - weights: the initialiser of the weights, with a bias of 0; nil for the layer's default.
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

    /// Computes the outputs [N, K], float32, of features [N, F].
    public func outputs(_ features: Tensor, _ mode: Mode) throws -> Tensor { try linear.outputs(features) }

    /// Computes the loss of the outputs.
    public func loss(_ features: Tensor, _ targets: Targets, _ mode: Mode, progress: Double) throws -> TaskLoss {
        let outputs = try outputs(features, mode)
        let correct =
            isClassifier ? try withoutGradients { try outputs.argmax(1).equals(targets.numbers).sum() } : nil
        return TaskLoss(loss: try criterion(outputs, targets), outputs: outputs, correct: correct)
    }

    /// Computes the sum of the cross-entropies of each distribution with the teacher's probabilities.
    public func distance(_ outputs: Tensor, to teacher: Tensor) throws -> Tensor {
        let parts = try zip(
            outputs.split(distributions, dimension: 1), teacher.split(distributions, dimension: 1)
        ).map { try $0.crossEntropy($1.softmax(1)) }
        return try parts.dropFirst().reduce(parts[0]) { try $0 + $1 }
    }
}
