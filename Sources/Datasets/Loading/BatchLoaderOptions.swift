import Support

/// The options of a `BatchLoader`.
public struct BatchLoaderOptions: Sendable, Hashable {
    /// What to do with an image that cannot be read.
    public enum BadImagePolicy: String, Sendable, Codable, CaseIterable {
        /// The batch that it belongs to throws.
        case stop
        /// The batch gets smaller by one and names the image.
        case skip
    }

    /// Which samples come in which batch of an epoch.
    public enum Sampling: Sendable, Hashable {
        /// Every sample once, in the order of the data set.
        case inOrder
        /// Every sample once, in a random order that is new in each epoch.
        case shuffled
        /// As `shuffled`, but the images of a batch are all wider than high, or none is, so that little is lost to padding.
        /// What is left over of either comes last, together. Of data that does not tell the size of an image without
        /// decoding it, the image counts as not wider.
        case shuffledByOrientation
        /// Batches of `perBatch` labels with `images` samples each, side by side, as losses over triplets of samples
        /// need them (Hermans et al., 2017: P x K). The batch size must be `perBatch` times `images`.
        ///
        /// An epoch goes once through all labels that have samples, in a random order, however many each has. Its last
        /// batch is filled up with labels that it does not hold yet, or with `dropLast` left out if it would need that.
        /// A label's samples are drawn without repetition; a label with fewer than `images` repeats some, augmented
        /// anew.
        case identities(perBatch: Int, images: Int)
        /// Batches whose first half is of the samples before `first` and whose second half is of those from there on, as
        /// what aligns two domains needs them. The batch size must be even.
        ///
        /// An epoch goes once through the larger half in a random order and so often through the smaller one, in a new
        /// order each time, that it lasts as long. All batches are full; what is left over comes in another epoch.
        case halves(first: Int)
    }

    /// The number of samples in a batch; the last one may have fewer.
    public var batchSize: Int
    /// The number of independently augmented views of each image; each has its own buffer.
    public var views: Int
    /// The number of threads that decode and augment; 0 does it in the caller's. The batches do not depend on it.
    public var threads: Int
    /// The number of batches that are made ahead, at least 1.
    public var prefetch: Int
    /// Which samples come in which batch of an epoch.
    public var sampling: Sampling
    /// Whether a last batch that is not full is left out.
    public var dropLast: Bool
    /// What all random choices follow from.
    public var seed: UInt64
    /// The layout of a batch in memory.
    public var layout: PixelLayout
    /// What to do with an image that cannot be read.
    public var onBadImage: BadImagePolicy
    /// The channels that images are decoded to.
    public var channels: ImageDecoding.Channels
    /// Whether images are turned as their EXIF says.
    public var orientation: ImageOrientation
    /// Images of a batch may be of several sizes: each is padded below and to the right with zeros, in label maps with what
    /// is ignored, to the largest sides of its batch, rounded up to multiples of this. Nil: all must be of one size.
    public var padding: Int?
    /// The part of each batch that is made here, where several processes share batches; nil for all of it. Which images make
    /// up a batch, and how they are changed, does not depend on it.
    public var share: BatchShare?
    /// Decoded images are kept in memory up to this many bytes; 0 keeps none.
    public var cacheLimit: Int

    /// Options with these values, taken as they are; `BatchLoader` refuses those out of range, all at once: 1...2^20 samples a batch,
    /// 1...1024 views, 0...1024 threads, 1...1024 batches ahead, a cache limit of at least 0 bytes.
    public init(
        batchSize: Int, views: Int = 1, threads: Int = 0, prefetch: Int = 2, shuffle: Bool = false,
        dropLast: Bool = false, seed: UInt64 = 0, layout: PixelLayout = .nchw, onBadImage: BadImagePolicy = .stop,
        channels: ImageDecoding.Channels = .rgb, orientation: ImageOrientation = .exif, cacheLimit: Int = 1 << 30
    ) {
        self.batchSize = batchSize
        self.views = views
        self.threads = threads
        self.prefetch = prefetch
        sampling = shuffle ? .shuffled : .inOrder
        self.dropLast = dropLast
        self.seed = seed
        self.layout = layout
        self.onBadImage = onBadImage
        self.channels = channels
        self.orientation = orientation
        self.cacheLimit = cacheLimit
    }

    /// Options for batches of `perBatch` labels with `images` samples each; all else is as `init(batchSize:)` has it.
    public init(identities perBatch: Int, images: Int) {
        let (batchSize, overflow) = perBatch.multipliedReportingOverflow(by: images)
        self.init(batchSize: overflow ? .max : batchSize)
        sampling = .identities(perBatch: perBatch, images: images)
    }

    /// Whether the order is a random one, new in each epoch. Setting it chooses between `.shuffled` and `.inOrder`.
    public var shuffle: Bool {
        get { sampling != .inOrder }
        set { sampling = newValue ? .shuffled : .inOrder }
    }

    /// The values that are out of range, each with its name and what would be right.
    var problems: [String] {
        var problems: [String] = []
        func check(_ value: Int, _ name: String, _ range: ClosedRange<Int>) {
            if !range.contains(value) { problems.append("\(name) (=\(value)) must be in \(range)") }
        }
        check(batchSize, "batch size", 1...1_048_576)
        check(views, "views", 1...1024)
        check(threads, "threads", 0...1024)
        check(prefetch, "prefetch", 1...1024)
        check(cacheLimit, "cache limit", 0...Int.max)
        if let padding { check(padding, "multiple of padded sides", 1...4096) }
        if case .identities(let perBatch, let images) = sampling {
            let before = problems.count
            check(perBatch, "labels of a batch", 1...1_048_576)
            check(images, "images of a label", 1...1_048_576)
            if problems.count == before, batchSize != perBatch * images {
                problems.append(
                    "batch size (=\(batchSize)) must be labels of a batch (=\(perBatch)) times images of a label "
                        + "(=\(images)), \(perBatch * images)")
            }
        }
        if let share {
            if batchSize % share.count != 0 {
                problems.append(
                    "batch size (=\(batchSize)) must be a multiple of the \(share.count) parts that share it")
            }
            if case .halves = sampling { problems.append("batches of two halves cannot be shared") }
        }
        if case .halves = sampling, batchSize % 2 != 0 {
            problems.append("batch size (=\(batchSize)) must be even, for two halves")
        }
        return problems
    }
}

/// One of the equal parts of a batch.
public struct BatchShare: Sendable, Hashable {
    /// The number of the part, from 0.
    public let index: Int
    /// The number of parts.
    public let count: Int

    /// A part of a batch; `index` must be in 0..<`count`.
    public init(_ index: Int, of count: Int) {
        precondition((0..<count).contains(index), "part \(index) of \(count)")
        (self.index, self.count) = (index, count)
    }

    /// The places of a batch that are in the part.
    func places(_ range: Range<Int>) -> Range<Int> {
        range.lowerBound + index * range.count / count..<range.lowerBound + (index + 1) * range.count / count
    }
}

/// Why batches cannot be made.
public enum BatchLoaderError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The options that make no sense, each with its value.
    case options([String])
    /// The data set has no samples.
    case noSamples
    /// None of the first samples could be read, so the images' shape is not known.
    case noReadableSample([String])
    /// A sample does not have the shape of the others.
    case shape(source: String, found: [Int], expected: [Int])
    /// The augmentation does not fit a sample.
    case augmentation(source: String, AugmentationError)
    /// There is no memory for a batch of this many bytes.
    case outOfMemory(bytes: Int)
    /// The operating system starts no thread; the number is its `errno`.
    case threads(errno: Int32)

    /// What was wrong, where, and what to do, in words.
    public var description: String {
        switch self {
        case .options(let problems):
            "batch loader: " + problems.joined(separator: "; ")
        case .noSamples:
            "batch loader: the data set has no samples"
        case .noReadableSample(let problems):
            "batch loader: none of the first \(problems.count) samples can be read:\n  "
                + problems.joined(separator: "\n  ")
        case .shape(let source, let found, let expected):
            "\(source): after augmentation the image is \(Self.words(found)) (channels x height x width), the others "
                + "are \(Self.words(expected)); end the augmentation with a crop, or convert the channels"
        case .augmentation(let source, let error):
            "\(source): \(error)"
        case .outOfMemory(let bytes):
            "batch loader: no memory for a batch of \(bytes) bytes; lower the batch size, the views or the prefetching"
        case .threads(let errno):
            "batch loader: cannot start a thread (errno \(errno)); use fewer threads, or 0"
        }
    }

    private static func words(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: "x") }
}
