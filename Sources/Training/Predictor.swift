import Datasets
import NN
import Networks
import Torch

extension NetworkFile.Card {
    /// What is done to an image before the network sees it: the card's steps, then the values are normalised.
    ///
    /// - Throws: `AugmentationError` if the card's numbers are out of range.
    public func preparation() throws -> Augmentation {
        try Augmentation(steps.map(Transform.init) + [.normalize(mean: mean, std: std)])
    }

    /// Batches of prepared images in the order of the data set.
    ///
    /// - Parameters:
    ///   - dataset: the images.
    ///   - skipBadImages: leave out what cannot be read instead of stopping.
    /// - Throws: `AugmentationError` or `BatchLoaderError`.
    public func batches(_ dataset: any ImageDataset, skipBadImages: Bool) throws -> BatchIterator {
        try BatchLoader(
            dataset: dataset, augmentation: preparation(),
            options: BatchLoaderOptions(
                batchSize: min(256, max(dataset.count, 1)), threads: 1, layout: .nhwc,
                onBadImage: skipBadImages ? .skip : .stop, channels: network.channels == 1 ? .grey : .rgb,
                orientation: orientation)
        ).batches(epoch: 0)
    }
}

extension Transform {
    fileprivate init(_ step: ImageStep) {
        switch step {
        case .resize(let side): self = .resize(side)
        case .stretch(let size): self = .stretch(size)
        case .centerCrop(let size): self = .centerCrop(size)
        }
    }
}

/// Names what images show.
public struct Predictor {
    /// One image and what it may be.
    public struct Prediction: Sendable, Equatable, Codable {
        /// Where the image comes from.
        public var image: String
        /// The likeliest classes, the likeliest first.
        public var classes: [Candidate]

        /// A prediction.
        public init(image: String, classes: [Candidate]) {
            self.image = image
            self.classes = classes
        }
    }

    /// A class and how likely it is.
    public struct Candidate: Sendable, Equatable, Codable {
        /// Its name.
        public var name: String
        /// The softmax of its logit, 0...1.
        public var probability: Double

        /// A class and how likely it is.
        public init(name: String, probability: Double) {
            self.name = name
            self.probability = probability
        }
    }

    private let file: NetworkFile
    private let precision: Precision

    /// - Parameters:
    ///   - file: the network, on the device that is to compute.
    ///   - precision: what the forward pass computes in.
    public init(_ file: NetworkFile, precision: Precision = .float32) {
        self.file = file
        self.precision = precision
    }

    /// Predicts, batch by batch.
    ///
    /// - Parameters:
    ///   - dataset: the images; labels play no part.
    ///   - top: how many classes are named for each.
    ///   - skipBadImages: leave out what cannot be read instead of stopping.
    ///   - body: called with each batch's predictions, in the order of the images.
    /// - Returns: the number of images that were left out.
    /// - Throws: `TrainingError.outputsWithoutNumbers`; what the loader, the network or `body` throws.
    @discardableResult
    public func callAsFunction(
        _ dataset: any ImageDataset, top: Int = 1, skipBadImages: Bool = false, _ body: ([Prediction]) throws -> Void
    ) throws -> Int {
        let batches = try file.card.batches(dataset, skipBadImages: skipBadImages)
        let device = file.network.store.device
        let top = min(max(top, 1), file.card.classNames.count)
        var seen = 0
        try withoutGradients {
            while let batch = try batches.next() {
                guard batch.count > 0 else { continue }
                let logits = try withPrecision(precision, on: device) {
                    try file.network(batch.images(on: device), .evaluation)
                }
                let best = try logits.softmax(1).topK(top, dimension: 1)
                let classes = try best.positions.array(Int.self)
                let probabilities = try best.values.to(.float32).array(Float.self)
                if let slot = probabilities.firstIndex(where: { !$0.isFinite }) {
                    throw TrainingError.outputsWithoutNumbers(image: dataset.source(at: batch.indices[slot / top]))
                }
                seen += batch.count
                try body(
                    (0..<batch.count).map { slot in
                        Prediction(
                            image: dataset.source(at: batch.indices[slot]),
                            classes: (slot * top..<(slot + 1) * top).map {
                                Candidate(
                                    name: file.card.classNames[classes[$0]], probability: Double(probabilities[$0]))
                            })
                    })
            }
        }
        return dataset.count - seen
    }
}
