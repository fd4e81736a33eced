import Datasets
import Experiments
import Results
import Support
import Training

/// The tasks by name, from which the section `task` of a configuration chooses. A task of a program's own joins them by
/// `TaskFamily.register(TaskType<CountingTask>())`.
public enum TaskFamily: DefinitionFamily {
    /// Every task that is known.
    public static let registry = Registry<any TaskDefinition>(
        of: "task",
        [
            TaskType<ClassificationTask>(),
            TaskType<ReidentificationTask>(),
            TaskType<AgeTask>(),
            TaskType<GenderTask>(),
            TaskType<AgeAndGenderTask>(),
            TaskType<DomainAdaptationTask>(),
        ]
    ) { $0.name }
    /// Classification.
    public static var standard: any TaskDefinition { TaskType<ClassificationTask>() }
    /// The task as a definition.
    public static func erased(_ member: any TaskDefinition) -> any NamedDefinition { member }

    /// The task of that name.
    ///
    /// - Throws: `NamedOptionsError.unknown`.
    public static func task(named name: String) throws -> any RecognitionTask.Type {
        guard let found = registry[name] else {
            throw NamedOptionsError.unknown(name: name, noun: registry.noun, known: nameList)
        }
        return found.type
    }
}

/// A task as one of a family.
public protocol TaskDefinition: NamedDefinition {
    /// The type of the task.
    var type: any RecognitionTask.Type { get }
    /// Opens the task's data.
    ///
    /// - Throws: as ``RecognitionTask/open(_:_:with:)``.
    func open(_ data: DataConfiguration, _ options: Options, with open: TaskData) throws -> any RecognitionTask
}

/// A task as one of a family, made of its type.
public struct TaskType<Task: RecognitionTask>: TaskDefinition {
    /// The task's own settings.
    public typealias Options = Task.Options

    /// The definition of the task.
    public init() {}

    /// The task's name.
    public var name: String { Task.name }
    /// What is recognised.
    public var summary: String { Task.summary }
    /// The type of the task.
    public var type: any RecognitionTask.Type { Task.self }

    /// Opens the task's data.
    public func open(_ data: DataConfiguration, _ options: Options, with open: TaskData) throws -> any RecognitionTask {
        try Task.open(data, options, with: open)
    }
}

/// Which task, and what it needs to know.
public typealias TaskConfiguration = NamedOptions<TaskFamily>

extension NamedOptions<TaskFamily> {
    /// The type of the chosen task.
    public var type: any RecognitionTask.Type { definition.type }

    /// Opens the task's data; a validation part is drawn from the training images where there is none.
    ///
    /// - Parameters:
    ///   - data: which images, and how they are cut.
    ///   - open: opens what is named.
    /// - Throws: `DatasetError` that names what is missing; what a split throws if the images are too few to part.
    public func task(_ data: DataConfiguration, open: TaskData = TaskData()) throws -> any RecognitionTask {
        func opened<D: TaskDefinition>(_ definition: D) throws -> any RecognitionTask {
            try definition.open(data, options(of: definition), with: open)
        }
        return try opened(definition)
    }
}

/// How the data of tasks is opened: by names that a program knows, and by paths.
public struct TaskData: Sendable {
    /// Opens a data set with one label an image.
    public var classes: @Sendable (String) throws -> OpenedDataset
    /// Opens people under cameras.
    public var people: @Sendable (String) throws -> MarketDataset
    /// Opens faces; the target says what is asked of them.
    public var faces: @Sendable (String, FaceDataset.Target) throws -> OpenedDataset

    /// Opens paths alone, unless others are given.
    ///
    /// - Parameters:
    ///   - classes: opens a data set with one label an image.
    ///   - people: opens people under cameras.
    ///   - faces: opens faces.
    public init(
        classes: @escaping @Sendable (String) throws -> OpenedDataset = {
            try openDataset(at: $0).keepingFinalScore
        },
        people: @escaping @Sendable (String) throws -> MarketDataset = { try MarketDataset.open($0) },
        faces: @escaping @Sendable (String, FaceDataset.Target) throws -> OpenedDataset = {
            try FaceDataset.open($0, as: $1).opened
        }
    ) {
        (self.classes, self.people, self.faces) = (classes, people, faces)
    }

    /// Opens data that is at hand, whatever it is called.
    ///
    /// - Parameter data: what is given for every name.
    public static func given(_ data: OpenedDataset) -> TaskData {
        TaskData(classes: { _ in data }, faces: { _, _ in data })
    }
}
