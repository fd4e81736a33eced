import Architectures
import Datasets
import Experiments
import NN
import Networks
import Tasks
import Torch
import Training

/// Pi-NAS where there are labels: two paths that differ at every choice learn from the labels and, each, from what a
/// mean teacher says on the *other* path (the consistency of Peng et al., "Pi-NAS", ICCV 2021, section 3.2, with the task's
/// outputs in place of embeddings, so that no negatives are needed).
public final class SupervisedPiMethod: SupervisedSupernetMethod {
    /// The settings of supervised Pi-NAS.
    public struct Options: Configuration {
        /// The weight of the consistency beside the task's loss; 0 leaves two independent paths.
        public var consistency = 1.0

        /// As much consistency as loss.
        public init() {}

        /// What each key is for.
        public static let keyHelp = ["consistency": "The weight of the consistency beside the loss of the labels."]

        /// Refuses a weight below 0.
        public func validate() throws {
            var check = ConfigurationCheck()
            check.require(
                consistency >= 0 && consistency.isFinite, "consistency", "must not be negative, is \(consistency)")
            try check.finish()
        }
    }

    /// `pi-nas-supervised`
    public static let name = "pi-nas-supervised"
    /// One sentence for help texts.
    public static let summary = "The task's loss on two paths, each consistent with a mean teacher's word on the other."
    /// The share of the teacher's weights that each update keeps.
    private static let teacherDecay = 0.99

    /// The supernet with its head.
    public let model: TaskSupernet
    /// What is learned by.
    public let objective: TaskObjective
    private let consistency: Double
    private let teaching: TaskSupernet
    private let average: WeightAverage

    /// A method.
    ///
    /// - Parameters:
    ///   - model: what learns.
    ///   - objective: what is learned by.
    ///   - consistency: its weight beside the task's loss.
    ///   - makeCopy: makes another supernet of the same description, for the mean teacher.
    /// - Throws: what `makeCopy` throws.
    public init(
        _ model: TaskSupernet, objective: TaskObjective, consistency: Double = 1, makeCopy: () throws -> TaskSupernet
    ) throws {
        (self.model, self.objective, self.consistency) = (model, objective, consistency)
        teaching = try makeCopy()
        average = try WeightAverage(
            of: model.store, in: teaching.store, decay: Self.teacherDecay, warmsUp: true, extent: .parameters)
    }

    /// Makes the method.
    public static func make(_ setup: SupernetSetup, _ options: Options) throws -> SupervisedPiMethod {
        try SupervisedPiMethod(
            setup.taskSupernet(setup.initialSeed), objective: setup.objective, consistency: options.consistency
        ) { try setup.taskSupernet() }
    }

    /// Forward and backward for two paths, and forward for the teacher on both.
    public static func passes(_ options: Options, in space: SearchSpace) -> Double { 2 * 4 }

    /// The loss of both paths, and of each towards the teacher's word on the other. One view serves both paths; where the
    /// batch has a second one it is the teacher's.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        var generator = settings.generator(step: step)
        let (a, b) = supernet.space.disjointPair(using: &generator)
        let prepared = try objective.prepare(batch, step: step)
        let seen = batch.views > 1 ? try batch.images(view: 1, on: objective.device) : prepared.images
        let mode = Mode.training(nil)
        var words: [Tensor] = []
        if consistency > 0 {
            words = try [b, a].map { path in
                try withoutGradients {
                    let features = try objective.features(of: seen) { try teaching.supernet.features($0, path, mode) }
                    return try teaching.head.outputs(features, mode)
                }
            }
        }
        var total = StepTotals(parts: 2)
        for (number, path) in [a, b].enumerated() {
            let outcome = try loss(prepared, path)
            try total.add(outcome)
            var loss = outcome.loss
            if consistency > 0 {
                loss = try loss + model.head.distance(outcome.outputs, to: words[number]) * consistency
            }
            try loss.backward()
        }
        return try total.outcome()
    }

    /// The teacher follows the paths of the step.
    public func didUpdate(step: Int) throws {
        guard consistency > 0 else { return }
        var generator = settings.generator(step: step)
        let (a, b) = supernet.space.disjointPair(using: &generator)
        let keys = Set((supernet.entries(on: a) + supernet.entries(on: b)).map(\.key))
        let head = store.entries.map(\.key).filter { $0.hasPrefix(NetworkHead.key + ".") }
        try average.follow(step: step, only: keys.union(head))
    }

    /// Keys start with `student.` and `teacher.`.
    public func state() throws -> [(key: String, tensor: Tensor)] {
        store.state.map { ("student." + $0.key, $0.tensor) }
            + teaching.store.state.map { ("teacher." + $0.key, $0.tensor) }
    }

    /// Takes over a saved state.
    ///
    /// - Throws: `StateError.mismatch` if it does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws {
        try store.load(state.under("student."))
        try teaching.store.load(state.under("teacher."))
    }
}
