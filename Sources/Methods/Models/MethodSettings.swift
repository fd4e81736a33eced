import Architectures
import Support
import Tasks
import Torch

/// The settings that every method of training a supernet shares.
public struct MethodSettings: Sendable {
    /// The precision of forward passes.
    public var precision = Precision.float32
    /// The device that batches are moved to, which must be that of the supernet.
    public var device = Device.cpu
    /// The seed of paths and of all other random choices.
    public var seed: UInt64 = 0
    /// The number of paths on which the supernet is evaluated during training; they are the same at every evaluation.
    public var evaluatedPaths = 4

    /// Creates the default settings: float32 on the CPU.
    public init() {}

    /// Takes precision, device and seed from an objective.
    public init(_ objective: TaskObjective) {
        (precision, device, seed) = (objective.precision, objective.device, objective.seed)
    }

    /// The generator of a step. Steps are independent of each other, so that training may go on at any of them.
    func generator(step: Int) -> SeededGenerator {
        SeededGenerator(seed: seed, RandomStream.stepPaths, UInt64(step))
    }

    /// The pairs of paths for evaluation; the paths of a pair differ at every choice.
    func pairs(in space: SearchSpace) -> [(Architecture, Architecture)] {
        var generator = SeededGenerator(seed: seed, RandomStream.evaluatedPairs)
        return (0..<max(1, (evaluatedPaths + 1) / 2)).map { _ in space.disjointPair(using: &generator) }
    }
}
