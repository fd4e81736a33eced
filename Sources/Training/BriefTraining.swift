import Architectures
import Datasets
import Experiments
import Foundation
import NN
import Networks
import Torch

/// Trains a network in memory, without a folder or checkpoints: for networks that take seconds, of which
/// many are needed. What it learns is what `NetworkTraining` learns with the same settings.
public struct BriefTraining: Sendable {
    /// How it learns.
    public let options: NetworkTrainingConfiguration.TrainConfiguration
    /// What its settings are called where a user gives them.
    public let settings: SettingNames

    /// A training with these settings.
    ///
    /// - Parameters:
    ///   - options: how it learns.
    ///   - settings: what they are called where a user gives them.
    public init(
        _ options: NetworkTrainingConfiguration.TrainConfiguration,
        settings: SettingNames = SettingNames(section: "train")
    ) {
        (self.options, self.settings) = (options, settings)
    }

    /// What came of it.
    public struct Outcome: Sendable {
        /// On the images that were not learned from, of the averaged network where there is one.
        public var score: ClassificationScore
        /// Of training alone.
        public var seconds: Double
    }

    /// Trains and scores a network.
    ///
    /// - Parameters:
    ///   - description: the network.
    ///   - training: batches to learn from.
    ///   - scored: images [N, C, H, W] and labels [N] of each batch that it is scored on.
    ///   - seed: of its initial values, dropout and mixing.
    ///   - device: where it learns.
    ///   - weights: in place of initial values, as far as they go; nil for none.
    ///   - isCancelled: asked before each step.
    /// - Returns: nil if it was cancelled.
    /// - Throws: `TrainingError.diverged`, `TrainingError.nothingToLearn`; what building or training the network throws.
    public func callAsFunction(
        _ description: NetworkDescription, on training: BatchLoader, scoring scored: BatchLoader, seed: UInt64,
        device: Device, weights: [(key: String, tensor: Tensor)]? = nil, isCancelled: () -> Bool = { false }
    ) throws -> Outcome? {
        try namingBatchSize(settings.batchSize) {
            try train(description, training, scored, seed, device, weights, isCancelled)
        }
    }

    private func train(
        _ description: NetworkDescription, _ training: BatchLoader, _ scored: BatchLoader, _ seed: UInt64,
        _ device: Device, _ weights: [(key: String, tensor: Tensor)]?, _ isCancelled: () -> Bool
    ) throws -> Outcome? {
        let began = ProgressReporter.uptime()
        let method = try options.method(description, weights: weights, strict: false, seed: seed, device: device)
        let optimizer = try options.optimizer(method.store)
        let perEpoch = training.batchCount
        guard perEpoch > 0 else {
            throw TrainingError.badOption(settings.batchSize, "leaves no whole batch in the training images")
        }
        let schedule = options.schedule(batches: perEpoch)
        var step = 0
        var last: Tensor?
        for epoch in 0..<options.epochs {
            let batches = try training.batches(epoch: epoch)
            while let batch = try batches.next() {
                guard !isCancelled() else { return nil }
                defer { step += 1 }
                guard batch.isLearnable else { continue }
                try method.store.clearGradients()
                last = try method.computeGradients(batch, step: step).loss
                if options.clipNorm > 0 {
                    try clipGradients(method.store.parameters.map(\.tensor), norm: options.clipNorm)
                }
                try optimizer.step(learningRate: options.learningRate * schedule.factor(Double(step)))
                try method.didUpdate(step: step)
            }
            guard let last else {
                throw TrainingError.nothingToLearn(images: training.sampleCount, batchSize: settings.batchSize)
            }
            try Divergence.refuse(
                loss: last.item(), state: method.state(), step: step,
                learningRate: options.learningRate * schedule.factor(Double(step - 1)), settings: settings)
        }
        let seconds = ProgressReporter.uptime() - began
        let score = try ClassificationScore.measure(
            method.averaged, scored.batches(epoch: 0), classes: description.classes, precision: options.precision,
            device: device)
        return Outcome(score: score, seconds: seconds)
    }
}
