import Architectures
import Support
import Tasks
import Torch

/// What every method of training a supernet goes by.
public struct MethodSettings: Sendable {
    /// What forward passes compute in.
    public var precision = Precision.float32
    /// Where batches are moved to; must be the model's.
    public var device = Device.cpu
    /// The seed that paths are drawn from, and whatever else is random.
    public var seed: UInt64 = 0
    /// Paths that stand for all when the supernet is evaluated during training; the same at every evaluation.
    public var evaluatedPaths = 4

    /// float32 on the CPU.
    public init() {}

    /// The settings of an objective.
    public init(_ objective: TaskObjective) {
        (precision, device, seed) = (objective.precision, objective.device, objective.seed)
    }

    /// The generator of a step. Steps are independent of each other, so that training may go on at any of them.
    func generator(step: Int) -> SeededGenerator {
        SeededGenerator(seed: seed, RandomStream.stepPaths, UInt64(step))
    }

    /// Pairs of paths for evaluation, which differ at every choice.
    func pairs(in space: SearchSpace) -> [(Architecture, Architecture)] {
        var generator = SeededGenerator(seed: seed, RandomStream.evaluatedPairs)
        return (0..<max(1, (evaluatedPaths + 1) / 2)).map { _ in space.disjointPair(using: &generator) }
    }
}
