import Architectures
import Datasets
import NN
import Networks
import Tasks
import Torch
import Training

/// The task's head on the frozen features of a supernet, one uniform path a step (Peng et al., "Pi-NAS", ICCV 2021: the
/// linear phase). Batch norm takes each batch's statistics, since the running ones belong to no path.
public final class LinearProbeMethod: Method {
    /// The frozen network.
    public let supernet: Supernet
    /// What learns, under `fc`.
    public let head: any TaskHead
    /// The head's tensors; not the supernet's.
    public let store: ParameterStore
    /// What is learned by.
    public let objective: TaskObjective

    /// A probe, whose head starts from the objective's seed.
    ///
    /// - Parameters:
    ///   - supernet: what gives the features; it is not changed.
    ///   - objective: what is learned by.
    /// - Throws: `TorchError`.
    public init(_ supernet: Supernet, objective: TaskObjective) throws {
        (self.supernet, self.objective) = (supernet, objective)
        store = try ParameterStore(seed: objective.seed, device: objective.device, format: supernet.store.format)
        head = try objective.task.makeHead(
            features: supernet.features, store.root / NetworkHead.key, weights: .normal(mean: 0, deviation: 0.01))
    }

    private var settings: MethodSettings { MethodSettings(objective) }

    /// The task's loss on one path's features.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        var generator = settings.generator(step: step)
        let path = supernet.space.random(using: &generator)
        let outcome = try objective.loss(objective.prepare(batch, step: step), head: head, .training(nil)) { images in
            try withoutGradients { try supernet.features(images, path, Mode(batchNorm: .batch)) }
        }
        try outcome.loss.backward()
        return StepOutcome(loss: try outcome.loss.detached(), correct: outcome.correct)
    }

    /// There is nothing to follow.
    public func didUpdate(step: Int) throws {}

    /// The mean metrics of some fixed paths.
    public func evaluate(_ batches: BatchIterator) throws -> [String: Double] {
        let paths = settings.pairs(in: supernet.space).flatMap { [$0.0, $0.1] }
        return try PathScores.mean(batches, paths, objective, head: head) { images, path, mode in
            try supernet.features(images, path, mode)
        }
    }

    /// The head's tensors.
    public func state() throws -> [(key: String, tensor: Tensor)] { store.state }

    /// Takes over a saved state.
    ///
    /// - Throws: `StateError.mismatch` if it does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws { try store.load(state) }
}
