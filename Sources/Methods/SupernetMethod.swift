import Architectures
import Datasets
import Experiments
import NN
import Networks
import Support
import Torch
import Training

/// A method of training a supernet. A method is a file of this module and one line in ``SupernetMethodFamily``; no
/// other code depends on it.
public protocol SupernetMethod: Method {
    /// The method's own settings.
    associatedtype Options: Configuration = NoOptions

    /// The method's name in configurations and files.
    static var name: String { get }
    /// The method in one sentence for help texts.
    static var summary: String { get }
    /// Whether labels are used. The supernet then has a head of its own, and paths can be ranked without a probe.
    static var isSupervised: Bool { get }
    /// Creates the method, with the initial values of its supernet.
    ///
    /// - Parameters:
    ///   - setup: the supernet, the objective and the image size.
    ///   - options: the method's own settings.
    /// - Throws: what building the supernet throws; `TrainingError.badOption` for options that do not fit.
    static func make(_ setup: SupernetSetup, _ options: Options) throws -> Self
    /// The views that the method learns from; nil for one view by the data's augmentation.
    static func views(_ options: Options) -> ImageViews?
    /// The cost of a step, in forward passes of one path over the batch; a backward pass counts as two.
    static func passes(_ options: Options, in space: SearchSpace) -> Double
    /// Adapts options to another batch size, to measure a step with.
    static func options(_ options: Options, forBatch size: Int) -> Options
    /// Fills in the options that follow from the preparation of images.
    ///
    /// - Parameters:
    ///   - options: the method's own settings.
    ///   - data: the settings by which images are prepared.
    /// - Throws: `AugmentationError` for images of no usual size.
    static func options(_ options: Options, for data: DataConfiguration) throws -> Options
    /// Checks that the options fit the training settings.
    ///
    /// - Parameters:
    ///   - options: the method's own settings.
    ///   - train: the training settings.
    ///   - check: the check to which problems are added by key.
    static func check(_ options: Options, _ train: TrainConfiguration, _ check: inout ConfigurationCheck)

    /// The supernet that learns.
    var supernet: Supernet { get }
    /// The length of the embeddings that the supernet's neck gives; nil where it has none.
    var embeddingDimension: Int? { get }
    /// The mean teacher's tensors, where one is kept beside the supernet.
    var teacher: ParameterStore? { get }
}

extension SupernetMethod {
    /// By default, one view by the data's augmentation.
    public static func views(_ options: Options) -> ImageViews? { nil }
    /// By default, the options are unchanged.
    public static func options(_ options: Options, forBatch size: Int) -> Options { options }
    /// By default, the options are unchanged.
    public static func options(_ options: Options, for data: DataConfiguration) throws -> Options { options }
    /// By default, all options fit.
    public static func check(_ options: Options, _ train: TrainConfiguration, _ check: inout ConfigurationCheck) {}
    /// By default, there is no neck.
    public var embeddingDimension: Int? { nil }
    /// By default, there is no teacher.
    public var teacher: ParameterStore? { nil }
}

/// The views of images that a method learns from: several independently augmented copies of each image.
public struct ImageViews: Sendable {
    /// The number of views of each image in a step.
    public var count: Int
    /// The transforms of each view.
    public var augmentation: Augmentation

    /// Creates views.
    public init(count: Int, _ augmentation: Augmentation) { (self.count, self.augmentation) = (count, augmentation) }
}

// MARK: - The methods by name

/// The methods by name, from which the section `method` of a configuration chooses. A program registers a method of its
/// own with `SupernetMethodFamily.register(SupernetMethodType<OwnMethod>())`.
public enum SupernetMethodFamily: DefinitionFamily {
    /// The registered methods.
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
    /// The method of configurations that name none: Pi-NAS.
    public static var standard: any SupernetMethodDefinition { SupernetMethodType<PiMethod>() }
    /// The method as a named definition.
    public static func erased(_ member: any SupernetMethodDefinition) -> any NamedDefinition { member }
}

/// The definition of a method, as the family registers it.
public protocol SupernetMethodDefinition: NamedDefinition {
    /// The type of the method.
    associatedtype Implementation: SupernetMethod where Implementation.Options == Options
}

/// The definition of a method, made from its type.
public struct SupernetMethodType<Implementation: SupernetMethod>: SupernetMethodDefinition {
    /// The method's own settings.
    public typealias Options = Implementation.Options

    /// Creates the definition.
    public init() {}

    /// The name of the method.
    public var name: String { Implementation.name }
    /// The method in one sentence for help texts.
    public var summary: String { Implementation.summary }
}

/// The section `method` of a configuration: the name of a method and the method's own settings.
public typealias MethodConfiguration = NamedOptions<SupernetMethodFamily>

extension NamedOptions<SupernetMethodFamily> {
    /// The options of a definition, which must be the chosen one.
    private func own<D: SupernetMethodDefinition>(_ definition: D) -> D.Options {
        (try? options(of: definition)) ?? definition.defaults
    }

    /// Whether labels are used.
    public var isSupervised: Bool {
        func isSupervised<D: SupernetMethodDefinition>(_ definition: D) -> Bool { D.Implementation.isSupervised }
        return isSupervised(definition)
    }

    /// The views that the method learns from; nil for one view by the data's augmentation.
    public var views: ImageViews? {
        func views<D: SupernetMethodDefinition>(_ definition: D) -> ImageViews? {
            D.Implementation.views(own(definition))
        }
        return views(definition)
    }

    /// Creates the method, with the initial values of its supernet.
    ///
    /// - Throws: what ``SupernetMethod/make(_:_:)`` throws.
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

    /// Returns the method with options that fit another batch size.
    public func suiting(batch size: Int) -> Self {
        func suiting<D: SupernetMethodDefinition>(_ definition: D) -> Self {
            var copy = self
            try? copy.update(D.Options.self) { $0 = D.Implementation.options($0, forBatch: size) }
            return copy
        }
        return suiting(definition)
    }

    /// Returns the method with the options filled in that follow from the preparation of images.
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

    /// Checks that the options fit the training settings.
    public func check(_ train: TrainConfiguration, _ check: inout ConfigurationCheck) {
        func checked<D: SupernetMethodDefinition>(_ definition: D, _ check: inout ConfigurationCheck) {
            D.Implementation.check(own(definition), train, &check)
        }
        checked(definition, &check)
    }
}
