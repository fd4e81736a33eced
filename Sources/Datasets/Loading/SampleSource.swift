import Foundation
import Support

/// What every thread of a loader shares: the data set, the cache and the laws by which samples are made.
final class SampleSource: Sendable {
    let dataset: any ImageDataset
    let annotationKind: AnnotationKind
    let augmentation: Augmentation
    let options: BatchLoaderOptions
    private let decoding: ImageDecoding
    /// Whether annotations are more than numbers, which labels have already given.
    private let hasAnnotations: Bool
    private let cache: DecodedCache
    /// Nil for other samplings, as is `halves`.
    private let identities: IdentitySampler?
    private let halves: HalvesSampler?

    /// - Throws: `BatchLoaderError` when the data set has too few labels for the sampling.
    init(dataset: any ImageDataset, augmentation: Augmentation, options: BatchLoaderOptions) throws {
        self.dataset = dataset
        annotationKind = dataset.annotationKind
        hasAnnotations = annotationKind != .number
        self.augmentation = augmentation
        self.options = options
        decoding = ImageDecoding(
            channels: options.channels,
            // The places of an annotation are in pixels of the whole image.
            minimumShortSide: hasAnnotations ? nil : augmentation.minimumShortSide,
            orientation: options.orientation)
        cache = DecodedCache(count: dataset.count, limit: options.cacheLimit, keepsAnnotations: hasAnnotations)
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

    /// The number of samples of the largest batch.
    var largestBatch: Int { repeats ? options.batchSize : min(options.batchSize, dataset.count) }

    /// The number of batches of an epoch.
    var batchCount: Int {
        if let identities { return identities.batchCount(dropLast: options.dropLast) }
        if let halves { return halves.batchCount }
        return options.dropLast
            ? dataset.count / options.batchSize
            : (dataset.count - 1) / options.batchSize + 1
    }

    /// The image of a sample.
    ///
    /// - Throws: the data set's error.
    func image(at index: Int) throws -> Image {
        if let image = cache.image(at: index) { return image }
        let image = try dataset.image(at: index, decoding: decoding)
        cache.keep(image, at: index)
        return image
    }

    /// The annotation of a sample, found to be of the data set's kind.
    ///
    /// - Throws: the data set's error, or a `DatasetError` that names the sample.
    private func annotation(at index: Int) throws -> Annotation {
        func refusal(_ problem: String) -> DatasetError {
            DatasetError(
                .malformed, file: dataset.source(at: index), problem,
                advice: "Correct the annotation, or leave the image out.")
        }
        if let annotation = cache.annotation(at: index) { return annotation }
        let annotation: Annotation
        do {
            annotation = try dataset.annotation(at: index)
        } catch let error as AnnotationError {
            throw refusal(error.description)
        }
        guard annotation.kind == annotationKind else {
            throw refusal(
                "its annotation is of the kind `\(annotation.kind)`, and its data set has the kind `\(annotationKind)`")
        }
        cache.keep(annotation, at: index)
        return annotation
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
            seed: options.seed, RandomStream.sampleOrder, UInt64(bitPattern: Int64(epoch)))
        if let identities { return identities.order(using: &generator) }
        if let halves { return halves.order(using: &generator) }
        let order = generator.permutation(dataset.count)
        return options.sampling == .shuffledByOrientation ? byOrientation(order) : order
    }

    /// Batches of one orientation each, in the order in which they become full; what is left over comes last.
    private func byOrientation(_ order: [Int]) -> [Int] {
        var (made, wide, others): ([Int], [Int], [Int]) = ([], [], [])
        func take(_ index: Int, _ group: inout [Int]) {
            group.append(index)
            guard group.count == options.batchSize else { return }
            made += group
            group = []
        }
        for index in order {
            if let size = dataset.size(at: index), size.width > size.height {
                take(index, &wide)
            } else {
                take(index, &others)
            }
        }
        return made + wide + others
    }

    /// Makes every view of one sample and writes them into its slot, each with its annotation where that is more than a
    /// number.
    ///
    /// - Throws: the data set's error, or a `BatchLoaderError` that names the sample.
    func fill(_ slot: Int, of batch: Batch, epoch: Int, with executor: TransformExecutor) throws {
        let index = batch.indices[slot]
        let image = try image(at: index)
        let annotation = hasAnnotations ? try annotation(at: index) : nil
        // A sample that its batch repeats goes on with the views that come after those of its first place.
        let repeats = self.repeats ? batch.indices[..<slot].count { $0 == index } : 0
        for view in 0..<batch.views {
            let transforms = transforms(
                for: image, epoch: epoch, index: index, view: repeats * batch.views + view)
            let found = Self.shape(of: image, after: transforms)
            let expected =
                batch.isPadded ? [batch.channels, found[1], found[2]] : [batch.channels, batch.height, batch.width]
            guard found == expected else {
                throw BatchLoaderError.shape(source: dataset.source(at: index), found: found, expected: expected)
            }
            do {
                let frame = SampleFrame(
                    stored: ImageSize(height: image.height, width: image.width),
                    seen: ImageSize(height: found[1], width: found[2]))
                try batch.write(slot, view: view, frame) { place in
                    try executor.apply(transforms, to: image, into: place, layout: batch.layout)
                }
                if let annotation {
                    batch.annotate(
                        slot, view: view, stored: annotation,
                        try annotation.applying(transforms, height: image.height, width: image.width))
                }
            } catch let error as AugmentationError {
                throw BatchLoaderError.augmentation(source: dataset.source(at: index), error)
            }
        }
    }

    /// The shape of the result, [C, H, W].
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
}

/// Decoded images and annotations, kept up to a number of bytes. Nothing is ever evicted: every epoch reads every image
/// once, in random order, so that whichever set is kept serves equally well, and replacing only costs.
private final class DecodedCache: @unchecked Sendable {
    private let lock = NSLock()
    private var images: [Image?]
    /// Empty where annotations are numbers.
    private var annotations: [Annotation?]
    private var room: Int

    init(count: Int, limit: Int, keepsAnnotations: Bool) {
        images = limit > 0 ? Array(repeating: nil, count: count) : []
        annotations = keepsAnnotations ? Array(repeating: nil, count: images.count) : []
        room = limit
    }

    func image(at index: Int) -> Image? {
        lock.lock()
        defer { lock.unlock() }
        return index < images.count ? images[index] : nil
    }

    func keep(_ image: Image, at index: Int) {
        lock.lock()
        defer { lock.unlock() }
        guard index < images.count, images[index] == nil, image.pixels.count <= room else { return }
        images[index] = image
        room -= image.pixels.count
    }

    func annotation(at index: Int) -> Annotation? {
        lock.lock()
        defer { lock.unlock() }
        return index < annotations.count ? annotations[index] : nil
    }

    /// Boxes and their masks are small beside their image and take no room.
    func keep(_ annotation: Annotation, at index: Int) {
        lock.lock()
        defer { lock.unlock() }
        let bytes = if case .map(let map) = annotation { map.classes.count } else { 0 }
        guard index < annotations.count, annotations[index] == nil, bytes <= room else { return }
        annotations[index] = annotation
        room -= bytes
    }
}
