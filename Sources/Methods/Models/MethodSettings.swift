import Architectures
import Support
import Torch

/// What every method of training a supernet goes by.
public struct MethodSettings: Sendable {
    /// What forward passes compute in.
    public var precision = Precision.float32
    /// Where batches are moved to; must be the model's.
    public var device = Device.cpu
    /// Paths are drawn from it, and whatever else is random.
    public var seed: UInt64 = 0
    /// Paths that stand for all when the supernet is evaluated during training; the same at every evaluation.
    public var evaluatedPaths = 4

    /// float32 on the CPU.
    public init() {}

    /// The generator of a step. Steps are independent of each other, so that training may go on at any of them.
    func generator(step: Int) -> SeededGenerator { SeededGenerator(seed: seed, 0x9A7B, UInt64(step)) }

    /// Pairs of paths for evaluation.
    func pairs(in space: SearchSpace) -> [(Architecture, Architecture)] {
        var generator = SeededGenerator(seed: seed, 0xE7A1)
        return (0..<max(1, (evaluatedPaths + 1) / 2)).map { _ in space.disjointPair(using: &generator) }
    }
}
