import Architectures
import Datasets
import Experiments
import NN
import Tasks
import Torch
import Training

/// The sandwich rule with in-place distillation: the largest path learns from the labels, the smallest and some random
/// ones from the outputs of the largest (Yu and Huang, "Universally Slimmable Networks", ICCV 2019; Yu et al.,
/// "BigNAS", ECCV 2020).
public final class SandwichMethod: SupervisedSupernetMethod {
    /// The settings of the sandwich rule.
    public struct Options: Configuration {
        /// The number of random paths in a step beside the largest and the smallest; 2 in the papers.
        public var randomPaths = 2

        /// Creates the settings of the papers.
        public init() {}

        /// A help text for each key.
        public static let keyHelp = [
            "random-paths": "The number of random paths in a step beside the largest and the smallest."
        ]

        /// Checks that the number of paths is in range.
        public func validate() throws {
            var check = ConfigurationCheck()
            check.require((0...64).contains(randomPaths), "random-paths", "must be in 0...64, is \(randomPaths)")
            try check.finish()
        }
    }

    /// The name of the method, `sandwich`.
    public static let name = "sandwich"
    /// The method in one sentence for help texts.
    public static let summary =
        "Trains the largest, the smallest and random paths, distilled from the largest (BigNAS)."

    /// The supernet with its head.
    public let model: TaskSupernet
    /// The objective: the task's loss, with precision, device and seed.
    public let objective: TaskObjective
    private let largest: Architecture
    private let smallest: Architecture
    private let randomPaths: Int
    private let alone: Int
    private let others: ((_ step: Int) throws -> [Architecture])?

    /// Creates the method.
    ///
    /// - Parameters:
    ///   - model: the supernet that learns, with its head.
    ///   - objective: the task's loss, with precision, device and seed.
    ///   - costs: the costs by whose multiply-adds the largest and the smallest path are found.
    ///   - randomPaths: the number of random paths in a step beside these two.
    ///   - alone: the number of steps, from the first, in which only the largest path learns, so that the others have a
    ///     teacher that knows something when they begin.
    ///   - others: a closure that gives the paths of a step beside the largest, such as paths of the budgets that are
    ///     searched later; nil for the smallest and uniformly drawn ones. They follow from the step alone.
    public init(
        _ model: TaskSupernet, objective: TaskObjective, costs: CostTable, randomPaths: Int = 2, alone: Int = 0,
        others: ((_ step: Int) throws -> [Architecture])? = nil
    ) {
        (self.model, self.objective) = (model, objective)
        largest = costs.cheapest { -Double($0.multiplyAdds) }
        smallest = costs.cheapest { Double($0.multiplyAdds) }
        (self.randomPaths, self.alone, self.others) = (max(0, randomPaths), alone, others)
    }

    /// Creates the method from its options.
    public static func make(_ setup: SupernetSetup, _ options: Options) throws -> SandwichMethod {
        SandwichMethod(
            try setup.taskSupernet(setup.initialSeed), objective: setup.objective, costs: try setup.costs(),
            randomPaths: options.randomPaths)
    }

    /// Three passes for each path.
    public static func passes(_ options: Options, in space: SearchSpace) -> Double {
        3 * Double(options.randomPaths + 2)
    }

    /// Computes the sum of the gradients of all paths. The reported loss and accuracy are those of the largest path.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        let prepared = try objective.prepare(batch, step: step)
        let teaching = try loss(prepared, largest)
        try teaching.loss.backward()
        let outcome = StepOutcome(loss: try teaching.loss.detached(), correct: teaching.correct)
        guard step >= alone else { return outcome }
        let teacher = try teaching.outputs.detached()
        let mode = prepared.mode
        for path in try others?(step) ?? uniform(step: step) {
            let maps = try objective.maps(of: prepared.images, sizes: prepared.sizes) {
                try supernet.maps($0, path, mode)
            }
            try model.head.distance(model.head.answers(of: maps, mode), to: teacher).backward()
        }
        return outcome
    }

    /// The smallest path and uniformly drawn ones.
    private func uniform(step: Int) -> [Architecture] {
        var generator = settings.generator(step: step)
        return [smallest] + (0..<randomPaths).map { _ in supernet.space.random(using: &generator) }
    }
}
