import Datasets
import Metrics
import NN
import Support
import Torch

/// The same person under another camera: an embedding with a batch-norm neck, learned by cross-entropy over the training
/// identities and a batch-hard triplet loss (Luo et al., "Bag of Tricks and a Strong Baseline for Deep Person
/// Re-identification", 2019); mAP and CMC by the protocol of Market-1501.
public struct ReidentificationTask: RecognitionTask {
    /// `re-identification`
    public static let name = "re-identification"
    /// CMC at rank 1, mAP, and CMC further down.
    public static let metrics = [TaskMetric("rank-1"), TaskMetric("mAP"), TaskMetric("rank-5"), TaskMetric("rank-10")]
    /// Training images are labelled by identity; the others by their place.
    public let data: OpenedDataset
    /// Nil: outputs are an embedding.
    public var outputNames: [String]? { nil }
    private let validation: RetrievalSet
    private let test: RetrievalSet
    private let labelSmoothing: Double
    private let tripletWeight: Double
    private let imagesPerIdentity: Int

    /// Holds some training identities out for validation.
    ///
    /// - Parameters:
    ///   - market: training images, queries and gallery.
    ///   - validationFraction: the share of identities to hold out.
    ///   - labelSmoothing: of the cross-entropy.
    ///   - tripletWeight: of the triplet loss.
    ///   - imagesPerIdentity: K of a batch.
    /// - Throws: `DatasetError` where no held-out identity is seen by two cameras, or nothing is left to learn from.
    public init(
        _ market: MarketDataset, validationFraction: Double, labelSmoothing: Double, tripletWeight: Double,
        imagesPerIdentity: Int
    ) throws {
        let train = market.train
        let people = train.classNames.count
        var generator = SeededGenerator(seed: 0, 0x2E1D)
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
        self.labelSmoothing = labelSmoothing
        self.tripletWeight = tripletWeight
        self.imagesPerIdentity = imagesPerIdentity
    }

    /// For the score of embeddings on the test: no identity is held out.
    ///
    /// - Parameter market: training images, queries and gallery.
    public init(scoring market: MarketDataset) {
        test = RetrievalSet(query: market.query, gallery: market.gallery)
        validation = test
        data = OpenedDataset(train: market.train, test: test.images)
        (labelSmoothing, tripletWeight, imagesPerIdentity) = (0, 0, 2)
    }

    /// No more than all identities fill.
    public func batchSize(atMost size: Int) -> Int {
        let identities = Set((0..<data.train.count).map(data.train.label)).count
        return min(size, identities * imagesPerIdentity)
    }

    /// P identities with K images each.
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

    /// The neck and a classifier of the training identities.
    public func makeHead(features: Int, _ scope: Scope) throws -> any TaskHead {
        try NeckHead(
            features: features, identities: data.classNames.count, labelSmoothing: labelSmoothing,
            tripletWeight: tripletWeight, scope)
    }

    /// The neck alone: embeddings need no identities.
    public func networkHead(features: Int) -> TaskNetworkHead { .neck(features: features) }

    /// By mAP.
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> TaskScore {
        let score = try set(part).score(outputs, rows: labels)
        return TaskScore(
            score.meanAveragePrecision,
            standardError: StandardError.ofMean(score.averagePrecisions.compactMap(\.self)),
            metrics: [
                "mAP": score.meanAveragePrecision, "rank-1": score.rank1, "rank-5": score.rank5,
                "rank-10": score.rank10,
            ])
    }

    /// Whitened by how the images of one identity differ, so that what changes between cameras counts less.
    public func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        try EmbeddingMap(features, labels: labels, identities: data.classNames.count)
    }

    /// Some queries and what they found.
    public func examples(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> [TaskExamples] {
        [.galleries(try set(part).galleries(outputs, rows: labels, queries: 8, length: 10))]
    }

    private func set(_ part: TaskPart) -> RetrievalSet { part == .test ? test : validation }
}
