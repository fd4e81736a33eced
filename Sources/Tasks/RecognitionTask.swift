import Architectures
import Datasets
import Experiments
import NN
import Networks
import Results
import Support
import Torch
import Training

/// A recognition task: data with labels, a head with its loss, a score, and examples for reports. A task is a file or a
/// folder of this module and one line in ``TaskFamily``; no other code depends on it.
public protocol RecognitionTask: Sendable {
    /// The task's own settings, beside those that every task has.
    associatedtype Options: Configuration = NoOptions

    /// The task's name in command lines, configurations and files.
    static var name: String { get }
    /// The task's name as a heading.
    static var title: String { get }
    /// The task in one sentence for help texts: what is recognised, and in which layout of images.
    static var summary: String { get }
    /// The metrics of its scores, the most important one first.
    static var metrics: [Metric] { get }
    /// The meaning of its networks' outputs.
    static var outputs: TaskOutputs { get }

    /// Whether ``open(_:_:with:)`` cuts images into folds where the settings of the data say so; a task that does not is
    /// refused with such settings.
    static var hasFolds: Bool { get }

    /// Opens the task's data. A validation part is split off from the training images where there is none.
    ///
    /// - Parameters:
    ///   - data: the images and how they are split.
    ///   - options: the task's own settings.
    ///   - open: the functions that open data by name or path.
    /// - Throws: `DatasetError` that names what is missing; what splitting throws if there are too few images.
    static func open(_ data: DataConfiguration, _ options: Options, with open: TaskData) throws -> Self
    /// Opens images without splitting them, to score an existing network.
    ///
    /// - Parameters:
    ///   - source: the name or path of the images.
    ///   - open: the functions that open data by name or path.
    /// - Throws: `DatasetError` that names what is missing.
    static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask
    /// The preparation of images where the task needs its own; nil for that of classification.
    ///
    /// - Parameters:
    ///   - size: the size of the images that networks see, in pixels.
    ///   - mean: the means that are subtracted from values in 0...1, one for each channel.
    ///   - std: the standard deviations by which values are then divided, one for each channel.
    /// - Throws: `AugmentationError` for a size out of range.
    static func preparation(size: ImageSize, mean: [Double], std: [Double]) throws -> Preparation?

    /// The images for training, for validation and for the final score (`test`), with labels as the head's loss takes
    /// them.
    var data: OpenedDataset { get }
    /// The names of the head's outputs where they are classes; nil otherwise.
    var outputNames: [String]? { get }
    /// The number of classes whose targets can be mixed by mixup and cutmix; nil where there are none.
    var mixableClasses: Int? { get }
    /// The layers of its networks, made of those that end in pooled features. A dense task takes the pooling away and puts
    /// layers of its own on the maps; layers that are already such, as those of a network that it learns on from, stay.
    ///
    /// - Parameters:
    ///   - backbone: the layers of a network, a space or an elastic network, whose choices stay.
    ///   - channels: the number of channels of the images.
    /// - Throws: `SpaceError.layer` for layers that the task cannot use, with the reason.
    func layers(on backbone: Layer, channels: Int) throws -> Layer
    /// Whether a tensor is of the task's own layers or head, which begin to learn when the backbone has learned, and may do
    /// so at a rate of their own.
    ///
    /// - Parameter key: the key of the tensor.
    func isOfHead(_ key: String) -> Bool
    /// The head of its networks in a file.
    ///
    /// - Parameter features: the number of features F.
    func networkHead(features: Int) -> NetworkHead
    /// Reference trainings that an adaptation runs beside its controls.
    var comparisons: [TaskComparison] { get }
    /// The images that batch norm normalises together.
    var normalization: TaskNormalization { get }
    /// Splits images into the groups that batch norm normalises together.
    ///
    /// - Parameter set: training or validation images of the task, or a subset of them.
    /// - Throws: `DatasetError` if they cannot be split.
    func domains(of set: any ImageDataset) throws -> [any ImageDataset]
    /// The largest usable batch size up to a given one.
    ///
    /// - Parameter size: the batch size of the settings.
    func batchSize(atMost size: Int) -> Int
    /// The rule by which training images form batches.
    ///
    /// - Throws: `BatchLoaderError` for a batch size that the task cannot use.
    func sampling(batchSize: Int) throws -> BatchLoaderOptions.Sampling
    /// Creates the head for training, with its tensors under `scope`.
    ///
    /// - Parameters:
    ///   - features: the number of features F.
    ///   - scope: the path of the tensors in a store.
    ///   - weights: the initialiser of the weights; nil for the layers' default.
    /// - Throws: `StateError.duplicateKey` if the scope is taken.
    func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead
    /// Creates the head for training on a backbone that also hands out maps, with its tensors under `scope`. What learns
    /// from those maps serves the training alone and is no part of a network's file.
    ///
    /// - Parameters:
    ///   - features: the number of features F.
    ///   - maps: the channels of the maps, by name.
    ///   - scope: the path of the tensors in a store.
    /// - Throws: `StateError.duplicateKey` if the scope is taken.
    func makeHead(features: Int, maps: [String: Int], _ scope: Scope) throws -> any TaskHead
    /// Computes the score of a head's outputs.
    ///
    /// - Parameters:
    ///   - outputs: the outputs [N, K], float32.
    ///   - labels: the labels of the same images.
    ///   - part: the part of the data that the images are from.
    /// - Throws: `TaskMetricError` for outputs that are not finite.
    func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> Score
    /// Fits a linear map to frozen features.
    ///
    /// - Parameters:
    ///   - features: the features of training images, [M, F], float32.
    ///   - labels: the labels of the same images, [M].
    func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap
    /// Examples of a head's outputs for reports.
    ///
    /// - Parameters:
    ///   - outputs: the outputs [N, K], float32.
    ///   - labels: the labels of the same images.
    ///   - images: the places of the images in the part.
    ///   - part: the part of the data that the images are from.
    func examples(_ outputs: Tensor, labels: [Int], images: [Int], of part: TaskPart) throws -> [Examples]
    /// Creates a meter that takes outputs batch by batch and computes the score at the end. A task whose outputs are
    /// too large to keep provides a meter of its own.
    ///
    /// - Parameter part: the part of the data that the images are from.
    func meter(of part: TaskPart) -> any ScoreMeter
}

/// The transforms of training images and of evaluated images.
public struct Preparation: Sendable {
    /// The transforms of training images.
    public var augmentation: Augmentation
    /// The transforms of validation and test images.
    public var evaluation: Augmentation

    /// Creates a preparation.
    public init(augmentation: Augmentation, evaluation: Augmentation) {
        (self.augmentation, self.evaluation) = (augmentation, evaluation)
    }
}

extension RecognitionTask {
    /// By default, the name with a capital letter.
    public static var title: String { name.prefix(1).uppercased() + name.dropFirst() }
    /// By default, images are not cut into folds.
    public static var hasFolds: Bool { false }
    /// The metrics of the task's type.
    public var metrics: [Metric] { Self.metrics }
    /// The name of the task's type.
    public var name: String { Self.name }
    /// By default, nil for the preparation of classification.
    public static func preparation(size: ImageSize, mean: [Double], std: [Double]) throws -> Preparation? { nil }
    /// By default, the number of output names.
    public var mixableClasses: Int? { outputNames?.count }
    /// By default, the layers themselves.
    public func layers(on backbone: Layer, channels: Int) throws -> Layer { backbone }
    /// By default, those under the key of heads.
    public func isOfHead(_ key: String) -> Bool { key.hasPrefix(NetworkHead.key + ".") }
    /// By default, the head on the features alone.
    public func makeHead(features: Int, maps: [String: Int], _ scope: Scope) throws -> any TaskHead {
        try makeHead(features: features, scope)
    }
    /// By default, a linear layer with one output for each name, or for each feature where there are no names.
    public func networkHead(features: Int) -> NetworkHead { .linear(outputs: outputNames?.count ?? features) }
    /// By default, there are no reference trainings.
    public var comparisons: [TaskComparison] { [] }
    /// By default, batch norm normalises all images of a batch together.
    public var normalization: TaskNormalization { .together }
    /// By default, the whole set is one group.
    public func domains(of set: any ImageDataset) throws -> [any ImageDataset] { [set] }
    /// By default, any batch size is usable.
    public func batchSize(atMost size: Int) -> Int { size }
    /// By default, batches are drawn in random order.
    public func sampling(batchSize: Int) throws -> BatchLoaderOptions.Sampling { .shuffled }
    /// By default, a meter that keeps all outputs.
    public func meter(of part: TaskPart) -> any ScoreMeter { CollectingMeter(self, part) }

    /// Creates the head for training, with the layers' default initialisers.
    ///
    /// - Throws: `StateError.duplicateKey` if the scope is taken.
    public func makeHead(features: Int, _ scope: Scope) throws -> any TaskHead {
        try makeHead(features: features, scope, weights: nil)
    }

    /// The supernet of the task, made of one that ends in pooled features.
    ///
    /// - Throws: as ``layers(on:channels:)``.
    public func supernet(on description: SupernetDescription) throws -> SupernetDescription {
        let layers = try layers(on: description.backbone, channels: description.channels)
        guard layers != description.backbone else { return description }
        return try SupernetDescription(description.space.name, channels: description.channels, backbone: layers)
    }

    /// Refuses to compare paths by what is fitted to pooled features, where the task has none.
    ///
    /// - Parameters:
    ///   - setting: the key that asks for it.
    ///   - value: its value.
    /// - Throws: `TrainingError.badOption`.
    public func requirePooled(_ setting: String, _ value: String) throws {
        guard Self.outputs.isDense else { return }
        throw TrainingError.badOption(
            setting, "is \(value), which needs one vector of features for each image; the task `\(name)` has maps")
    }

    /// Refuses a limit of latency where a network's time depends on what an image shows.
    ///
    /// - Parameter setting: the key that asks for it.
    /// - Throws: `TrainingError.badOption`.
    public func requirePredictableLatency(_ setting: String) throws {
        guard case .objects = Self.outputs else { return }
        throw TrainingError.badOption(
            setting,
            "asks for a latency, and how long a network of the task `\(name)` takes depends on how much it finds; limit "
                + "multiply-adds or parameters instead")
    }

    /// The cost of every candidate of a supernet with the task's head.
    ///
    /// - Throws: `SpaceError` for an image size that the layers cannot take.
    public func costs(of supernet: SupernetDescription, imageSize: ImageSize) throws -> CostTable {
        let features = try supernet.features(imageSize: imageSize)
        let head = networkHead(features: features)
        return try CostTable(
            supernet, imageSize: imageSize, classes: head.linearOutputs,
            head: head.cost(on: supernet.backbone, channels: supernet.channels, imageSize: imageSize))
    }

    /// Returns the validation images.
    ///
    /// - Throws: `TrainingError.tooFewImages` if there are fewer than two.
    public func validationSet() throws -> any ImageDataset {
        try DataConfiguration.requireValidation(data.validation)
        guard let set = data.validation else { throw TrainingError.nothingToScore }
        return set
    }
}

/// The part of the data that is scored.
public enum TaskPart: Sendable {
    /// The validation images, by which choices are made.
    case validation
    /// The test images of the final score.
    case test
}

/// The images whose statistics batch norm uses.
public enum TaskNormalization: Sendable {
    /// Whole batches in training, and running statistics for scores.
    case together
    /// In training, each domain of a batch separately: the samples before `first`, and the others. For scores, the
    /// statistics of the images `scoredBy` (Li et al., "Revisiting Batch Normalization For Practical Domain
    /// Adaptation", 2016).
    case byDomain(first: Int, scoredBy: any ImageDataset)
}

/// A reference training that a method is compared with.
public struct TaskComparison: Sendable {
    /// The name of the comparison, folder and row, such as `source-only`.
    public let name: String
    /// The task that is trained instead, scored on the same test images.
    public let task: any RecognitionTask
}

// MARK: - Scores

/// The labels of a batch of images that are scored.
public struct ScoredBatch {
    /// The number that each image is labelled by.
    public var labels: [Int]
    /// The place of each image in the part that is scored.
    public var images: [Int]
    /// The class of each pixel, [N, H, W], uint8; nil for data without label maps.
    public var maps: Tensor?
    /// The objects in each image, in pixels of the image as it is stored; nil for data without boxes.
    public var boxes: [[AnnotatedBox]]?
    /// The sizes of each image, as it is stored and as the network sees it; empty for images that are not stored.
    public var frames: [SampleFrame] = []

    /// Creates the labels of images that are labelled by numbers.
    ///
    /// - Parameters:
    ///   - labels: the number that each image is labelled by.
    ///   - images: the place of each image in the part that is scored.
    ///   - maps: the class of each pixel, [N, H, W], uint8; nil for data without label maps.
    public init(labels: [Int], images: [Int], maps: Tensor? = nil) {
        (self.labels, self.images, self.maps) = (labels, images, maps)
    }

    /// Takes the labels of a batch.
    ///
    /// - Throws: `TorchError`.
    public init(_ batch: Batch) throws {
        labels = batch.labels.prefix(batch.count).map(Int.init)
        images = Array(batch.indices.prefix(batch.count))
        maps = try batch.labelMaps()
        frames = batch.frames(view: 0)
        if batch.annotationKind == .boxes { boxes = batch.storedBoxes }
    }
}

/// A meter that takes outputs batch by batch and computes their score.
public protocol ScoreMeter {
    /// Adds the outputs of a batch.
    ///
    /// - Parameters:
    ///   - outputs: the outputs [N, K], float32; [N, K, H', W'] of a network whose output is a map.
    ///   - truth: the labels of the same images.
    /// - Throws: what the task throws for outputs that it cannot score.
    mutating func add(_ outputs: Tensor, _ truth: ScoredBatch) throws
    /// Computes the score of all outputs so far.
    ///
    /// - Throws: `TrainingError.nothingToScore` if there are none; what the task's score throws.
    func score() throws -> Score
    /// The figures of the score that an evaluation during training notes, by name: that by which networks are chosen, as
    /// `score`, and others.
    ///
    /// - Throws: as ``score()``.
    func figures() throws -> [String: Double]
    /// Returns examples of all outputs so far for reports.
    func examples() throws -> [Examples]
}

extension ScoreMeter {
    /// By default, all figures of the score.
    public func figures() throws -> [String: Double] { try score().figures }
}

/// A meter that keeps all outputs, for tasks whose score is computed from all of them together.
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
