import Datasets
import NN
import Networks
import Tasks
import Torch
import Training

/// The training of a linear probe: the task's head on the frozen features of a supernet, on one uniformly drawn path in
/// each step (Peng et al., "Pi-NAS", ICCV 2021: the linear phase). Batch norm uses the statistics of each batch, since
/// the running ones fit no path.
public final class LinearProbeMethod: Method {
    /// The frozen supernet.
    public let supernet: Supernet
    /// The head that is trained, with its tensors under `fc`.
    public let head: any TaskHead
    /// The tensors of the head, without those of the supernet.
    public let store: ParameterStore
    /// The objective: the task's loss, with precision, device and seed.
    public let objective: TaskObjective

    /// Creates a probe, whose initial values follow from the objective's seed.
    ///
    /// - Parameters:
    ///   - supernet: the supernet that computes the features; it is not changed.
    ///   - objective: the task's loss, with precision, device and seed.
    /// - Throws: `TorchError`.
    public init(_ supernet: Supernet, objective: TaskObjective) throws {
        (self.supernet, self.objective) = (supernet, objective)
        store = try ParameterStore(seed: objective.seed, device: objective.device, format: supernet.store.format)
        head = try objective.task.makeHead(
            features: supernet.features, store.root / NetworkHead.key, weights: .normal(mean: 0, deviation: 0.01))
    }

    private var settings: MethodSettings { MethodSettings(objective) }

    /// Computes the gradients of the task's loss on the features of one path.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        var generator = settings.generator(step: step)
        let path = supernet.space.random(using: &generator)
        let prepared = try objective.prepare(batch, step: step)
        let mode = Mode(batchNorm: objective.batchStatistics)
        let outcome = try objective.loss(prepared, head: head, prepared.mode) { images in
            // In float32, as the head scores paths.
            try withoutGradients { try supernet.features(images, path, mode).to(.float32) }
        }
        try outcome.loss.backward()
        return StepOutcome(loss: try outcome.loss.detached(), correct: outcome.correct)
    }

    /// Does nothing.
    public func didUpdate(step: Int) throws {}

    /// Computes the mean metrics of some fixed paths.
    public func evaluate(_ batches: BatchIterator) throws -> [String: Double] {
        let paths = settings.pairs(in: supernet.space).flatMap { [$0.0, $0.1] }
        return try PathScores.mean(batches, paths, objective, head: head) { images, path, mode in
            FeatureMaps(output: try supernet.features(images, path, mode).to(.float32), maps: [])
        }
    }

    /// The tensors of the head.
    public func state() throws -> [(key: String, tensor: Tensor)] { store.state }

    /// Restores a state that `state()` returned.
    ///
    /// - Throws: `StateError.mismatch` if it does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws { try store.load(state) }
}
