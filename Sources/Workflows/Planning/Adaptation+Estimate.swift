import Architectures
import Foundation
import NN
import Networks
import Support
import Torch

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
        let loader = try training(task, .finetune, stream: 0)
        let batches = Double(loader.batchCount)
        let step = try secondsPerStep(batch: loader.options.batchSize, repetitions: max(1, repetitions))
        let before = costBefore(evaluations: Double(options.search.evaluations))
        let row = (before + Double(options.finetune.epochs)) * batches * step
        return AdaptationEstimate(method: row, total: row * Double(rows.count))
    }

    private func secondsPerStep(batch: Int, repetitions: Int) throws -> Double {
        guard let device = Device(options.device) else { return 0 }
        let store = try ParameterStore(seed: 0, device: device, format: .channelsLast)
        let backbone = try Backbone(
            supernet.fixed(to: sourcePath), channels: supernet.channels, store: store)
        let size = options.data.imageSize
        let images = try Tensor.normal(
            [batch, supernet.channels, size.height, size.width], using: Generator(seed: 0)
        ).to(device).contiguous(.channelsLast)
        var began = 0.0
        for number in 0...repetitions {
            if number == 1 { began = ProcessInfo.processInfo.systemUptime }
            let features = try withPrecision(options.precision, on: device) { try backbone(images, .training(nil)) }
            let loss = try features.to(.float32).mean()
            try loss.backward()
            // Reading a value waits for the device.
            _ = try loss.item()
            try store.clearGradients()
        }
        return (ProcessInfo.processInfo.systemUptime - began) / Double(repetitions)
    }
}
