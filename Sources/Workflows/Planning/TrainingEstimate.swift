import Architectures
import Datasets
import Foundation
import Methods
import Tasks
import Torch
import Training

/// The estimated time and memory of a training, of a study's supernet or of one network, from a few steps that are measured on this machine.
///
/// Steps at two small batch sizes are extrapolated linearly: the intercept is what every step needs (weights,
/// gradients, averages, the teacher, the keys), and the slope what every image adds (activations).
public struct TrainingEstimate: Sendable, Equatable {
    /// The number of steps of the whole phase.
    public let steps: Int
    /// The number of images in a step.
    public let batchSize: Int
    /// The floating-point operations of one step, two for each multiply-add; a backward pass counts as two forward
    /// passes.
    public let operations: Double
    /// The measurements at each batch size.
    public let measurements: [Measurement]

    /// The measurement at one batch size.
    public struct Measurement: Sendable, Equatable {
        /// The number of images in a step.
        public let images: Int
        /// The median seconds of a step without loading.
        public let seconds: Double
        /// The seconds of decoding and augmenting a batch with one thread.
        public let loading: Double
        /// The peak memory of tensors, in bytes.
        public let bytes: Int
        /// The bytes of the gradients of a step, which several devices exchange.
        public let gradientBytes: Int
    }

    /// The seconds of a step at the full batch size on this machine, without loading, which runs beside it.
    public var secondsPerStep: Double { line(\.seconds).at(batchSize) }
    /// The seconds of loading a full batch with one thread on this machine.
    public var loadingPerStep: Double {
        // In proportion to the images, by the larger measurement: there is nothing that every batch takes alike.
        measurements.last.map { $0.loading / Double($0.images) * Double(batchSize) } ?? 0
    }
    /// The bytes of tensors at the full batch size. On a GPU the same tensors are in its memory, beside some hundred
    /// megabytes of its libraries.
    public var bytes: Double { line { Double($0.bytes) }.at(batchSize) }
    /// The bytes that every step needs, whatever its batch size.
    public var fixedBytes: Double { max(0, line { Double($0.bytes) }.at(0)) }

    /// The bytes of gradients that several devices exchange in a step.
    public var gradientBytes: Int { measurements.last?.gradientBytes ?? 0 }
    /// The seconds of a step with some of its images on this machine, without loading.
    public func seconds(images: Int) -> Double { line(\.seconds).at(images) }

    /// The seconds of the whole phase on a device with a known rate.
    ///
    /// - Parameters:
    ///   - rate: the peak floating-point operations in a second.
    ///   - utilisation: the share of the peak that training reaches, 0...1.
    public func seconds(rate: Double, utilisation: Double) -> Double {
        Double(steps) * operations / (rate * utilisation)
    }

    private func line(_ value: (Measurement) -> Double) -> Line {
        Line(measurements.map { (Double($0.images), value($0)) })
    }

    /// A line through two points, or through the origin and one point.
    private struct Line {
        let start: Double
        let slope: Double

        init(_ points: [(Double, Double)]) {
            guard let first = points.first, let last = points.last, last.0 > first.0 else {
                (start, slope) = (0, (points.first?.1 ?? 0) / max(points.first?.0 ?? 1, 1))
                return
            }
            // More images never take less; a slope below zero is noise.
            slope = max(0, (last.1 - first.1) / (last.0 - first.0))
            start = last.1 - slope * last.0
        }

        func at(_ x: Int) -> Double { start + slope * Double(x) }
    }
}

extension SupernetTraining {
    /// Measures a few steps at two small batch sizes and extrapolates. Nothing is written.
    ///
    /// - Parameters:
    ///   - batches: the batch sizes; those above that of the settings are left out.
    ///   - repetitions: the number of measured steps at each size, after one that is not counted.
    /// - Throws: what building the supernet or a step throws.
    public func estimate(batches: [Int] = [4, 8], repetitions: Int = 2) throws -> TrainingEstimate {
        let options = study.options
        let description = try description()
        let images = options.supernet.images == 0 ? study.task.data.train.count : options.supernet.images
        let steps = max(1, images / options.supernet.batchSize) * options.supernet.epochs
        let sizes = batches.filter { $0 <= options.supernet.batchSize }
        let measurements = try (sizes.isEmpty ? [options.supernet.batchSize] : sizes).map {
            try measure(batch: $0, repetitions: max(1, repetitions), description)
        }
        return TrainingEstimate(
            steps: steps, batchSize: options.supernet.batchSize,
            operations: try operations(description) * Double(options.supernet.batchSize), measurements: measurements)
    }

    /// The floating-point operations of one image in one step, on paths of average cost.
    private func operations(_ description: SupernetDescription) throws -> Double {
        let options = study.options
        let costs = try study.task.costs(of: description, imageSize: options.data.imageSize)
        return 2 * costs.meanMultiplyAdds * options.method.passes(in: description.space)
    }

    private func measure(
        batch: Int, repetitions: Int, _ description: SupernetDescription
    ) throws -> TrainingEstimate.Measurement {
        var options = study.options
        (options.supernet.batchSize, options.data.threads) = (batch, 1)
        options.method = options.method.suiting(batch: batch)
        let small = SupernetTraining(study.with(options))
        let device = try small.study.device()
        return try TrainingEstimate.Measurement(
            images: batch, repetitions: repetitions, train: options.supernet, setting: "supernet.batch-size"
        ) {
            let loader = try small.loader()
            return (loader, try small.makeMethod(description, device: device, batches: max(loader.batchCount, 1)))
        }
    }
}

extension NetworkSetup {
    /// Measures a few steps at two small batch sizes and extrapolates. Nothing is written.
    ///
    /// - Parameters:
    ///   - batches: the batch sizes; those above that of the settings are left out.
    ///   - repetitions: the number of measured steps at each size, after one that is not counted.
    /// - Throws: what building the network or a step throws.
    public func estimate(batches: [Int] = [2, 4], repetitions: Int = 2) throws -> TrainingEstimate {
        let size = task.batchSize(atMost: train.batchSize)
        let sizes = batches.filter { $0 <= size }
        let products = try card(features: TensorLayout(of: layer, inputs: channels).outputs).cost().multiplyAdds
        let measurements = try (sizes.isEmpty ? [size] : sizes).map { batch in
            var small = self
            (small.train.batchSize, small.data.threads) = (batch, 1)
            return try TrainingEstimate.Measurement(
                images: batch, repetitions: max(1, repetitions), train: train, setting: settings.batchSize
            ) {
                let loader = try small.loader()
                return (loader, try small.method(batches: max(loader.batchCount, 1)))
            }
        }
        // A forward pass and one backward, which counts as two.
        return TrainingEstimate(
            steps: try max(loader().batchCount, 1) * train.epochs, batchSize: size,
            operations: 2 * Double(products) * 3 * Double(size), measurements: measurements)
    }
}

extension TrainingEstimate.Measurement {
    /// Measures steps at one batch size.
    ///
    /// - Parameters:
    ///   - images: the number of images in a step.
    ///   - repetitions: the number of measured steps, after one that is not counted.
    ///   - train: the settings, of which the optimiser's are used.
    ///   - setting: the key by which a user sets the batch size, for messages.
    ///   - make: a closure that makes the batches and the method.
    init(
        images: Int, repetitions: Int, train: TrainConfiguration, setting: String,
        _ make: () throws -> (BatchLoader, any Method)
    ) throws {
        _ = try Runtime.takeMemoryMark()
        let (loader, method) = try make()
        let update = TrainingStep(
            method: method, optimizer: try train.optimizer(method.store, isOfHead: method.isOfHead))
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
            guard let batch = try next() else {
                throw TrainingError.nothingToLearn(images: loader.sampleCount, batchSize: setting)
            }
            let loaded = DispatchTime.now().uptimeNanoseconds
            _ = try update(batch, step: step, learningRate: train.learningRate).loss.item()
            // The first step makes buffers and compiles kernels; and the loader works ahead, so that only its first
            // batch is waited for in full.
            if step > 0 { times.append(Double(DispatchTime.now().uptimeNanoseconds - loaded) / 1e9) }
            if step == 0 { loading.append(Double(loaded - start) / 1e9) }
        }
        guard let seconds = times.sorted().dropFirst(times.count / 2).first else { throw TrainingError.nothingToScore }
        // Those of the last step are there until the next one begins.
        let gradients = method.store.parameters.compactMap(\.tensor.gradient)
        self.init(
            images: images, seconds: seconds, loading: loading[0], bytes: try Runtime.takeMemoryMark(),
            gradientBytes: gradients.reduce(0) { $0 + $1.elementCount * $1.dtype.byteCount })
    }
}
