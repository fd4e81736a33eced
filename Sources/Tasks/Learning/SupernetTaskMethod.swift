import Architectures
import Datasets
import Methods
import NN
import Networks
import Support
import Torch
import Training

/// A supernet that learns a task, one random path a step.
public final class SupernetTaskMethod: Method {
    /// What gives the features.
    public let supernet: Supernet
    /// What the task makes of them.
    public let head: any TaskHead
    /// The tensors of both.
    public var store: ParameterStore { supernet.store }
    private let task: any RecognitionTask
    private let settings: MethodSettings
    private let steps: Int
    private let around: (path: Architecture, departure: Double)?

    /// - Parameters:
    ///   - supernet: with the weights to start from.
    ///   - head: built in the supernet's store.
    ///   - task: scores it.
    ///   - settings: precision, device, seed.
    ///   - steps: of the whole training.
    ///   - around: each choice of a step's path is this path's, or with the probability `departure` a uniform one; nil for
    ///     uniform paths.
    public init(
        _ supernet: Supernet, head: any TaskHead, task: any RecognitionTask, settings: MethodSettings, steps: Int,
        around: (path: Architecture, departure: Double)? = nil
    ) {
        self.supernet = supernet
        self.head = head
        self.task = task
        self.settings = settings
        self.steps = max(steps, 1)
        self.around = around
    }

    private func path(using generator: inout SeededGenerator) -> Architecture {
        guard let around else { return supernet.space.random(using: &generator) }
        return supernet.space.mutated(around.path, probability: around.departure, using: &generator)
    }

    private func features(_ images: Tensor, _ path: Architecture, _ mode: Mode) throws -> Tensor {
        try withPrecision(settings.precision, on: settings.device) {
            try supernet.features(images, path, mode)
        }.to(.float32)
    }

    /// The task's loss on one path.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        var generator = SeededGenerator(seed: settings.seed, 0xAD47, UInt64(step))
        let mode = Mode.training(nil)
        let path = path(using: &generator)
        let features = try batch.features(task.normalization, on: settings.device) { try self.features($0, path, mode) }
        let loss = try head.loss(
            features, labels: batch.targets(on: settings.device), mode, progress: Double(step) / Double(steps))
        try loss.backward()
        return StepOutcome(loss: try loss.detached())
    }

    /// Nothing.
    public func didUpdate(step: Int) throws {}

    /// The task's metrics, with the statistics of each batch: means over some fixed paths.
    public func evaluate(_ batches: BatchIterator) throws -> [String: Double] {
        var generator = SeededGenerator(seed: settings.seed, 0xAD48)
        let paths = (0..<settings.evaluatedPaths).map { _ in path(using: &generator) }
        var outputs = [[Tensor]](repeating: [], count: paths.count)
        var labels: [Int] = []
        var seen = 0
        let mode = Mode(batchNorm: .batch)
        return try withoutGradients {
            while let batch = try batches.next() {
                seen = max(seen, batch.count)
                guard batch.isLearnable else { continue }
                let images = try batch.images(on: settings.device)
                for (number, path) in paths.enumerated() {
                    outputs[number].append(try head.outputs(features(images, path, mode), mode))
                }
                labels += batch.labels.prefix(batch.count).map(Int.init)
            }
            guard !labels.isEmpty else {
                throw TrainingError.needsTwo(
                    seen, purpose: "in every batch to validate on",
                    advice: "give more images, or raise `data.validation-fraction`")
            }
            var means: [String: Double] = [:]
            for parts in outputs {
                let score = try task.score(.concatenated(parts), labels: labels, of: .validation)
                for (name, value) in score.metrics.merging(["score": score.value], uniquingKeysWith: { $1 }) {
                    means[name, default: 0] += value / Double(paths.count)
                }
            }
            return means
        }
    }

    /// The tensors of supernet and head.
    public func state() throws -> [(key: String, tensor: Tensor)] { store.state }

    /// Takes over a saved state.
    ///
    /// - Throws: `StateError.mismatch` if it does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws { try store.load(state) }
}
