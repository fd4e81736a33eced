import Datasets
import Experiments
import Metrics
import NN
import Networks
import Results
import Support
import Torch
import Training

/// Person re-identification: an embedding with a batch-norm neck, trained by cross-entropy over the training identities
/// and a batch-hard triplet loss (Luo et al., "Bag of Tricks and a Strong Baseline for Deep Person Re-identification",
/// 2019), and scored by mAP and CMC in the protocol of Market-1501.
public struct ReidentificationTask: RecognitionTask {
    /// The settings of re-identification.
    public struct Options: Configuration {
        /// The number of images of each identity in a batch.
        public var imagesPerIdentity = 4
        /// The weight of the triplet loss beside the cross-entropy.
        public var tripletWeight = 1.0

        /// Creates the default settings: four images of each identity in a batch, and equal weights of both losses.
        public init() {}

        /// A help text for each key.
        public static let keyHelp = [
            "images-per-identity": "Images of each identity in a batch.",
            "triplet-weight": "The weight of the triplet loss beside the cross-entropy.",
        ]

        /// Checks that all values are in range.
        public func validate() throws {
            var check = ConfigurationCheck()
            check.require(
                (2...1024).contains(imagesPerIdentity), "images-per-identity",
                "must be in 2...1024, is \(imagesPerIdentity)")
            check.require(
                tripletWeight >= 0 && tripletWeight.isFinite, "triplet-weight",
                "must not be negative, is \(tripletWeight)")
            try check.finish()
        }
    }

    /// The name of the task, `re-identification`.
    public static let name = "re-identification"
    /// The task's name as a heading.
    public static let title = "Re-identification"
    /// The task in one sentence for help texts.
    public static let summary = "the same person under another camera; the layout of Market-1501"
    /// The metrics of the task: CMC at rank 1, mAP, and CMC at ranks 5 and 10.
    public static let metrics = [Metric("rank-1"), Metric("mAP"), Metric("rank-5"), Metric("rank-10")]
    /// The outputs are embeddings, which are compared with a gallery.
    public static let outputs = TaskOutputs.embeddings
    /// The images. Training images are labelled by identity, the others by their position.
    public let data: OpenedDataset
    /// Nil, as the outputs are embeddings.
    public var outputNames: [String]? { nil }
    private let validation: RetrievalSet
    private let test: RetrievalSet
    private let tripletWeight: Double
    private let imagesPerIdentity: Int

    /// Creates the task and splits off some training identities for validation.
    ///
    /// - Parameters:
    ///   - market: training images, queries and gallery.
    ///   - validationFraction: the share of identities that are split off.
    ///   - tripletWeight: the weight of the triplet loss beside the cross-entropy.
    ///   - imagesPerIdentity: the number of images of each identity in a batch.
    /// - Throws: `DatasetError` if no validation identity is seen by two cameras, or too few identities are left for
    ///   training.
    public init(
        _ market: MarketDataset, validationFraction: Double, tripletWeight: Double, imagesPerIdentity: Int
    ) throws {
        let train = market.train
        let people = train.classNames.count
        var generator = SeededGenerator(seed: 0, RandomStream.heldOutIdentities)
        let count = Int((validationFraction * Double(people)).rounded())
        let held = Set(generator.permutation(people).prefix(count))
        let isHeld = (0..<train.count).map { held.contains(train.label(at: $0)) }
        let rows = train.identities.indices.filter { isHeld[$0] }
        guard count > 0, people - count > 1 else {
            throw DatasetError(
                .invalidArgument, file: train.root,
                "a validation fraction of \(validationFraction) of \(people) identities leaves too few in one part",
                advice: people < 3
                    ? "Give at least 3 identities: one to validate on, and two to tell apart in training."
                    : "Give more identities, or another data.validation-fraction: "
                        + "\((100 / Double(people)).rounded(.up) / 100) holds one of these out.")
        }
        validation = try RetrievalSet(
            Subset(of: train, indices: rows), identities: rows.map { train.identities[$0] },
            cameras: rows.map { train.cameras[$0] }, root: train.root)
        test = RetrievalSet(query: market.query, gallery: market.gallery)
        data = OpenedDataset(
            train: try Subset(of: train, indices: isHeld.indices.filter { !isHeld[$0] }),
            validation: validation.images, test: test.images)
        self.tripletWeight = tripletWeight
        self.imagesPerIdentity = imagesPerIdentity
    }

    /// Creates the task for scoring embeddings on the test images; no identities are split off.
    ///
    /// - Parameter market: training images, queries and gallery.
    public init(scoring market: MarketDataset) {
        test = RetrievalSet(query: market.query, gallery: market.gallery)
        validation = test
        data = OpenedDataset(train: market.train, test: test.images)
        (tripletWeight, imagesPerIdentity) = (0, 2)
    }

    /// Opens images of people and splits off some training identities for validation.
    public static func open(_ data: DataConfiguration, _ options: Options, with open: TaskData) throws -> Self {
        try Self(
            open.people(data.source), validationFraction: data.validationFraction,
            tripletWeight: options.tripletWeight, imagesPerIdentity: options.imagesPerIdentity)
    }

    /// Opens queries and gallery without splitting off identities.
    public static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask {
        Self(scoring: try open.people(source))
    }

    /// The preparation of images of people, which are kept whole: images are stretched, and training images are shifted
    /// by up to a tenth of the shorter side.
    public static func preparation(size: ImageSize, mean: [Double], std: [Double]) throws -> Preparation? {
        let normalize = Transform.normalize(mean: mean, std: std)
        return Preparation(
            augmentation: try Augmentation([
                .stretch(size), .randomCrop(size: size, padding: max(1, size.shorter / 10)), .horizontalFlip(),
                .colorJitter(brightness: 0.4, contrast: 0.4, saturation: 0.3, hue: 0.05, p: 0.8), normalize,
                .randomErasing(p: 0.3, scale: 0.02...0.15),
            ]), evaluation: try Augmentation([.stretch(size), normalize]))
    }

    /// At most as many images as all identities give.
    public func batchSize(atMost size: Int) -> Int {
        let identities = Set((0..<data.train.count).map(data.train.label)).count
        return min(size, identities * imagesPerIdentity)
    }

    /// Batches consist of P identities with K images each.
    public func sampling(batchSize: Int) throws -> BatchLoaderOptions.Sampling {
        guard batchSize % imagesPerIdentity == 0, batchSize / imagesPerIdentity > 1 else {
            let fitting = max(batchSize / imagesPerIdentity, 2) * imagesPerIdentity
            throw BatchLoaderError.options([
                "batch size (=\(batchSize)) must hold at least two identities with task.images-per-identity "
                    + "(=\(imagesPerIdentity)) images each, and nothing beside them: \(fitting), say"
            ])
        }
        return .identities(perBatch: batchSize / imagesPerIdentity, images: imagesPerIdentity)
    }

    /// Creates a batch-norm neck and a classifier of the training identities.
    public func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead {
        try NeckHead(
            features: features, identities: data.classNames.count, tripletWeight: tripletWeight, scope,
            weights: weights)
    }

    /// The neck without the classifier, which embeddings do not need.
    public func networkHead(features: Int) -> NetworkHead { .neck(features: features) }

    /// Computes mAP and CMC; the score is mAP.
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> Score {
        let score = try set(part).score(outputs, rows: labels)
        return Score(
            score.meanAveragePrecision,
            standardError: StandardError.ofMean(score.averagePrecisions.compactMap(\.self)),
            metrics: [
                "mAP": score.meanAveragePrecision, "rank-1": score.rank1, "rank-5": score.rank5,
                "rank-10": score.rank10,
            ])
    }

    /// Fits a map that whitens the scatter within identities, so that differences between cameras count less.
    public func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        try EmbeddingMap(features, labels: labels, identities: data.classNames.count)
    }

    /// Some queries and the gallery images that rank first for them.
    public func examples(
        _ outputs: Tensor, labels: [Int], images: [Int], of part: TaskPart
    ) throws -> [Examples] {
        [
            Examples(
                images: images, .galleries(try set(part).galleries(outputs, rows: labels, queries: 8, length: 10)))
        ]
    }

    private func set(_ part: TaskPart) -> RetrievalSet { part == .test ? test : validation }
}
