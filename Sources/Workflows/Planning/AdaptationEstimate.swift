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
        var setup = try networkSetup(task, sourcePath, device: .configured(options.device))
        // The first of several processes measures whole batches, with the threads of all.
        setup.ranks = nil
        let loader = try setup.loader()
        let step = try secondsPerStep(setup, loader, repetitions: max(1, repetitions))
        let (epoch, epochs) = (Double(loader.batchCount) * step, epochs)
        return AdaptationEstimate(method: epochs.method * epoch, total: epochs.total * epoch)
    }

    /// The passes over the target's images that the method and all rows are worth.
    var epochs: (method: Double, total: Double) {
        let budgets = Double(max(options.search.budgets.count, 1))
        let each = costBefore(evaluations: Double(options.search.evaluations))
        let before = costBefore(evaluations: Double(options.search.evaluations) * budgets)
        let finetune = Double(options.finetune.epochs)
        // The supernet learns once for all budgets, while each control learns for as long as its network is charged.
        let method = before + budgets * finetune
        let kept = options.controls.filter(\.keepsBudget)
        // Paths of the same supernet inherit from it, and the others have their teacher of it.
        let saved = kept.reduce(0) { $0 + ($1.isPathOfSupernet ? supernetCost : teacherCost) }
        let others = Double(rows.count) - budgets * Double(1 + kept.count)
        let controls = budgets * (Double(kept.count) * (finetune + each) - saved) + others * (finetune + before)
        return (method, method + controls)
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
