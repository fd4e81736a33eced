import Datasets
import Methods
import NN
import Networks
import Torch
import Training

/// A stand-alone network that learns a task.
public final class NetworkTaskMethod: Method {
    /// What gives the features.
    public let backbone: Backbone
    /// What the task makes of them.
    public let head: any TaskHead
    /// The tensors of both.
    public var store: ParameterStore { backbone.store }
    private let task: any RecognitionTask
    private let settings: MethodSettings
    private let steps: Int

    /// - Parameters:
    ///   - backbone: with the weights to start from.
    ///   - head: built in the backbone's store.
    ///   - task: scores it.
    ///   - settings: precision, device, seed.
    ///   - steps: of the whole training.
    public init(
        _ backbone: Backbone, head: any TaskHead, task: any RecognitionTask, settings: MethodSettings, steps: Int
    ) {
        self.backbone = backbone
        self.head = head
        self.task = task
        self.settings = settings
        self.steps = max(steps, 1)
    }

    private func features(_ images: Tensor, _ mode: Mode) throws -> Tensor {
        try withPrecision(settings.precision, on: settings.device) { try backbone(images, mode) }.to(.float32)
    }

    /// The task's loss.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        let mode = Mode.training(nil)
        let features = try batch.features(task.normalization, on: settings.device) { try self.features($0, mode) }
        let loss = try head.loss(
            features, labels: batch.targets(on: settings.device), mode, progress: Double(step) / Double(steps))
        try loss.backward()
        return StepOutcome(loss: try loss.detached())
    }

    /// Nothing.
    public func didUpdate(step: Int) throws {}

    /// The task's metrics of validation images, and as `score` what choices are made by.
    public func evaluate(_ batches: BatchIterator) throws -> [String: Double] {
        let outputs = try outputs(batches)
        let score = try withoutGradients { try task.score(outputs.values, labels: outputs.labels, of: .validation) }
        return score.metrics.merging(["score": score.value]) { $1 }
    }

    /// Takes the statistics of batch norm from images.
    ///
    /// - Parameter batches: read to their end; those of a single image are passed over.
    /// - Throws: `TrainingError.tooFewImages` if there was no other; what the network throws.
    public func recalibrate(_ batches: BatchIterator) throws {
        var (number, seen) = (0, 0)
        try withoutGradients {
            while let batch = try batches.next() {
                seen = max(seen, batch.count)
                guard batch.isLearnable else { continue }
                _ = try features(
                    batch.images(on: settings.device), Mode(batchNorm: .recalibrating(batch: number)))
                number += 1
            }
        }
        guard number > 0 else {
            throw TrainingError.needsTwo(
                seen, purpose: "in every batch, to take statistics of batch norm from",
                advice: "give more training images")
        }
    }

    /// What the head makes of images, with running statistics.
    ///
    /// - Parameter batches: read to their end.
    /// - Returns: [N, K], and the labels of the same images.
    /// - Throws: `TrainingError.nothingToScore` if no image was left; what the network throws.
    public func outputs(_ batches: BatchIterator) throws -> (values: Tensor, labels: [Int]) {
        var outputs: [Tensor] = []
        var labels: [Int] = []
        try withoutGradients {
            while let batch = try batches.next() {
                guard batch.count > 0 else { continue }
                let features = try features(batch.images(on: settings.device), .evaluation)
                outputs.append(try head.outputs(features, .evaluation))
                labels += batch.labels.prefix(batch.count).map(Int.init)
            }
        }
        guard !outputs.isEmpty else { throw TrainingError.nothingToScore }
        return (try .concatenated(outputs), labels)
    }

    /// The tensors of backbone and head.
    public func state() throws -> [(key: String, tensor: Tensor)] { store.state }

    /// Takes over a saved state.
    ///
    /// - Throws: `StateError.mismatch` if it does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws { try store.load(state) }
}
