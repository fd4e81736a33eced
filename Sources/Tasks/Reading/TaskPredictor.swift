import Datasets
import Metrics
import NN
import Torch
import Training

/// Has a task's network look at images.
public struct TaskPredictor {
    private let file: TaskNetworkFile
    private let precision: Precision
    private let skipBadImages: Bool

    /// - Parameters:
    ///   - file: the network, on the device that is to compute.
    ///   - precision: what its backbone computes in.
    ///   - skipBadImages: leave out what cannot be read instead of stopping.
    public init(_ file: TaskNetworkFile, precision: Precision = .float32, skipBadImages: Bool = false) {
        (self.file, self.precision, self.skipBadImages) = (file, precision, skipBadImages)
    }

    /// What a reader tells of each image.
    ///
    /// - Parameters:
    ///   - dataset: the images; labels play no part.
    ///   - reader: the task's.
    ///   - progress: called with the number of images that have been seen.
    /// - Returns: the images that could be read, in their order.
    /// - Throws: what the loader, the network or the reader throws.
    public func readings(
        _ dataset: any ImageDataset, by reader: any TaskReader.Type, progress: (Int) -> Void = { _ in }
    ) throws -> [(image: String, reading: TaskReading)] {
        var all: [(image: String, reading: TaskReading)] = []
        try forEachBatch(dataset) { places, outputs in
            all += zip(places, try reader.readings(outputs)).map { (dataset.source(at: $0), $1) }
            progress(all.count)
        }
        return all
    }

    /// The embedding of each image.
    ///
    /// - Parameters:
    ///   - dataset: the images; labels play no part.
    ///   - progress: called with the number of images that have been seen.
    /// - Returns: those of the images that could be read, in their order.
    /// - Throws: what the loader or the network throws; `TaskMetricError` for outputs that are no numbers.
    public func embeddings(
        _ dataset: any ImageDataset, progress: (Int) -> Void = { _ in }
    ) throws -> EmbeddedImages {
        var images: [String] = []
        var values: [Float] = []
        try forEachBatch(dataset) { places, outputs in
            images += places.map { dataset.source(at: $0) }
            values += try outputs.array(Float.self)
            progress(images.count)
        }
        return EmbeddedImages(images: images, embeddings: try Embeddings(values, dimension: file.head.outputs))
    }

    /// How well a task is done on labelled images.
    ///
    /// - Parameters:
    ///   - task: whose score it is.
    ///   - dataset: the images, labelled as those of the task's test.
    ///   - progress: called with the number of images that have been seen.
    /// - Returns: the score, and how many images could be read.
    /// - Throws: what the loader, the network or the score throws; `TrainingError.nothingToScore`.
    public func score(
        _ task: any RecognitionTask, on dataset: any ImageDataset, progress: (Int) -> Void = { _ in }
    ) throws -> (score: TaskScore, count: Int) {
        var outputs: [Tensor] = []
        var labels: [Int] = []
        try forEachBatch(dataset) { places, values in
            outputs.append(values)
            labels += places.map { dataset.label(at: $0) }
            progress(labels.count)
        }
        guard !labels.isEmpty else { throw TrainingError.nothingToScore }
        return (try task.score(.concatenated(outputs), labels: labels, of: .test), labels.count)
    }

    private func forEachBatch(
        _ dataset: any ImageDataset, _ body: (_ places: [Int], _ outputs: Tensor) throws -> Void
    ) throws {
        let batches = try file.card.network.batches(dataset, skipBadImages: skipBadImages)
        try withoutGradients {
            while let batch = try batches.next() {
                guard batch.count > 0 else { continue }
                let outputs = try file.outputs(batch.images(on: file.store.device), precision: precision)
                let numbers = try outputs.isFinite().array(Bool.self)
                if let place = numbers.firstIndex(of: false) {
                    let slot = place * batch.count / max(numbers.count, 1)
                    throw TrainingError.outputsWithoutNumbers(image: dataset.source(at: batch.indices[slot]))
                }
                try body(Array(batch.indices.prefix(batch.count)), outputs)
            }
        }
    }
}
