import Architectures
import Distributed
import NN
import Networks
import Support
import Tasks
import Torch

/// The setup of a method: the supernet, the objective and the image size.
public struct SupernetSetup {
    /// The layers and their choices.
    public let description: SupernetDescription
    /// The objective: the task's loss, with precision, device and seed.
    public let objective: TaskObjective
    /// The size of the images, in pixels.
    public let imageSize: ImageSize

    /// Creates a setup.
    ///
    /// - Parameters:
    ///   - description: the layers and their choices.
    ///   - objective: the task's loss, with precision, device and seed.
    ///   - imageSize: the size of the images, in pixels.
    public init(_ description: SupernetDescription, objective: TaskObjective, imageSize: ImageSize) {
        (self.description, self.objective, self.imageSize) = (description, objective, imageSize)
    }

    /// The seed of the supernet's initial values.
    public var initialSeed: UInt64 { SeededGenerator(seed: objective.seed, RandomStream.supernetInitial).state }

    /// Creates an empty store on the objective's device.
    ///
    /// - Parameter seed: the seed of initial values; nil for values that will be replaced.
    public func store(_ seed: UInt64? = nil) throws -> ParameterStore {
        try ParameterStore(seed: seed ?? 0, device: objective.device, format: .channelsLast)
    }

    /// Builds the supernet with the task's head.
    ///
    /// - Parameter seed: the seed of initial values; nil for values that will be replaced.
    /// - Throws: what building the supernet or the task's head throws.
    public func taskSupernet(_ seed: UInt64? = nil) throws -> TaskSupernet {
        try TaskSupernet(description, task: objective.task, store: store(seed))
    }

    /// The cost of every candidate, including the task's head.
    ///
    /// - Throws: `SpaceError` for an image size that the layers cannot take.
    public func costs() throws -> CostTable {
        try objective.task.costs(of: description, imageSize: imageSize)
    }
}

/// A supernet whose paths share the head of a task, `fc`.
public final class TaskSupernet {
    /// The supernet that computes the features.
    public let supernet: Supernet
    /// The head on the features.
    public let head: any TaskHead
    /// The tensors of the supernet and the head.
    public var store: ParameterStore { supernet.store }

    /// Builds the supernet at the root of `store`, from whose seed the initial values follow, and then the head.
    ///
    /// - Parameters:
    ///   - description: the layers and their choices.
    ///   - task: the task, which makes the head.
    ///   - store: an empty store.
    /// - Throws: what building the supernet or the task's head throws.
    public init(_ description: SupernetDescription, task: any RecognitionTask, store: ParameterStore) throws {
        supernet = try Supernet(description, store: store)
        head = try task.makeHead(
            features: supernet.features, maps: supernet.mapChannels, store.root / NetworkHead.key)
    }
}

/// The settings that every method of training a supernet shares.
public struct MethodSettings: Sendable {
    /// The precision of forward passes.
    public var precision = Precision.float32
    /// The device that batches are moved to, which must be that of the supernet.
    public var device = Device.cpu
    /// The seed of paths and of all other random choices.
    public var seed: UInt64 = 0
    /// The processes that share each batch; nil for one alone.
    public var ranks: Ranks?
    /// The number of paths on which the supernet is evaluated during training; they are the same at every evaluation.
    public static let evaluatedPaths = 4

    /// Creates the default settings: float32 on the CPU.
    public init() {}

    /// Takes precision, device, seed and processes from an objective.
    public init(_ objective: TaskObjective) {
        (precision, device, seed, ranks) = (objective.precision, objective.device, objective.seed, objective.ranks)
    }

    /// The generator of a step. Steps are independent of each other, so that training may go on at any of them.
    func generator(step: Int) -> SeededGenerator {
        SeededGenerator(seed: seed, RandomStream.stepPaths, UInt64(step))
    }

    /// The pairs of paths for evaluation; the paths of a pair differ at every choice.
    func pairs(in space: SearchSpace) -> [(Architecture, Architecture)] {
        var generator = SeededGenerator(seed: seed, RandomStream.evaluatedPairs)
        return (0..<max(1, (Self.evaluatedPaths + 1) / 2)).map { _ in space.disjointPair(using: &generator) }
    }
}
