import Architectures
import Datasets
import Experiments
import NN
import Tasks
import Torch
import Training

/// Strict fairness: in each round every candidate of every choice learns from exactly one path (Chu et al., "FairNAS",
/// ICCV 2021, algorithm 1).
public final class FairMethod: SupervisedSupernetMethod {
    /// When the optimiser moves.
    public enum Update: String, Sendable, Codable, CaseIterable {
        /// Once a round, by the sum of all paths' gradients, as the paper has it. Each step runs a whole round.
        case round
        /// After each path, as the code released with Pi-NAS has it. A round takes as many steps as it has paths.
        case path
    }

    /// The settings of FairNAS.
    public struct Options: Configuration {
        /// `round` moves once a round, `path` after each path.
        public var fairUpdate = Update.round

        /// As the paper has it.
        public init() {}

        /// What each key is for.
        public static let keyHelp = ["fair-update": "`round` moves the weights once a round, `path` after each path."]
    }

    /// `fairnas`
    public static let name = "fairnas"
    /// One sentence for help texts.
    public static let summary = "Every candidate of every choice once a round (FairNAS)."

    /// The supernet with its head.
    public let model: TaskSupernet
    /// What is learned by.
    public let objective: TaskObjective
    private let update: Update

    /// A method.
    ///
    /// - Parameters:
    ///   - model: what learns.
    ///   - objective: what is learned by.
    ///   - update: when the optimiser moves.
    public init(_ model: TaskSupernet, objective: TaskObjective, update: Update = .round) {
        (self.model, self.objective, self.update) = (model, objective, update)
    }

    /// Makes the method.
    public static func make(_ setup: SupernetSetup, _ options: Options) throws -> FairMethod {
        FairMethod(
            try setup.taskSupernet(setup.initialSeed), objective: setup.objective, update: options.fairUpdate)
    }

    /// Forward and backward, for as many paths as a choice has candidates.
    public static func passes(_ options: Options, in space: SearchSpace) -> Double {
        3 * Double(space.points.map(\.candidates.count).max() ?? 1)
    }

    /// The paths that learn in a step.
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

    /// The sum of the paths' losses; the loss that is reported is their mean.
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

/// The mean of what several paths of one step found out.
struct StepTotals {
    private let share: Double
    private var loss: Tensor?
    private var correct: Tensor?

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
