import Architectures
import Datasets
import Experiments
import Support
import Tasks
import Torch
import Training

/// Single-path one-shot training: one uniformly drawn path in each step (Guo et al., "Single Path One-Shot Neural
/// Architecture Search with Uniform Sampling", ECCV 2020), or one near a given path.
public final class SinglePathMethod: SupervisedSupernetMethod {
    /// The name of the method, `spos`.
    public static let name = "spos"
    /// The method in one sentence for help texts.
    public static let summary = "One uniform path a step (SPOS)."

    /// The supernet with its head.
    public let model: TaskSupernet
    /// The objective: the task's loss, with precision, device and seed.
    public let objective: TaskObjective
    private let around: (path: Architecture, departure: Double)?
    private let stream: UInt64

    /// Creates the method.
    ///
    /// - Parameters:
    ///   - model: the supernet that learns, with its head.
    ///   - objective: the task's loss, with precision, device and seed.
    ///   - around: a path to stay near: each choice is that of `path`, or with the probability `departure` a uniformly
    ///     drawn one; nil for uniform paths.
    ///   - stream: the random stream that the paths of steps are drawn from.
    public init(
        _ model: TaskSupernet, objective: TaskObjective, around: (path: Architecture, departure: Double)? = nil,
        stream: UInt64 = RandomStream.stepPaths
    ) {
        (self.model, self.objective, self.around, self.stream) = (model, objective, around, stream)
    }

    /// Creates the method with uniform paths.
    public static func make(_ setup: SupernetSetup, _ options: NoOptions) throws -> SinglePathMethod {
        SinglePathMethod(try setup.taskSupernet(setup.initialSeed), objective: setup.objective)
    }

    /// Three passes: one forward, and a backward that counts as two.
    public static func passes(_ options: NoOptions, in space: SearchSpace) -> Double { 3 }

    private func path(using generator: inout SeededGenerator) -> Architecture {
        guard let around else { return supernet.space.random(using: &generator) }
        return supernet.space.mutated(around.path, probability: around.departure, using: &generator)
    }

    /// Pairs of paths that differ at every choice, or paths near the given one.
    public var evaluatedPaths: [Architecture] {
        guard around != nil else { return settings.pairs(in: supernet.space).flatMap { [$0.0, $0.1] } }
        var generator = SeededGenerator(seed: settings.seed, RandomStream.evaluatedNeighbours)
        return (0..<MethodSettings.evaluatedPaths).map { _ in path(using: &generator) }
    }

    /// Computes the gradients of the task's loss on one path.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        var generator = SeededGenerator(seed: objective.seed, stream, UInt64(step))
        let path = path(using: &generator)
        let outcome = try loss(objective.prepare(batch, step: step), path)
        try outcome.loss.backward()
        return StepOutcome(loss: try outcome.loss.detached(), correct: outcome.correct)
    }
}
