import Architectures
import Datasets
import NN
import Networks
import Tasks
import Torch
import Training

/// A supervised method: the paths of the supernet share one head, and evaluation is the mean score of some fixed paths.
public protocol SupervisedSupernetMethod: SupernetMethod {
    /// The supernet with its head.
    var model: TaskSupernet { get }
    /// The objective: the task's loss, with precision, device and seed.
    var objective: TaskObjective { get }
    /// The paths on which the supernet is evaluated during training, the same at every evaluation.
    var evaluatedPaths: [Architecture] { get }
}

extension SupervisedSupernetMethod {
    /// True, as labels are used.
    public static var isSupervised: Bool { true }
    /// The supernet that is trained.
    public var supernet: Supernet { model.supernet }
    /// The tensors that are trained.
    public var store: ParameterStore { model.store }
    /// The precision, device and seed of the objective.
    public var settings: MethodSettings { MethodSettings(objective) }
    /// By default, pairs of paths that differ at every choice.
    public var evaluatedPaths: [Architecture] { settings.pairs(in: supernet.space).flatMap { [$0.0, $0.1] } }

    /// Computes the loss of one path in training mode.
    func loss(_ step: TaskObjective.Step, _ path: Architecture) throws -> TaskLoss {
        let mode = step.mode
        return try objective.loss(step, head: model.head, mode) { try supernet.maps($0, path, mode) }
    }

    /// Whether a tensor is of the task's own layers or head.
    public func isOfHead(_ key: String) -> Bool { objective.task.isOfHead(key) }

    /// By default, does nothing.
    public func didUpdate(step: Int) throws {}

    /// Computes the mean metrics of the evaluated paths, with the batch-norm statistics of each batch.
    public func evaluate(_ batches: BatchIterator) throws -> [String: Double] {
        try PathScores.mean(batches, evaluatedPaths, objective, head: model.head) { images, path, mode in
            try supernet.maps(images, path, mode)
        }
    }

    /// The tensors of the supernet and its head.
    public func state() throws -> [(key: String, tensor: Tensor)] { store.state }

    /// Restores a state that `state()` returned.
    ///
    /// - Throws: `StateError.mismatch` if it does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws { try store.load(state) }
}

/// The scores of several paths of a supernet.
enum PathScores {
    /// Computes the mean metrics over some paths, with the batch-norm statistics of each batch.
    ///
    /// - Parameters:
    ///   - batches: the batches, read to their end; those of a single image are skipped.
    ///   - paths: the paths.
    ///   - objective: the task, precision and device.
    ///   - head: the head on the features.
    ///   - maps: a closure that computes features [N, F] of images [N, C, H, W] on a path, and the maps on the way.
    /// - Throws: `TrainingError.tooFewImages` if no batch has two images; what the network or the score throws.
    static func mean(
        _ batches: BatchIterator, _ paths: [Architecture], _ objective: TaskObjective, head: any TaskHead,
        maps: (_ images: Tensor, _ path: Architecture, _ mode: Mode) throws -> FeatureMaps
    ) throws -> [String: Double] {
        let mode = Mode(batchNorm: .batch)
        var meters = paths.map { _ in objective.task.meter(of: .validation) }
        var (seen, isEmpty) = (0, true)
        return try withoutGradients {
            while let batch = try batches.next() {
                seen = max(seen, batch.count)
                guard batch.isLearnable else { continue }
                isEmpty = false
                let images = try batch.images(on: objective.device)
                let truth = try ScoredBatch(batch)
                for (number, path) in paths.enumerated() {
                    let made = try objective.maps(of: images, sizes: batch.frames(view: 0).map(\.seen)) {
                        try maps($0, path, mode)
                    }
                    let outputs = try head.outputs(of: made, mode)
                    try meters[number].add(outputs, truth)
                }
            }
            guard !isEmpty else {
                throw TrainingError.needsTwo(
                    seen, purpose: "in every batch to validate on",
                    advice: "give more images, or raise `data.validation-fraction`")
            }
            var means: [String: Double] = [:]
            for meter in meters {
                for (name, value) in try meter.figures() {
                    means[name, default: 0] += value / Double(paths.count)
                }
            }
            return means
        }
    }
}
