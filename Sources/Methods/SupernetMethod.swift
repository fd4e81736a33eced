import Architectures
import Datasets
import Experiments
import NN
import Networks
import Support
import Tasks
import Torch
import Training

/// How a supernet learns. A method is a file of this module that reads like its paper, and one line in
/// ``SupernetMethodFamily``; nothing else knows of it.
public protocol SupernetMethod: Method {
    /// The method's own settings.
    associatedtype Options: Configuration = NoOptions

    /// The method's name, as configurations and files have it.
    static var name: String { get }
    /// One sentence for help texts.
    static var summary: String { get }
    /// Whether labels are used: the supernet then has a head of its own, and needs no probe to be ranked by.
    static var isSupervised: Bool { get }
    /// Makes the method, with the initial values of its supernet.
    ///
    /// - Parameters:
    ///   - setup: what is learned, and from where.
    ///   - options: the method's own settings.
    /// - Throws: what building the supernet throws; `TrainingError.badOption`.
    static func make(_ setup: SupernetSetup, _ options: Options) throws -> Self
    /// How a method that learns from views of its own has them made; nil for one view by the data's augmentation.
    static func views(_ options: Options) -> ImageViews?
    /// The computation of a step, in forward passes of one path over the batch. A backward pass counts as two.
    static func passes(_ options: Options, in space: SearchSpace) -> Double
    /// Options that suit batches of another size, to measure a step with.
    static func options(_ options: Options, forBatch size: Int) -> Options
    /// Options with everything that they leave to how images are prepared.
    ///
    /// - Parameters:
    ///   - options: the method's own settings.
    ///   - data: how images are prepared.
    /// - Throws: `AugmentationError` for images of no usual size.
    static func options(_ options: Options, for data: DataConfiguration) throws -> Options
    /// Refuses options that do not suit the training.
    ///
    /// - Parameters:
    ///   - options: the method's own settings.
    ///   - train: how long it learns, and in which steps.
    ///   - check: what notes a problem by the key of the configuration.
    static func check(_ options: Options, _ train: TrainConfiguration, _ check: inout ConfigurationCheck)

    /// The supernet that learns.
    var supernet: Supernet { get }
    /// The length of the embeddings that the supernet's neck gives; nil where it has none.
    var embeddingDimension: Int? { get }
    /// The mean teacher's tensors, where one is kept beside the supernet.
    var teacher: ParameterStore? { get }
}

extension SupernetMethod {
    /// One view by the data's augmentation.
    public static func views(_ options: Options) -> ImageViews? { nil }
    /// The same options.
    public static func options(_ options: Options, forBatch size: Int) -> Options { options }
    /// The same options.
    public static func options(_ options: Options, for data: DataConfiguration) throws -> Options { options }
    /// Nothing to refuse.
    public static func check(_ options: Options, _ train: TrainConfiguration, _ check: inout ConfigurationCheck) {}
    /// No neck.
    public var embeddingDimension: Int? { nil }
    /// No teacher.
    public var teacher: ParameterStore? { nil }
}

/// Several independently augmented views of each image.
public struct ImageViews: Sendable {
    /// The number of views of each image that a step takes.
    public var count: Int
    /// How each view is made.
    public var augmentation: Augmentation

    /// Views of an image.
    public init(count: Int, _ augmentation: Augmentation) { (self.count, self.augmentation) = (count, augmentation) }
}

/// What a supernet is to learn, and from where.
public struct SupernetSetup {
    /// The layers and their choices.
    public let description: SupernetDescription
    /// What is learned by: the task's loss, precision, device and seed.
    public let objective: TaskObjective
    /// The size of the images, in pixels.
    public let imageSize: ImageSize

    /// A setup.
    ///
    /// - Parameters:
    ///   - description: the layers and their choices.
    ///   - objective: what is learned by.
    ///   - imageSize: the size of the images, in pixels.
    public init(_ description: SupernetDescription, objective: TaskObjective, imageSize: ImageSize) {
        (self.description, self.objective, self.imageSize) = (description, objective, imageSize)
    }

    /// The seed of the supernet's initial values.
    public var initialSeed: UInt64 { SeededGenerator(seed: objective.seed, RandomStream.supernetInitial).state }

    /// An empty store on the objective's device.
    ///
    /// - Parameter seed: the seed of initial values; nil for a store whose values are replaced.
    public func store(_ seed: UInt64? = nil) throws -> ParameterStore {
        try ParameterStore(seed: seed ?? 0, device: objective.device, format: .channelsLast)
    }

    /// The supernet with the task's head.
    ///
    /// - Parameter seed: the seed of initial values; nil for values that are replaced.
    /// - Throws: as `Supernet` and the task's head.
    public func taskSupernet(_ seed: UInt64? = nil) throws -> TaskSupernet {
        try TaskSupernet(description, task: objective.task, store: store(seed))
    }

    /// The cost of every candidate, the task's head included.
    ///
    /// - Throws: `SpaceError` for images that the layers cannot take.
    public func costs() throws -> CostTable {
        let features = try description.features(imageSize: imageSize)
        return try CostTable(
            description, imageSize: imageSize, classes: objective.task.networkHead(features: features).linearOutputs)
    }
}

/// A supernet whose paths share one head of a task, `fc`.
public final class TaskSupernet {
    /// The layers that give the features.
    public let supernet: Supernet
    /// What the task makes of them.
    public let head: any TaskHead
    /// The tensors of both.
    public var store: ParameterStore { supernet.store }

    /// Builds the supernet at the root of `store`, from whose seed the initial values follow, and then the head.
    ///
    /// - Parameters:
    ///   - description: the layers and their choices.
    ///   - task: makes the head.
    ///   - store: empty.
    /// - Throws: as `Supernet` and the task's head.
    public init(_ description: SupernetDescription, task: any RecognitionTask, store: ParameterStore) throws {
        supernet = try Supernet(description, store: store)
        head = try task.makeHead(features: supernet.features, store.root / NetworkHead.key)
    }
}

// MARK: - The methods by name

/// The methods by name, from which the section `method` of a configuration chooses. A method of a program's own joins them
/// by `SupernetMethodFamily.register(SupernetMethodType<OwnMethod>())`.
public enum SupernetMethodFamily: DefinitionFamily {
    /// Every method that is known.
    public static let registry = Registry<any SupernetMethodDefinition>(
        of: "method",
        [
            SupernetMethodType<PiMethod>(),
            SupernetMethodType<SupervisedPiMethod>(),
            SupernetMethodType<SinglePathMethod>(),
            SupernetMethodType<FairMethod>(),
            SupernetMethodType<SandwichMethod>(),
        ]
    ) { $0.name }
    /// Pi-NAS.
    public static var standard: any SupernetMethodDefinition { SupernetMethodType<PiMethod>() }
    /// The method as a definition.
    public static func erased(_ member: any SupernetMethodDefinition) -> any NamedDefinition { member }
}

/// A method as one of a family.
public protocol SupernetMethodDefinition: NamedDefinition {
    /// The type of the method.
    associatedtype Implementation: SupernetMethod where Implementation.Options == Options
}

/// A method as one of a family, made of its type.
public struct SupernetMethodType<Implementation: SupernetMethod>: SupernetMethodDefinition {
    /// The method's own settings.
    public typealias Options = Implementation.Options

    /// The definition of the method.
    public init() {}

    /// The method's name.
    public var name: String { Implementation.name }
    /// One sentence for help texts.
    public var summary: String { Implementation.summary }
}

/// Which method, and what it needs to know.
public typealias MethodConfiguration = NamedOptions<SupernetMethodFamily>

extension NamedOptions<SupernetMethodFamily> {
    /// The options of a definition that is known to be the chosen one.
    private func own<D: SupernetMethodDefinition>(_ definition: D) -> D.Options {
        (try? options(of: definition)) ?? definition.defaults
    }

    /// Whether labels are used.
    public var isSupervised: Bool {
        func isSupervised<D: SupernetMethodDefinition>(_ definition: D) -> Bool { D.Implementation.isSupervised }
        return isSupervised(definition)
    }

    /// How a method that learns from views of its own has them made; nil for one view by the data's augmentation.
    public var views: ImageViews? {
        func views<D: SupernetMethodDefinition>(_ definition: D) -> ImageViews? {
            D.Implementation.views(own(definition))
        }
        return views(definition)
    }

    /// Makes the method, with the initial values of its supernet.
    ///
    /// - Throws: as ``SupernetMethod/make(_:_:)``.
    public func make(_ setup: SupernetSetup) throws -> any SupernetMethod {
        func made<D: SupernetMethodDefinition>(_ definition: D) throws -> any SupernetMethod {
            try D.Implementation.make(setup, own(definition))
        }
        return try made(definition)
    }

    /// The computation of a step, in forward passes of one path over the batch.
    public func passes(in space: SearchSpace) -> Double {
        func passes<D: SupernetMethodDefinition>(_ definition: D) -> Double {
            D.Implementation.passes(own(definition), in: space)
        }
        return passes(definition)
    }

    /// The same method with options that suit batches of another size.
    public func suiting(batch size: Int) -> Self {
        func suiting<D: SupernetMethodDefinition>(_ definition: D) -> Self {
            var copy = self
            try? copy.update(D.Options.self) { $0 = D.Implementation.options($0, forBatch: size) }
            return copy
        }
        return suiting(definition)
    }

    /// The same method with everything that its options leave to how images are prepared.
    ///
    /// - Throws: `AugmentationError` for images of no usual size.
    public func suiting(_ data: DataConfiguration) throws -> Self {
        func suiting<D: SupernetMethodDefinition>(_ definition: D) throws -> Self {
            var copy = self
            try copy.update(D.Options.self) { $0 = try D.Implementation.options($0, for: data) }
            return copy
        }
        return try suiting(definition)
    }

    /// Refuses options that do not suit the training.
    public func check(_ train: TrainConfiguration, _ check: inout ConfigurationCheck) {
        func checked<D: SupernetMethodDefinition>(_ definition: D, _ check: inout ConfigurationCheck) {
            D.Implementation.check(own(definition), train, &check)
        }
        checked(definition, &check)
    }
}
