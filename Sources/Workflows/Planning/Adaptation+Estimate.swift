import Datasets
import Experiments
import Tasks
import Torch
import Training

/// How long an adaptation will take, from a few measured steps.
public struct AdaptationEstimate: Sendable, Equatable {
    /// Of the method itself: the supernet's training, the search, the found network's training.
    public var method: Double
    /// Of all rows.
    public var total: Double
}

extension Adaptation {
    /// Trains the source's best path for a few steps on noise, and counts how many such steps all rows are worth. Nothing is
    /// written.
    ///
    /// - Parameter repetitions: measured steps, after one that is not.
    /// - Returns: seconds, if nothing else keeps the machine busy.
    /// - Throws: what building the network or a step throws.
    public func estimate(repetitions: Int = 2) throws -> AdaptationEstimate {
        let setup = try networkSetup(task, sourcePath, device: .configured(options.device))
        let loader = try setup.loader()
        let step = try secondsPerStep(setup, loader, repetitions: max(1, repetitions))
        let before = costBefore(evaluations: Double(options.search.evaluations))
        let row = (before + Double(options.finetune.epochs)) * Double(loader.batchCount) * step
        return AdaptationEstimate(method: row, total: row * Double(rows.count))
    }

    private func secondsPerStep(_ setup: NetworkSetup, _ loader: BatchLoader, repetitions: Int) throws -> Double {
        let method = try setup.method(batches: loader.batchCount)
        let step = TrainingStep(method: method, optimizer: try setup.train.optimizer(method.store))
        let batches = try loader.batches(epoch: 0)
        guard let batch = try batches.next(), batch.isLearnable else { return 0 }
        var began = 0.0
        for number in 0...repetitions {
            if number == 1 { began = ProgressReporter.uptime() }
            // Reading a value waits for the device.
            _ = try step(batch, step: number, learningRate: 0).loss.item()
        }
        return (ProgressReporter.uptime() - began) / Double(repetitions)
    }
}
