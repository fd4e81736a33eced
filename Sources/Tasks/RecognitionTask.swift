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
    /// What the score is told by, the one that counts first.
    static var metrics: [TaskMetric] { get }
    /// Names of the head's outputs, where they are classes, so that its network is one of classification; nil
    /// otherwise.
    var outputNames: [String]? { get }
    /// What stands on the features of its networks in a file, where the outputs have no names; a matrix product with an
    /// output for each name, or for each feature, unless a task says otherwise.
    ///
    /// - Parameter features: F.
    func networkHead(features: Int) -> TaskNetworkHead
    /// What is trained beside the method and its controls, to hold them against; nothing, unless a task says otherwise.
    var comparisons: [TaskComparison] { get }
    /// What batch norm counts as one; all images of a batch, unless a task says otherwise.
    var normalization: TaskNormalization { get }
    /// Images apart by what batch norm counts as one: together they are those of the set; the set itself, unless a task says
    /// otherwise.
    ///
    /// - Parameter set: training or validation images of the task, or some of them.
    /// - Throws: `DatasetError` where they cannot be told apart.
    func domains(of set: any ImageDataset) throws -> [any ImageDataset]
    /// The images of a batch that the training images can fill; as many as are asked for, unless a task says otherwise.
    ///
    /// - Parameter size: what the settings ask for.
    func batchSize(atMost size: Int) -> Int
    /// Which training images come together in a batch; any, unless a task says otherwise.
    ///
    /// - Throws: `BatchLoaderError` for a size that the task cannot use.
    func sampling(batchSize: Int) throws -> BatchLoaderOptions.Sampling
    /// What stands on the features, its tensors under `scope`.
    ///
    /// - Throws: `StateError.duplicateKey` if the scope is taken.
    func makeHead(features: Int, _ scope: Scope) throws -> any TaskHead
    /// How good a head's outputs are.
    ///
    /// - Parameters:
    ///   - outputs: [N, K], float32.
    ///   - labels: of the same images.
    ///   - part: where the images are from.
    /// - Throws: `TaskMetricError` for outputs that are no numbers.
    func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> TaskScore
    /// Fits a linear map to frozen features.
    ///
    /// - Parameters:
    ///   - features: [M, F], float32, of training images.
    ///   - labels: [M], of the same images.
    func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap
    /// What a reader is shown of a head's outputs.
    ///
    /// - Parameters:
    ///   - outputs: [N, K], float32.
    ///   - labels: of the same images.
    ///   - part: where the images are from.
    func examples(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> [TaskExamples]
}

/// A metric of a task as a reader sees it.
public struct TaskMetric: Sendable, Equatable {
    /// How values are read.
    public enum Unit: Sendable {
        /// A part of one.
        case share
        /// Years.
        case years
    }

    /// As it stands among a score's metrics.
    public var name: String
    /// Of its values.
    public var unit: Unit
    /// Whether more is better.
    public var isHigherBetter: Bool

    /// A metric; higher shares are better, unless it is said otherwise.
    public init(_ name: String, unit: Unit = .share, isHigherBetter: Bool = true) {
        (self.name, self.unit, self.isHigherBetter) = (name, unit, isHigherBetter)
    }
}

extension RecognitionTask {
    /// The metrics, of the type of a value.
    public var metrics: [TaskMetric] { Self.metrics }
    /// A matrix product.
    public func networkHead(features: Int) -> TaskNetworkHead { .linear(outputs: outputNames?.count ?? features) }
    /// Nothing.
    public var comparisons: [TaskComparison] { [] }
    /// Whole batches.
    public var normalization: TaskNormalization { .together }
    /// The set itself.
    public func domains(of set: any ImageDataset) throws -> [any ImageDataset] { [set] }
    /// As many.
    public func batchSize(atMost size: Int) -> Int { size }
    /// Any.
    public func sampling(batchSize: Int) throws -> BatchLoaderOptions.Sampling { .shuffled }
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
    /// For folder and page, such as `source-only`.
    public let name: String
    /// What is learned instead, scored on the same test images.
    public let task: any RecognitionTask
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
    ///   - progress: of the training, 0 at its start and 1 at its end.
    func loss(_ features: Tensor, labels: Tensor, _ mode: Mode, progress: Double) throws -> Tensor
}

/// How well a task was done.
public struct TaskScore: Sendable, Codable, Equatable {
    /// What choices are made by; higher is better.
    public var value: Double
    /// By how much the luck of which images were scored moves the value: one standard deviation of its mean over images or
    /// queries. Nil where that is not known.
    public var standardError: Double?
    /// What a reader wants to know, by name.
    public var metrics: [String: Double]

    /// A score as it was measured.
    ///
    /// - Parameters:
    ///   - value: what choices are made by; higher is better.
    ///   - standardError: of the value, over the images; nil where that is not known.
    ///   - metrics: what a reader wants to know, by name.
    public init(_ value: Double, standardError: Double?, metrics: [String: Double]) {
        self.value = value
        self.standardError = standardError
        self.metrics = metrics
    }
}

/// What a reader is shown of a task's outputs. Images are told by their place in the part of the data that was scored.
public enum TaskExamples: Sendable, Codable, Equatable {
    /// What each image was taken for: names of the classes, and for each image its class, the one it was taken for, and
    /// the probability given to that.
    case classes(names: [String], actual: [Int], predicted: [Int], confidence: [Double])
    /// In years, one an image.
    case ages(actual: [Int], predicted: [Double])
    /// Some queries, each with the images that it ranks first.
    case galleries([Query])

    /// Whether there is one value an image in each list, as there may not be in a file that somebody edited.
    public var isWhole: Bool {
        switch self {
        case .classes(_, let actual, let predicted, let confidence):
            actual.count == predicted.count && actual.count == confidence.count
        case .ages(let actual, let predicted): actual.count == predicted.count
        case .galleries: true
        }
    }

    /// A query and what was found for it.
    public struct Query: Sendable, Codable, Equatable {
        /// The place of its image.
        public var image: Int
        /// Who is on it.
        public var identity: Int
        /// Which camera took it.
        public var camera: Int
        /// Nearest first.
        public var found: [Found]

        /// An image of the gallery.
        public struct Found: Sendable, Codable, Equatable {
            /// Its place.
            public var image: Int
            /// Which camera took it.
            public var camera: Int
            /// Whether it is who was asked for.
            public var isMatch: Bool
        }
    }
}
