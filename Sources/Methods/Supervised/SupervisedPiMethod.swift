import Architectures
import Datasets
import Experiments
import NN
import Networks
import Tasks
import Torch
import Training

/// Pi-NAS with labels: two paths that differ at every choice learn from the labels, and each from the mean teacher's
/// outputs on the *other* path (the consistency of Peng et al., "Pi-NAS", ICCV 2021, section 3.2, with the task's
/// outputs in place of embeddings, so that no negatives are needed).
public final class SupervisedPiMethod: SupervisedSupernetMethod {
    /// The settings of supervised Pi-NAS.
    public struct Options: Configuration {
        /// The weight of the consistency loss beside the task's loss; 0 trains two independent paths.
        public var consistency = 1.0

        /// Creates the default settings, in which both losses have the same weight.
        public init() {}

        /// A help text for each key.
        public static let keyHelp = ["consistency": "The weight of the consistency loss beside the task's loss."]

        /// Checks that the weight is not negative.
        public func validate() throws {
            var check = ConfigurationCheck()
            check.require(
                consistency >= 0 && consistency.isFinite, "consistency", "must not be negative, is \(consistency)")
            try check.finish()
        }
    }

    /// The name of the method, `pi-nas-supervised`.
    public static let name = "pi-nas-supervised"
    /// The method in one sentence for help texts.
    public static let summary =
        "Trains two paths on labels, each consistent with a mean teacher on the other path (Pi-NAS with labels)."
    /// The share of the teacher's weights that each update keeps.
    private static let teacherDecay = 0.99

    /// The supernet with its head.
    public let model: TaskSupernet
    /// The objective: the task's loss, with precision, device and seed.
    public let objective: TaskObjective
    private let consistency: Double
    private let teaching: TaskSupernet
    private let average: WeightAverage

    /// Creates the method.
    ///
    /// - Parameters:
    ///   - model: the supernet that learns, with its head.
    ///   - objective: the task's loss, with precision, device and seed.
    ///   - consistency: the weight of the consistency loss beside the task's loss.
    ///   - makeCopy: a closure that builds another supernet of the same description, for the mean teacher.
    /// - Throws: what `makeCopy` throws.
    public init(
        _ model: TaskSupernet, objective: TaskObjective, consistency: Double = 1, makeCopy: () throws -> TaskSupernet
    ) throws {
        (self.model, self.objective, self.consistency) = (model, objective, consistency)
        teaching = try makeCopy()
        average = try WeightAverage(
            of: model.store, in: teaching.store, decay: Self.teacherDecay, warmsUp: true, extent: .parameters)
    }

    /// Creates the method from its options.
    public static func make(_ setup: SupernetSetup, _ options: Options) throws -> SupervisedPiMethod {
        try SupervisedPiMethod(
            setup.taskSupernet(setup.initialSeed), objective: setup.objective, consistency: options.consistency
        ) { try setup.taskSupernet() }
    }

    /// Four passes for each of two paths, with that of the teacher.
    public static func passes(_ options: Options, in space: SearchSpace) -> Double { 2 * 4 }

    /// Computes the gradients of the task's loss on both paths and of each path's consistency with the teacher on the
    /// other. Both paths use one view; the teacher uses a second one where the batch has it.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        var generator = settings.generator(step: step)
        let (a, b) = supernet.space.disjointPair(using: &generator)
        let prepared = try objective.prepare(batch, step: step)
        let seen = batch.views > 1 ? try batch.images(view: 1, on: objective.device) : prepared.images
        let mode = Mode(batchNorm: prepared.mode.batchNorm)
        var words: [Tensor] = []
        if consistency > 0 {
            words = try [b, a].map { path in
                try withoutGradients {
                    let maps = try objective.maps(of: seen, sizes: prepared.sizes) {
                        try teaching.supernet.maps($0, path, mode)
                    }
                    return try teaching.head.answers(of: maps, mode)
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

    /// Updates the teacher on the paths of the step.
    public func didUpdate(step: Int) throws {
        guard consistency > 0 else { return }
        var generator = settings.generator(step: step)
        let (a, b) = supernet.space.disjointPair(using: &generator)
        let keys = Set((supernet.entries(on: a) + supernet.entries(on: b)).map(\.key))
        let head = store.entries.map(\.key).filter { $0.hasPrefix(NetworkHead.key + ".") }
        try average.follow(step: step, only: keys.union(head))
    }

    /// The tensors of the supernet under `student.`, and those of the teacher under `teacher.`.
    public func state() throws -> [(key: String, tensor: Tensor)] {
        store.state.map { ("student." + $0.key, $0.tensor) }
            + teaching.store.state.map { ("teacher." + $0.key, $0.tensor) }
    }

    /// Restores a state that `state()` returned.
    ///
    /// - Throws: `StateError.mismatch` if it does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws {
        try store.load(state.under("student."))
        try teaching.store.load(state.under("teacher."))
    }
}
