import Datasets
import Metrics
import Networks
import Results
import Torch
import Training

extension NetworkFile.Card {
    /// The preparation of an image for the network: the card's steps, followed by normalisation.
    ///
    /// - Throws: `AugmentationError` if the card's numbers are out of range.
    public func preparation() throws -> Augmentation {
        try Augmentation(steps.map(Transform.init) + [.normalize(mean: mean, std: std)])
    }

    /// Batches of prepared images in the order of the data set.
    ///
    /// - Parameters:
    ///   - dataset: the images.
    ///   - batchSize: the most images of a batch.
    ///   - skipBadImages: whether unreadable images are left out instead of stopping.
    /// - Throws: `AugmentationError` or `BatchLoaderError`.
    public func batches(
        _ dataset: any ImageDataset, batchSize: Int = 256, skipBadImages: Bool
    ) throws -> BatchIterator {
        var options = BatchLoaderOptions(
            batchSize: min(batchSize, max(dataset.count, 1)), threads: 1, layout: .nhwc,
            onBadImage: skipBadImages ? .skip : .stop, channels: network.channels == 1 ? .grey : .rgb,
            orientation: orientation)
        options.padding = steps.limits == nil ? nil : Batch.paddingMultiple
        return try BatchLoader(dataset: dataset, augmentation: preparation(), options: options).batches(epoch: 0)
    }
}

extension Transform {
    fileprivate init(_ step: ImageStep) {
        switch step {
        case .resize(let side): self = .resize(side)
        case .stretch(let size): self = .stretch(size)
        case .centerCrop(let size): self = .centerCrop(size)
        case .within(let shorter, let longest): self = .resizeWithin(shorter: [shorter], longest: longest)
        }
    }
}

extension NetworkFile {
    /// The task that the network was trained on.
    ///
    /// - Throws: `NetworkFileError.badCard` for an unknown task, for one of classes without their names, or for fewer
    ///   outputs than the task needs.
    public func task() throws -> any RecognitionTask.Type { try card.task(of: path, head: network.head) }
}

extension NetworkFile.Card {
    /// The task of a network with this card.
    ///
    /// - Parameters:
    ///   - path: the path of its file, for messages.
    ///   - head: the head of the network.
    /// - Throws: `NetworkFileError.badCard` as `NetworkFile.task`.
    public func task(of path: String, head: NetworkHead) throws -> any RecognitionTask.Type {
        let known: any RecognitionTask.Type
        do { known = try TaskFamily.task(named: task) } catch {
            throw NetworkFileError.badCard(path, "its task is not known: \(error)")
        }
        switch known.outputs {
        case .classes where classNames.isEmpty, .pixels where classNames.isEmpty, .objects where classNames.isEmpty:
            throw NetworkFileError.badCard(path, "it is of the task `\(task)` and names no classes")
        case .readings(let reader) where head.outputs < reader.fewestOutputs:
            throw NetworkFileError.badCard(
                path, "a head with \(head.outputs) outputs cannot be one of the task `\(task)`")
        case .pixels where head.kind != .map || head.outputs != classNames.count:
            throw NetworkFileError.badCard(
                path,
                "it is of the task `\(task)`, whose output is a map of \(classNames.count) classes, and has a head of the "
                    + "kind `\(head.kind.rawValue)` with \(head.outputs) outputs")
        case .objects where head.kind != .detector || head.outputs != classNames.count || steps.limits == nil:
            throw NetworkFileError.badCard(
                path,
                "it is of the task `\(task)`, a detector of \(classNames.count) classes on images within a limit, and has a "
                    + "head of the kind `\(head.kind.rawValue)` with \(head.outputs) outputs")
        case .classes, .readings, .embeddings, .pixels, .objects: return known
        }
    }
}

/// Runs a network on images.
public struct Predictor {
    /// An image and its likeliest classes.
    public struct Prediction: Sendable, Equatable, Codable {
        /// The path of the image.
        public var image: String
        /// The likeliest classes, in descending order of probability.
        public var classes: [Candidate]

        /// Creates a prediction.
        public init(image: String, classes: [Candidate]) { (self.image, self.classes) = (image, classes) }
    }

    /// A class with its probability.
    public struct Candidate: Sendable, Equatable, Codable {
        /// The name of the class.
        public var name: String
        /// The probability of the class, 0...1, by the softmax of the logits.
        public var probability: Double

        /// A class with its probability.
        public init(name: String, probability: Double) { (self.name, self.probability) = (name, probability) }
    }

    private let path: String
    private let card: NetworkFile.Card
    private let device: Device
    private let compute: (Tensor) throws -> Tensor
    private let skipBadImages: Bool

    /// Creates a predictor.
    ///
    /// - Parameters:
    ///   - file: the network, on the device that is to compute.
    ///   - precision: the precision of the backbone; the head computes in float32.
    ///   - skipBadImages: whether unreadable images are left out instead of stopping.
    public init(_ file: NetworkFile, precision: Precision = .float32, skipBadImages: Bool = false) {
        self.init(
            path: file.path, card: file.card, device: file.network.store.device, skipBadImages: skipBadImages
        ) { try file.network.outputs($0, precision: precision) }
    }

    /// Creates a predictor with a network that something else computes.
    ///
    /// - Parameters:
    ///   - path: the path of its file, for messages.
    ///   - card: says how images are prepared, and what outputs mean.
    ///   - device: where images are needed.
    ///   - skipBadImages: whether unreadable images are left out instead of stopping.
    ///   - compute: makes outputs [N, outputs] of images [N, C, H, W].
    public init(
        path: String, card: NetworkFile.Card, device: Device = .cpu, skipBadImages: Bool = false,
        compute: @escaping (Tensor) throws -> Tensor
    ) {
        (self.path, self.card, self.device, self.compute) = (path, card, device, compute)
        self.skipBadImages = skipBadImages
    }

    /// Predicts the likeliest classes of each image.
    ///
    /// - Parameters:
    ///   - dataset: the images; their labels are not used.
    ///   - top: the number of classes for each image.
    ///   - progress: a closure that is called with the number of images so far.
    /// - Returns: one prediction for each readable image, in the order of the images.
    /// - Throws: `TrainingError.outputsWithoutNumbers`; what the loader or the network throws.
    public func classes(
        _ dataset: any ImageDataset, top: Int = 1, progress: (Int) -> Void = { _ in }
    ) throws -> [Prediction] {
        let names = card.classNames
        let top = min(max(top, 1), names.count)
        var all: [Prediction] = []
        try forEachBatch(dataset) { batch, outputs in
            let places = batch.indices.prefix(batch.count)
            let best = try outputs.softmax(1).topK(top, dimension: 1)
            let classes = try best.positions.array(Int.self)
            let probabilities = try best.values.array(Float.self)
            all += places.enumerated().map { slot, place in
                Prediction(
                    image: dataset.source(at: place),
                    classes: (slot * top..<(slot + 1) * top).map {
                        Candidate(name: names[classes[$0]], probability: Double(probabilities[$0]))
                    })
            }
            progress(all.count)
        }
        return all
    }

    /// Reads the outputs for each image by a task's reader.
    ///
    /// - Parameters:
    ///   - dataset: the images; their labels are not used.
    ///   - reader: the reader of the task.
    ///   - progress: a closure that is called with the number of images so far.
    /// - Returns: one prediction for each readable image, in the order of the images.
    /// - Throws: what the loader, the network or the reader throws.
    public func readings(
        _ dataset: any ImageDataset, by reader: any TaskReader.Type, progress: (Int) -> Void = { _ in }
    ) throws -> [(image: String, reading: TaskReading)] {
        var all: [(image: String, reading: TaskReading)] = []
        try forEachBatch(dataset) { batch, outputs in
            let places = batch.indices.prefix(batch.count)
            all += zip(places, try reader.readings(outputs)).map { (dataset.source(at: $0), $1) }
            progress(all.count)
        }
        return all
    }

    /// Computes the embedding of each image.
    ///
    /// - Parameters:
    ///   - dataset: the images; their labels are not used.
    ///   - progress: a closure that is called with the number of images so far.
    /// - Returns: the embeddings of readable images, in the order of the images.
    /// - Throws: what the loader or the network throws; `TaskMetricError` for outputs that are not finite.
    public func embeddings(
        _ dataset: any ImageDataset, progress: (Int) -> Void = { _ in }
    ) throws -> EmbeddedImages {
        var images: [String] = []
        var values: [Float] = []
        var dimension = 0
        try forEachBatch(dataset) { batch, outputs in
            let places = batch.indices.prefix(batch.count)
            images += places.map { dataset.source(at: $0) }
            values += try outputs.array(Float.self)
            dimension = outputs.size(1)
            progress(images.count)
        }
        return EmbeddedImages(images: images, embeddings: try Embeddings(values, dimension: dimension))
    }

    /// Scores the network on labelled images.
    ///
    /// - Parameters:
    ///   - task: the task, which computes the score.
    ///   - dataset: the images, labelled like the task's test images.
    ///   - progress: a closure that is called with the number of images so far.
    /// - Throws: what the loader, the network or the score throws; `TrainingError.nothingToScore`.
    public func score(
        _ task: any RecognitionTask, on dataset: any ImageDataset, progress: (Int) -> Void = { _ in }
    ) throws -> Score {
        var meter = task.meter(of: .test)
        var seen = 0
        try forEachBatch(dataset) { batch, outputs in
            try meter.add(outputs, ScoredBatch(batch))
            seen += batch.count
            progress(seen)
        }
        return try meter.score()
    }

    private func forEachBatch(
        _ dataset: any ImageDataset, _ body: (_ batch: Batch, _ outputs: Tensor) throws -> Void
    ) throws {
        let batches = try card.batches(dataset, skipBadImages: skipBadImages)
        try withoutGradients {
            while let batch = try batches.next() {
                guard batch.count > 0 else { continue }
                let outputs = try compute(batch.images(on: device))
                guard outputs.rank == 2 else {
                    throw NetworkFileError.badCard(
                        path, "it gives a map of outputs for each image, which the task `\(card.task)` has not")
                }
                let numbers = try outputs.isFinite().array(Bool.self)
                if let place = numbers.firstIndex(of: false) {
                    let slot = place * batch.count / max(numbers.count, 1)
                    throw TrainingError.outputsWithoutNumbers(image: dataset.source(at: batch.indices[slot]))
                }
                try body(batch, outputs)
            }
        }
    }
}
