import Datasets
import Experiments
import NN
import Networks
import Results
import Support
import Torch
import Training

/// What is to be recognised in images: the data with its labels, a head with its loss, a score, and what a page shows. A
/// task is a file or a folder of this module and one line in ``TaskFamily``; nothing else knows of it.
public protocol RecognitionTask: Sendable {
    /// The task's own settings, beside those that every task has.
    associatedtype Options: Configuration = NoOptions

    /// The task's name, as command lines, configurations and files have it.
    static var name: String { get }
    /// The task's name as a heading.
    static var title: String { get }
    /// One sentence for help texts: what is recognised, in images of which layout.
    static var summary: String { get }
    /// The metrics that its scores are told by, the one that counts first.
    static var metrics: [Metric] { get }
    /// What the outputs of its networks mean to a person.
    static var outputs: TaskOutputs { get }

    /// Opens the task's data; a validation part is drawn from the training images where there is none.
    ///
    /// - Parameters:
    ///   - data: which images, and how they are cut.
    ///   - options: the task's own settings.
    ///   - open: opens what is named.
    /// - Throws: `DatasetError` that names what is missing; what a split throws if the images are too few to part.
    static func open(_ data: DataConfiguration, _ options: Options, with open: TaskData) throws -> Self
    /// The task over images as they lie, for the score of a network that is there: nothing is held out of them.
    ///
    /// - Parameters:
    ///   - source: the images, by name or path.
    ///   - open: opens what is named.
    /// - Throws: `DatasetError` that names what is missing.
    static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask
    /// How images are prepared where the task has a usual way of its own; nil for the usual way of classification.
    ///
    /// - Parameters:
    ///   - size: the size of the images that networks see, in pixels.
    ///   - mean: subtracted from values in 0...1, one a channel.
    ///   - std: what values are divided by then.
    /// - Throws: `AugmentationError` for a size out of range.
    static func preparation(size: ImageSize, mean: [Double], std: [Double]) throws -> Preparation?

    /// The images to learn from, to choose by (`validation`), and to be scored on at the end (`test`), with labels as the
    /// head's loss takes them.
    var data: OpenedDataset { get }
    /// The names of the head's outputs where they are classes; nil otherwise.
    var outputNames: [String]? { get }
    /// The number of classes whose targets can be mixed by mixup and cutmix; nil where there are none.
    var mixableClasses: Int? { get }
    /// What stands on the features of its networks in a file.
    ///
    /// - Parameter features: the number of features F.
    func networkHead(features: Int) -> NetworkHead
    /// What is trained beside an adaptation and its controls, to hold them against.
    var comparisons: [TaskComparison] { get }
    /// Which images batch norm normalises together.
    var normalization: TaskNormalization { get }
    /// Images apart by what batch norm normalises together; all of them are those of the set.
    ///
    /// - Parameter set: training or validation images of the task, or some of them.
    /// - Throws: `DatasetError` where they cannot be told apart.
    func domains(of set: any ImageDataset) throws -> [any ImageDataset]
    /// The number of images of a batch that the training images can fill.
    ///
    /// - Parameter size: what the settings ask for.
    func batchSize(atMost size: Int) -> Int
    /// Which training images come together in a batch.
    ///
    /// - Throws: `BatchLoaderError` for a size that the task cannot use.
    func sampling(batchSize: Int) throws -> BatchLoaderOptions.Sampling
    /// What stands on the features while a network learns, its tensors under `scope`.
    ///
    /// - Parameters:
    ///   - features: the number of features F.
    ///   - scope: where the tensors stand.
    ///   - weights: how the weights start; nil for the layers' usual way.
    /// - Throws: `StateError.duplicateKey` if the scope is taken.
    func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead
    /// How good a head's outputs are.
    ///
    /// - Parameters:
    ///   - outputs: [N, K], float32.
    ///   - labels: the labels of the same images.
    ///   - part: where the images are from.
    /// - Throws: `TaskMetricError` for outputs that are no numbers.
    func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> Score
    /// Fits a linear map to frozen features.
    ///
    /// - Parameters:
    ///   - features: [M, F], float32, of training images.
    ///   - labels: [M], of the same images.
    func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap
    /// What a page shows of a head's outputs.
    ///
    /// - Parameters:
    ///   - outputs: [N, K], float32.
    ///   - labels: the labels of the same images.
    ///   - images: the places of the images in the part.
    ///   - part: where the images are from.
    func examples(_ outputs: Tensor, labels: [Int], images: [Int], of part: TaskPart) throws -> [Examples]
    /// Takes the outputs for images batch by batch, and gives the score in the end. A task whose outputs are too large to be
    /// kept gives one of its own.
    ///
    /// - Parameter part: where the images are from.
    func meter(of part: TaskPart) -> any ScoreMeter
}

/// What is done to images, to learn from them and to be scored on them.
public struct Preparation: Sendable {
    /// What happens to training images.
    public var augmentation: Augmentation
    /// What happens to validation and test images.
    public var evaluation: Augmentation

    /// A way of preparing images.
    public init(augmentation: Augmentation, evaluation: Augmentation) {
        (self.augmentation, self.evaluation) = (augmentation, evaluation)
    }
}

extension RecognitionTask {
    /// The name with a capital letter.
    public static var title: String { name.prefix(1).uppercased() + name.dropFirst() }
    /// The metrics, of the type of a value.
    public var metrics: [Metric] { Self.metrics }
    /// The name, of the type of a value.
    public var name: String { Self.name }
    /// The usual way of classification.
    public static func preparation(size: ImageSize, mean: [Double], std: [Double]) throws -> Preparation? { nil }
    /// Every class that the outputs have.
    public var mixableClasses: Int? { outputNames?.count }
    /// A matrix product with an output for each name, or for each feature where there are no names.
    public func networkHead(features: Int) -> NetworkHead { .linear(outputs: outputNames?.count ?? features) }
    /// No comparisons.
    public var comparisons: [TaskComparison] { [] }
    /// All images of a batch together.
    public var normalization: TaskNormalization { .together }
    /// The set itself.
    public func domains(of set: any ImageDataset) throws -> [any ImageDataset] { [set] }
    /// As many images as are asked for.
    public func batchSize(atMost size: Int) -> Int { size }
    /// Any images, in random order.
    public func sampling(batchSize: Int) throws -> BatchLoaderOptions.Sampling { .shuffled }
    /// A meter that keeps all outputs.
    public func meter(of part: TaskPart) -> any ScoreMeter { CollectingMeter(self, part) }

    /// What stands on the features while a network learns, its weights in the layers' usual way.
    ///
    /// - Throws: `StateError.duplicateKey` if the scope is taken.
    public func makeHead(features: Int, _ scope: Scope) throws -> any TaskHead {
        try makeHead(features: features, scope, weights: nil)
    }

    /// The validation images.
    ///
    /// - Throws: `TrainingError.tooFewImages` where there are less than two.
    public func validationSet() throws -> any ImageDataset {
        try DataConfiguration.requireValidation(data.validation)
        guard let set = data.validation else { throw TrainingError.nothingToScore }
        return set
    }
}

/// Which images are scored.
public enum TaskPart: Sendable {
    /// Those that choices are made by.
    case validation
    /// Those of the final score.
    case test
}

/// Whose statistics batch norm uses.
public enum TaskNormalization: Sendable {
    /// Those of whole batches in training, and what they left at the score.
    case together
    /// In training, those of each domain for itself: of the samples before `first`, and of the others. At the score, those of
    /// the images that are given (Li et al., "Revisiting Batch Normalization For Practical Domain Adaptation", 2016).
    case byDomain(first: Int, scoredBy: any ImageDataset)
}

/// Another way of learning a task, to hold the method against.
public struct TaskComparison: Sendable {
    /// The comparison's name, for folder and page, such as `source-only`.
    public let name: String
    /// The task that is learned instead, scored on the same test images.
    public let task: any RecognitionTask
}

// MARK: - Scores

/// What is known of a batch of images that are scored.
public struct ScoredBatch {
    /// The number that each image is labelled by.
    public var labels: [Int]
    /// The place of each image in the part that is scored.
    public var images: [Int]
    /// The class of each pixel, [N, H, W], uint8; nil for data without label maps.
    public var maps: Tensor?
    /// The objects in each image; nil for data without boxes.
    public var boxes: [[AnnotatedBox]]?

    /// Images that are labelled by numbers.
    ///
    /// - Parameters:
    ///   - labels: the number that each image is labelled by.
    ///   - images: the place of each image in the part that is scored.
    public init(labels: [Int], images: [Int]) { (self.labels, self.images) = (labels, images) }

    /// The images of a batch.
    ///
    /// - Throws: `TorchError`.
    public init(_ batch: Batch) throws {
        labels = batch.labels.prefix(batch.count).map(Int.init)
        images = Array(batch.indices.prefix(batch.count))
        maps = try batch.labelMaps()
        if batch.annotationKind == .boxes { boxes = batch.boxes(view: 0) }
    }
}

/// Takes the outputs for some images batch by batch.
public protocol ScoreMeter {
    /// Takes the outputs of a batch.
    ///
    /// - Parameters:
    ///   - outputs: [N, K], float32.
    ///   - truth: what is known of the same images.
    /// - Throws: what the task throws for outputs that it cannot take.
    mutating func add(_ outputs: Tensor, _ truth: ScoredBatch) throws
    /// The score of all that was taken.
    ///
    /// - Throws: `TrainingError.nothingToScore` where nothing was; what the task's score throws.
    func score() throws -> Score
    /// What a page shows of all that was taken.
    func examples() throws -> [Examples]
}

/// Keeps all outputs, for tasks whose score takes them together.
struct CollectingMeter: ScoreMeter {
    private let task: any RecognitionTask
    private let part: TaskPart
    private var outputs: [Tensor] = []
    private var labels: [Int] = []
    private var images: [Int] = []

    init(_ task: any RecognitionTask, _ part: TaskPart) { (self.task, self.part) = (task, part) }

    mutating func add(_ outputs: Tensor, _ truth: ScoredBatch) throws {
        self.outputs.append(outputs)
        labels += truth.labels
        images += truth.images
    }

    private func all() throws -> Tensor {
        guard !labels.isEmpty else { throw TrainingError.nothingToScore }
        return try outputs.count == 1 ? outputs[0] : .concatenated(outputs)
    }

    func score() throws -> Score {
        var score = try task.score(all(), labels: labels, of: part)
        score.count = labels.count
        return score
    }

    func examples() throws -> [Examples] { try task.examples(all(), labels: labels, images: images, of: part) }
}
