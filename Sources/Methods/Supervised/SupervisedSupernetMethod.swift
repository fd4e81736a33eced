import Architectures
import Datasets
import NN
import Networks
import Results
import Tasks
import Torch
import Training

/// What the supervised methods have in common: one head over the supernet, and the mean score of some fixed paths, which is
/// what they are evaluated by.
public protocol SupervisedSupernetMethod: SupernetMethod {
    /// The supernet with its head.
    var model: TaskSupernet { get }
    /// What is learned by.
    var objective: TaskObjective { get }
    /// The paths that stand for all when the supernet is evaluated during training; the same at every evaluation.
    var evaluatedPaths: [Architecture] { get }
}

extension SupervisedSupernetMethod {
    /// Labels are used.
    public static var isSupervised: Bool { true }
    /// The supernet that learns.
    public var supernet: Supernet { model.supernet }
    /// The tensors that are learned.
    public var store: ParameterStore { model.store }
    /// Precision, device and seed of the objective.
    public var settings: MethodSettings { MethodSettings(objective) }
    /// Two pairs of paths, each of which differ at every choice.
    public var evaluatedPaths: [Architecture] { settings.pairs(in: supernet.space).flatMap { [$0.0, $0.1] } }

    /// The loss of one path, which learns.
    func loss(_ step: TaskObjective.Step, _ path: Architecture) throws -> TaskLoss {
        let mode = Mode.training(nil)
        return try objective.loss(step, head: model.head, mode) { try supernet.features($0, path, mode) }
    }

    /// There is nothing to follow.
    public func didUpdate(step: Int) throws {}

    /// The mean metrics of the evaluated paths, with the statistics of each batch.
    public func evaluate(_ batches: BatchIterator) throws -> [String: Double] {
        try PathScores.mean(batches, evaluatedPaths, objective, head: model.head) { images, path, mode in
            try supernet.features(images, path, mode)
        }
    }

    /// The tensors of the supernet and its head.
    public func state() throws -> [(key: String, tensor: Tensor)] { store.state }

    /// Takes over a saved state.
    ///
    /// - Throws: `StateError.mismatch` if it does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws { try store.load(state) }
}

/// Scores of several paths of a supernet.
enum PathScores {
    /// The mean metrics over some paths, with the statistics of each batch.
    ///
    /// - Parameters:
    ///   - batches: read to their end; those of a single image are passed over.
    ///   - paths: the paths.
    ///   - objective: the task, precision and device.
    ///   - head: what stands on the features.
    ///   - features: gives features [N, F] of images [N, C, H, W] on a path.
    /// - Throws: `TrainingError.tooFewImages` where no batch has two images; what network and score throw.
    static func mean(
        _ batches: BatchIterator, _ paths: [Architecture], _ objective: TaskObjective, head: any TaskHead,
        features: (_ images: Tensor, _ path: Architecture, _ mode: Mode) throws -> Tensor
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
                    let outputs = try head.outputs(
                        objective.features(of: images) { try features($0, path, mode) }, mode)
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
                for (name, value) in try meter.score().figures {
                    means[name, default: 0] += value / Double(paths.count)
                }
            }
            return means
        }
    }
}
