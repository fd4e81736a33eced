import Architectures
import Datasets
import Foundation
import Methods
import NN
import Torch
import Training

extension SupernetTraining {
    /// Measures a few steps at two small batch sizes and extrapolates. Nothing is written.
    ///
    /// - Parameters:
    ///   - batches: the batch sizes; those above that of the settings are left out.
    ///   - repetitions: the number of measured steps at each size, after one that is not counted.
    /// - Throws: what building the supernet or a step throws.
    public func estimate(batches: [Int] = [4, 8], repetitions: Int = 2) throws -> SupernetEstimate {
        let options = study.options
        let description = try description()
        let images = options.supernet.images == 0 ? study.task.data.train.count : options.supernet.images
        let steps = max(1, images / options.supernet.batchSize) * options.supernet.epochs
        let sizes = batches.filter { $0 <= options.supernet.batchSize }
        let measurements = try (sizes.isEmpty ? [options.supernet.batchSize] : sizes).map {
            try measure(batch: $0, repetitions: max(1, repetitions), description)
        }
        return SupernetEstimate(
            steps: steps, batchSize: options.supernet.batchSize,
            operations: try operations(description) * Double(options.supernet.batchSize), measurements: measurements)
    }

    /// The floating-point operations of one image in one step, on paths of average cost.
    private func operations(_ description: SupernetDescription) throws -> Double {
        let options = study.options
        let costs = try study.task.costs(description, options.data)
        let mean =
            Double(costs.fixed.multiplyAdds)
            + costs.candidates.reduce(0) { sum, point in
                sum + Double(point.reduce(0) { $0 + $1.multiplyAdds }) / Double(point.count)
            }
        let passes = options.method.passes(in: description.space)
        return 2 * mean * passes
    }

    private func measure(
        batch: Int, repetitions: Int, _ description: SupernetDescription
    ) throws -> SupernetEstimate.Measurement {
        var options = study.options
        (options.supernet.batchSize, options.data.threads) = (batch, 1)
        options.method = options.method.suiting(batch: batch)
        let small = SupernetTraining(study.with(options))
        let device = try small.study.device()
        _ = try Runtime.takeMemoryMark()
        let loader = try small.loader()
        let method = try small.makeMethod(description, device: device, batches: max(loader.batchCount, 1))
        let update = TrainingStep(method: method, optimizer: try options.supernet.optimizer(method.store))
        // The first images of a process take what later ones do not: buffers, tables, pages of the program.
        _ = try loader.batches(epoch: 1).next()
        var (epoch, iterator) = (0, try loader.batches(epoch: 0))
        // Few images are gone through again.
        func next() throws -> Batch? {
            for _ in 0..<2 {
                while let batch = try iterator.next() { if batch.isLearnable { return batch } }
                epoch += 1
                iterator = try loader.batches(epoch: epoch)
            }
            return nil
        }
        var (times, loading): ([Double], [Double]) = ([], [])
        for step in 0...repetitions {
            let start = DispatchTime.now().uptimeNanoseconds
            guard let images = try next() else {
                throw TrainingError.nothingToLearn(images: loader.sampleCount, batchSize: "supernet.batch-size")
            }
            let loaded = DispatchTime.now().uptimeNanoseconds
            _ = try update(images, step: step, learningRate: options.supernet.learningRate).loss.item()
            // The first step makes buffers and compiles kernels; and the loader works ahead, so that only its first batch
            // is waited for in full.
            if step > 0 { times.append(Double(DispatchTime.now().uptimeNanoseconds - loaded) / 1e9) }
            if step == 0 { loading.append(Double(loaded - start) / 1e9) }
        }
        guard let seconds = times.sorted().dropFirst(times.count / 2).first else { throw TrainingError.nothingToScore }
        return SupernetEstimate.Measurement(
            images: batch, seconds: seconds, loading: loading[0], bytes: try Runtime.takeMemoryMark())
    }
}
