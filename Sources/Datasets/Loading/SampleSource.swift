import Support

/// What every thread of a loader shares: the data set, the cache and the laws by which samples are made.
final class SampleSource: Sendable {
    let dataset: any ImageDataset
    let augmentation: Augmentation
    let options: BatchLoaderOptions
    private let decoding: ImageDecoding
    private let cache: DecodedImageCache
    /// Nil for other samplings, as is `halves`.
    private let identities: IdentitySampler?
    private let halves: HalvesSampler?

    /// - Throws: `BatchLoaderError` when the data set has too few labels for the sampling.
    init(dataset: any ImageDataset, augmentation: Augmentation, options: BatchLoaderOptions) throws {
        self.dataset = dataset
        self.augmentation = augmentation
        self.options = options
        decoding = ImageDecoding(
            channels: options.channels, minimumShortSide: augmentation.minimumShortSide,
            orientation: options.orientation)
        cache = DecodedImageCache(count: dataset.count, limit: options.cacheLimit)
        identities =
            if case .identities(let perBatch, let images) = options.sampling {
                try IdentitySampler(dataset, perBatch: perBatch, images: images)
            } else { nil }
        halves =
            if case .halves(let first) = options.sampling {
                try HalvesSampler(count: dataset.count, first: first, batchSize: options.batchSize)
            } else { nil }
    }

    /// Whether a batch may hold a sample more than once.
    private var repeats: Bool { identities != nil || halves != nil }

    /// The samples of the largest batch.
    var largestBatch: Int { repeats ? options.batchSize : min(options.batchSize, dataset.count) }

    /// The batches of an epoch.
    var batchCount: Int {
        if let identities { return identities.batchCount(dropLast: options.dropLast) }
        if let halves { return halves.batchCount }
        return options.dropLast
            ? dataset.count / options.batchSize
            : (dataset.count - 1) / options.batchSize + 1
    }

    func image(at index: Int) throws -> Image {
        if let image = cache.image(at: index) { return image }
        let image = try dataset.image(at: index, decoding: decoding)
        cache.keep(image, at: index)
        return image
    }

    /// The random choices of one view of one sample in one epoch.
    func transforms(for image: Image, epoch: Int, index: Int, view: Int) -> [AppliedTransform] {
        augmentation.sample(
            width: image.width, height: image.height, seed: options.seed, epoch: epoch, index: index, view: view)
    }

    /// The samples of an epoch, in order.
    func order(epoch: Int) -> [Int] {
        if options.sampling == .inOrder { return Array(0..<dataset.count) }
        var generator = SeededGenerator(
            seed: options.seed, Self.orderStream, UInt64(bitPattern: Int64(epoch)))
        if let identities { return identities.order(using: &generator) }
        if let halves { return halves.order(using: &generator) }
        return generator.permutation(dataset.count)
    }

    /// Makes every view of one sample and writes them into its slot.
    ///
    /// - Throws: the data set's error, or a `BatchLoaderError` that names the sample.
    func fill(_ slot: Int, of batch: Batch, epoch: Int, with executor: TransformExecutor) throws {
        let index = batch.indices[slot]
        let image = try image(at: index)
        // A sample that its batch repeats goes on with the views that come after those of its first place.
        let repeats = self.repeats ? batch.indices[..<slot].count { $0 == index } : 0
        for view in 0..<batch.views {
            let transforms = transforms(
                for: image, epoch: epoch, index: index, view: repeats * batch.views + view)
            let found = Self.shape(of: image, after: transforms)
            let expected = [batch.channels, batch.height, batch.width]
            guard found == expected else {
                throw BatchLoaderError.shape(source: dataset.source(at: index), found: found, expected: expected)
            }
            do {
                try executor.apply(transforms, to: image, into: batch.slot(slot, view: view), layout: batch.layout)
            } catch let error as AugmentationError {
                throw BatchLoaderError.augmentation(source: dataset.source(at: index), error)
            }
        }
    }

    /// [C, H, W] of the result.
    static func shape(of image: Image, after transforms: [AppliedTransform]) -> [Int] {
        var (height, width) = (image.height, image.width)
        for step in transforms { (height, width) = step.outputSize(height: height, width: width) }
        return [image.channels, height, width]
    }

    /// What is said about a bad image: its source is in it, once.
    func words(_ error: any Error, index: Int) -> String {
        UnreadableImages.Entry(error, in: dataset, at: index).reason
    }

    /// Takes a bad image down, once, whoever meets it.
    func leaveOut(_ error: any Error, index: Int) {
        UnreadableImages.shared.note(.init(error, in: dataset, at: index))
    }

    /// Keeps the streams of orders apart from those of views; part of what a seed means.
    private static let orderStream: UInt64 = 0x6f72_6465_72
}
