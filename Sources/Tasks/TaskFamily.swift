import Datasets
import Experiments
import Support
import Training

/// The tasks by name, from which the section `task` of a configuration chooses. A program registers a task of its own
/// with `TaskFamily.register(TaskType<CountingTask>())`.
public enum TaskFamily: DefinitionFamily {
    /// The registered tasks.
    public static let registry = Registry<any TaskDefinition>(
        of: "task",
        [
            TaskType<ClassificationTask>(),
            TaskType<ReidentificationTask>(),
            TaskType<AgeTask>(),
            TaskType<GenderTask>(),
            TaskType<AgeAndGenderTask>(),
            TaskType<DomainAdaptationTask>(),
            TaskType<SegmentationTask>(),
            TaskType<DetectionTask>(),
            TaskType<InstanceSegmentationTask>(),
        ]
    ) { $0.name }
    /// The task of configurations that name none: classification.
    public static var standard: any TaskDefinition { TaskType<ClassificationTask>() }
    /// The task as a named definition.
    public static func erased(_ member: any TaskDefinition) -> any NamedDefinition { member }

    /// Finds a task by its name.
    ///
    /// - Throws: `NamedOptionsError.unknown`.
    public static func task(named name: String) throws -> any RecognitionTask.Type {
        guard let found = registry[name] else {
            throw NamedOptionsError.unknown(name: name, noun: registry.noun, known: nameList)
        }
        return found.type
    }
}

/// The definition of a task, as the family registers it.
public protocol TaskDefinition: NamedDefinition {
    /// The type of the task.
    var type: any RecognitionTask.Type { get }
    /// Opens the task's data.
    ///
    /// - Throws: what ``RecognitionTask/open(_:_:with:)`` throws.
    func open(_ data: DataConfiguration, _ options: Options, with open: TaskData) throws -> any RecognitionTask
}

/// The definition of a task, made from its type.
public struct TaskType<Task: RecognitionTask>: TaskDefinition {
    /// The task's own settings.
    public typealias Options = Task.Options

    /// Creates the definition.
    public init() {}

    /// The name of the task.
    public var name: String { Task.name }
    /// The task in one sentence for help texts.
    public var summary: String { Task.summary }
    /// The type of the task.
    public var type: any RecognitionTask.Type { Task.self }

    /// Opens the task's data.
    public func open(_ data: DataConfiguration, _ options: Options, with open: TaskData) throws -> any RecognitionTask {
        try Task.open(data, options, with: open)
    }
}

/// The section `task` of a configuration: the name of a task and the task's own settings.
public typealias TaskConfiguration = NamedOptions<TaskFamily>

extension NamedOptions<TaskFamily> {
    /// The type of the chosen task.
    public var type: any RecognitionTask.Type { definition.type }

    /// Opens the task's data. A validation part is split off from the training images where there is none.
    ///
    /// - Parameters:
    ///   - data: the images and how they are split.
    ///   - open: the functions that open data by name or path.
    /// - Throws: `InvalidConfiguration` for folds of a task that has none; `DatasetError` that names what is missing; what
    ///   splitting throws if there are too few images.
    public func task(_ data: DataConfiguration, open: TaskData = TaskData()) throws -> any RecognitionTask {
        var check = ConfigurationCheck()
        check.require(
            type.hasFolds || data.folds == 0, "data.folds",
            "must be 0 for the task `\(type.name)`, whose images are not cut into folds, is \(data.folds)")
        try check.finish()
        func opened<D: TaskDefinition>(_ definition: D) throws -> any RecognitionTask {
            try definition.open(data, options(of: definition), with: open)
        }
        return try opened(definition)
    }
}

/// The functions that open the data of tasks, by names that a program knows or by paths.
public struct TaskData: Sendable {
    /// Opens a data set with one class for each image.
    public var classes: @Sendable (String) throws -> OpenedDataset
    /// Opens images of people under several cameras.
    public var people: @Sendable (String) throws -> MarketDataset
    /// Opens faces with the labels of a target: age, gender or both.
    public var faces: @Sendable (String, FaceDataset.Target) throws -> OpenedDataset
    /// Opens images with a class for each pixel.
    public var pixels: @Sendable (String) throws -> OpenedDataset
    /// Opens images with boxes of objects.
    public var objects: @Sendable (String) throws -> OpenedDataset

    /// Creates the functions; the default ones open paths only.
    ///
    /// - Parameters:
    ///   - classes: opens a data set with one class for each image.
    ///   - people: opens images of people under several cameras.
    ///   - faces: opens faces.
    ///   - pixels: opens images with a class for each pixel.
    ///   - objects: opens images with boxes of objects.
    public init(
        classes: @escaping @Sendable (String) throws -> OpenedDataset = {
            let data = try openDataset(at: $0).keepingFinalScore
            try data.checkClassPerImage($0)
            return data
        },
        people: @escaping @Sendable (String) throws -> MarketDataset = { try MarketDataset.open($0) },
        faces: @escaping @Sendable (String, FaceDataset.Target) throws -> OpenedDataset = {
            try FaceDataset.open($0, as: $1).opened
        },
        pixels: @escaping @Sendable (String) throws -> OpenedDataset = {
            try SegmentationParts.open($0).opened.keepingFinalScore
        },
        objects: @escaping @Sendable (String) throws -> OpenedDataset = {
            try DetectionParts.open($0).opened.keepingFinalScore
        }
    ) {
        (self.classes, self.people, self.faces) = (classes, people, faces)
        (self.pixels, self.objects) = (pixels, objects)
    }

    /// Creates functions that return given data for every name.
    ///
    /// - Parameter data: the data that is returned.
    public static func given(_ data: OpenedDataset) -> TaskData {
        TaskData(classes: { _ in data }, faces: { _, _ in data }, pixels: { _ in data }, objects: { _ in data })
    }
}
