import Datasets
import Experiments
import Tasks
import Training

/// The estimated duration of an adaptation, from a few measured steps.
public struct AdaptationEstimate: Sendable, Equatable {
    /// The seconds of the method itself: training the supernet, the search, and fine-tuning the found network.
    public var method: Double
    /// The seconds of all rows.
    public var total: Double
}

extension Adaptation {
    /// Measures a few training steps of the source's best path and multiplies them by the number of steps that all rows
    /// are worth. Nothing is written.
    ///
    /// - Parameter repetitions: the number of measured steps, after one that is not counted.
    /// - Returns: the estimate in seconds, for a machine that does nothing else.
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
