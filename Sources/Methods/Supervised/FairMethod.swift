import Architectures
import Datasets
import Experiments
import Tasks
import Torch
import Training

/// FairNAS: in each round every candidate of every choice is trained on exactly one path (strict fairness: Chu et al.,
/// "FairNAS", ICCV 2021, algorithm 1).
public final class FairMethod: SupervisedSupernetMethod {
    /// The point at which the optimiser updates weights.
    public enum Update: String, Sendable, Codable, CaseIterable {
        /// Once in a round, with the sum of all paths' gradients, as in the paper. Each step runs a whole round.
        case round
        /// After each path, as in the code released with Pi-NAS. A round takes as many steps as it has paths.
        case path
    }

    /// The settings of FairNAS.
    public struct Options: Configuration {
        /// The point at which the optimiser updates weights: once in a `round`, or after each `path`.
        public var fairUpdate = Update.round

        /// Creates the settings of the paper.
        public init() {}

        /// A help text for each key.
        public static let keyHelp = ["fair-update": "`round` moves the weights once a round, `path` after each path."]
    }

    /// The name of the method, `fairnas`.
    public static let name = "fairnas"
    /// The method in one sentence for help texts.
    public static let summary = "Every candidate of every choice once a round (FairNAS)."

    /// The supernet with its head.
    public let model: TaskSupernet
    /// The objective: the task's loss, with precision, device and seed.
    public let objective: TaskObjective
    private let update: Update

    /// Creates the method.
    ///
    /// - Parameters:
    ///   - model: the supernet that learns, with its head.
    ///   - objective: the task's loss, with precision, device and seed.
    ///   - update: the point at which the optimiser updates weights.
    public init(_ model: TaskSupernet, objective: TaskObjective, update: Update = .round) {
        (self.model, self.objective, self.update) = (model, objective, update)
    }

    /// Creates the method from its options.
    public static func make(_ setup: SupernetSetup, _ options: Options) throws -> FairMethod {
        FairMethod(
            try setup.taskSupernet(setup.initialSeed), objective: setup.objective, update: options.fairUpdate)
    }

    /// Three passes for each of as many paths as the largest choice has candidates.
    public static func passes(_ options: Options, in space: SearchSpace) -> Double {
        3 * Double(space.points.map(\.candidates.count).max() ?? 1)
    }

    /// The paths that are trained in a step.
    func paths(step: Int) -> [Architecture] {
        let space = supernet.space
        switch update {
        case .round:
            var generator = settings.generator(step: step)
            return space.fairRound(using: &generator)
        case .path:
            let rows = space.points.map(\.candidates.count).max() ?? 1
            var generator = settings.generator(step: step / rows)
            return [space.fairRound(using: &generator)[step % rows]]
        }
    }

    /// Computes the gradients of the sum of the paths' losses; the reported loss is their mean.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        let prepared = try objective.prepare(batch, step: step)
        let paths = paths(step: step)
        var total = StepTotals(parts: paths.count)
        for path in paths {
            let outcome = try loss(prepared, path)
            try outcome.loss.backward()
            try total.add(outcome)
        }
        return try total.outcome()
    }
}

/// The mean outcome of several paths of one step.
struct StepTotals {
    private let share: Double
    private var loss: Tensor?
    private var correct: Tensor?

    /// Creates an empty total.
    ///
    /// - Parameter parts: the number of paths.
    init(parts: Int) { share = 1 / Double(max(parts, 1)) }

    mutating func add(_ outcome: TaskLoss) throws {
        try withoutGradients {
            let part = try outcome.loss.detached() * share
            loss = try loss.map { try $0 + part } ?? part
            guard let right = outcome.correct else { return }
            let partRight = try right.to(.float64) * share
            correct = try correct.map { try $0 + partRight } ?? partRight
        }
    }

    func outcome() throws -> StepOutcome {
        guard let loss else { throw TrainingError.nothingToScore }
        return StepOutcome(loss: loss, correct: correct)
    }
}
