/// Reads, decodes and augments the images of a data set, in batches, on threads of its own.
///
/// What comes out depends only on the data set, the augmentation, the seed, and the epoch: not on the number of
/// threads, nor on where in the epoch one begins.
public final class BatchLoader: Sendable {
    /// What the loader was made with, found valid.
    public let options: BatchLoaderOptions
    /// The shape of every image, [C, H, W], before the layout; of images of several sizes that of the first.
    public let imageShape: [Int]
    /// The number of batches of an epoch.
    public let batchCount: Int
    /// The number of samples of the data set.
    public var sampleCount: Int { source.dataset.count }
    /// The number of samples of the largest batch of an epoch, where all can be read.
    public var largestBatch: Int { source.largestBatch }

    private let source: SampleSource
    private let geometry: BatchGeometry
    /// Nil for batches that are padded, which have memory of their own.
    let pool: BufferPool<Float>?
    /// The buffers of label maps; nil for a data set without, and for batches that are padded.
    let mapPool: BufferPool<UInt8>?

    /// A loader of the samples of `dataset`, each changed as `augmentation` has it.
    ///
    /// Annotations that are more than a number go through the same changes as their images, which are then always decoded
    /// at full size.
    ///
    /// Looks at the first samples when the shape of the images follows neither from the augmentation nor from the
    /// options; all images must then have the shape of the first one that can be read, unless they are padded.
    ///
    /// - Throws: `BatchLoaderError`.
    public init(
        dataset: any ImageDataset, augmentation: Augmentation, options: BatchLoaderOptions
    ) throws {
        let problems = options.problems
        guard problems.isEmpty else { throw BatchLoaderError.options(problems) }
        guard dataset.count > 0 else { throw BatchLoaderError.noSamples }
        self.options = options
        source = try SampleSource(dataset: dataset, augmentation: augmentation, options: options)
        imageShape = try Self.shape(source)
        geometry = BatchGeometry(
            views: options.views, channels: imageShape[0], height: imageShape[1], width: imageShape[2],
            layout: options.layout)
        batchCount = source.batchCount
        let limit = options.views * (options.prefetch + 2)
        let isPadded = options.padding != nil
        pool =
            isPadded ? nil : try BufferPool(count: source.largestBatch * imageShape.reduce(1, *), limit: limit)
        mapPool =
            source.annotationKind == .map && !isPadded
            ? try BufferPool(count: source.largestBatch * imageShape[1] * imageShape[2], limit: limit) : nil
    }

    /// The batches of an epoch from number `first` on: exactly those of a full pass, whatever `first` is.
    ///
    /// - Throws: `BatchLoaderError` when `first` is negative or threads cannot be started.
    public func batches(epoch: Int, from first: Int = 0) throws -> BatchIterator {
        guard first >= 0 else { throw BatchLoaderError.options(["first batch (=\(first)) must not be negative"]) }
        let plan = EpochPlan(
            source: source, geometry: geometry, pool: pool, mapPool: mapPool, epoch: epoch,
            batchCount: batchCount, order: source.order(epoch: epoch))
        return try BatchIterator(plan: plan, from: min(first, batchCount))
    }

    private static func shape(_ source: SampleSource) throws -> [Int] {
        if let size = source.augmentation.outputSize {
            switch source.options.channels {
            case .grey: return [1, size.height, size.width]
            case .rgb: return [3, size.height, size.width]
            case .asStored: break
            }
        }
        var problems: [String] = []
        for index in 0..<min(source.dataset.count, 16) {
            do {
                let image = try source.image(at: index)
                let transforms = source.transforms(for: image, epoch: 0, index: index, view: 0)
                return SampleSource.shape(of: image, after: transforms)
            } catch {
                if source.options.onBadImage == .stop { throw error }
                source.leaveOut(error, index: index)
                problems.append(source.words(error, index: index))
            }
        }
        throw BatchLoaderError.noReadableSample(problems)
    }
}

/// Which samples make up which batch of one epoch.
struct EpochPlan: Sendable {
    let source: SampleSource
    let geometry: BatchGeometry
    let pool: BufferPool<Float>?
    let mapPool: BufferPool<UInt8>?
    let epoch: Int
    let batchCount: Int
    let order: [Int]

    /// A batch with labels and room, still without images.
    func emptyBatch(_ number: Int) throws -> Batch {
        let size = source.options.batchSize
        let whole = (number * size)..<min((number + 1) * size, order.count)
        let indices = Array(order[source.options.share?.places(whole) ?? whole])
        return try Batch(
            number: number, indices: indices, labels: indices.map { Int64(source.dataset.label(at: $0)) },
            annotationKind: source.annotationKind, geometry: geometry, pool: pool, mapPool: mapPool)
    }

    /// What the consumer gets, once every slot was tried.
    func finish(_ batch: Batch, bad: [BadSample]) throws -> Batch {
        guard !bad.isEmpty else {
            if let multiple = source.options.padding { try batch.pad(toMultiplesOf: multiple) }
            return batch
        }
        let bad = bad.sorted { $0.slot < $1.slot }
        if source.options.onBadImage == .stop { throw bad[0].error }
        if let multiple = source.options.padding { try batch.pad(toMultiplesOf: multiple) }
        for sample in bad { source.leaveOut(sample.error, index: batch.indices[sample.slot]) }
        batch.remove(bad.map { ($0.slot, source.words($0.error, index: batch.indices[$0.slot])) })
        return batch
    }
}

/// A sample that could not be made.
struct BadSample: Sendable {
    let slot: Int
    let error: any Error
}
