import Catalogue
import Datasets
import Experiments
import Networks
import Support
import Torch

extension Augmentation: FreeFormConfiguration {}

/// Which images, and how they are prepared.
public struct DataConfiguration: Configuration {
    /// A data set of `DatasetCatalogue.classificationNames`, such as `fashion-mnist`, or the path of a folder of class
    /// folders, a list, or IDX files.
    public var source = "fashion-mnist"
    /// What images are decoded to, and so how many channels the network takes; nil for what they are.
    public var channels: ImageDecoding.Channels?
    /// Whether images are turned as the EXIF of their files says, as a person sees them. What was stored before there was
    /// this key ignores it, as do ImageNet's usual readers.
    public var orientation = ImageOrientation.exif
    /// A text file with one image name a line, such as a published list of a tenth of ImageNet: the training images are
    /// these alone. Empty for all.
    public var list = ""
    /// The share of the training images that is learned from, drawn class by class, the same for every seed. Validation
    /// images are set apart before, so that they are the same for every share.
    public var fraction = 1.0
    /// The share of the training images that is set apart for validation, where the data has none; two images at least,
    /// where there are four.
    public var validationFraction = 1.0 / 12
    /// The share of the training images that is set apart for the final score, where the data has no part for it; 0 for no
    /// final score. It is set apart before everything else.
    public var testFraction = 0.0
    /// Leave out images that cannot be read instead of stopping.
    public var skipBadImages = false
    /// Threads that decode and augment.
    public var threads = 1
    /// What happens to training images; empty for what suits them, or for no more than `evaluation` where that is given.
    public var augmentation = Self.unset
    /// What happens to validation and test images; empty for what suits them, in the size that `augmentation` gives.
    public var evaluation = Self.unset

    /// Fashion-MNIST, prepared as it is.
    public init() {}

    /// Before there were keys for it, images were not turned, and none were set apart for a final score.
    public static var meaningsOfAbsence: [String: String] {
        ["orientation": ImageOrientation.ignore.rawValue, "test-fraction": "0"]
    }

    /// Refuses values out of range, and training and evaluation images of different sizes, all at once.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require(
            validationFraction > 0 && validationFraction < 1, "validation-fraction",
            "must be above 0 and below 1, is \(validationFraction)")
        check.require(
            testFraction >= 0 && testFraction < 1, "test-fraction", "must be at least 0 and below 1, is \(testFraction)"
        )
        check.require(fraction > 0 && fraction <= 1, "fraction", "must be above 0 and at most 1, is \(fraction)")
        check.require((0...64).contains(threads), "threads", "must be in 0...64, is \(threads)")
        check.require(
            augmentation.transforms.isEmpty || evaluation.transforms.isEmpty
                || (augmentation.outputSize != nil && augmentation.outputSize == evaluation.outputSize), "evaluation",
            "must give images of the same size as augmentation, and both need a step that fixes it, such as "
                + "`center-crop: 28`; it gives \(Self.words(evaluation)), augmentation \(Self.words(augmentation))")
        try check.finish()
    }

    private static func words(_ augmentation: Augmentation) -> String {
        augmentation.outputSize.map { "\($0) pixels" } ?? "the size of the image"
    }

    private static let unset = try! Augmentation([])  // safe: nothing to be out of range
}

// MARK: - Preparation that follows from the images

extension DataConfiguration {
    /// Whether the settings say how images are prepared.
    public var isPrepared: Bool {
        !augmentation.transforms.isEmpty && !evaluation.transforms.isEmpty && channels != nil
    }

    /// The settings with everything that they leave to the images: their colours, a size that shows all of most of them, and
    /// steps that give them that size. Random boxes, mirrored half the time, to learn from; the middle to be scored on.
    ///
    /// - Parameter images: the training images.
    /// - Throws: `AugmentationError` for images of no usual size.
    public func prepared(for images: any ImageDataset) throws -> DataConfiguration {
        guard !isPrepared else { return self }
        var own = self
        if source == Self.fashionMNIST {
            own.channels = channels ?? .grey
            if evaluation.transforms.isEmpty { own.evaluation = try Self.plainFashionMNIST }
        } else {
            let seen = SuggestedSize(of: images)
            let isGrey = channels.map { $0 == .grey } ?? seen.isGrey
            own.channels = channels ?? (isGrey ? .grey : .rgb)
            if evaluation.transforms.isEmpty {
                guard !augmentation.transforms.isEmpty else {
                    try own.prepare(size: seen.size, isGrey: isGrey)
                    return own
                }
                let size = augmentation.outputSize ?? seen.size
                own.evaluation = augmentation
                let (mean, std) = own.normalization
                own.evaluation = try .evaluation(size: size, cropFraction: 1, mean: mean, std: std)
            }
        }
        if augmentation.transforms.isEmpty { own.augmentation = own.evaluation }
        return own
    }

    /// Has images of any size prepared for networks that see one size.
    ///
    /// - Parameters:
    ///   - size: the size of the images that networks see, in pixels.
    ///   - isGrey: one channel instead of three.
    /// - Throws: `AugmentationError` for a size out of range.
    public mutating func prepare(size: ImageSize, isGrey: Bool) throws {
        let (mean, std) = Self.usualNormalization(isGrey: isGrey)
        channels = isGrey ? .grey : .rgb
        augmentation = try .supervised(size: size, scale: 0.35...1, mean: mean, std: std)
        evaluation = try .evaluation(size: size, cropFraction: 1, mean: mean, std: std)
    }

    /// What is subtracted from and divides values in 0...1: of ImageNet's photographs, or of grey images of any kind.
    public static func usualNormalization(isGrey: Bool) -> (mean: [Double], std: [Double]) {
        isGrey ? ([0.45], [0.25]) : (Augmentation.imageNetMean, Augmentation.imageNetStd)
    }

    /// The name of the data set whose images are used as they are, by the mean and deviation of its training images.
    public static let fashionMNIST = "fashion-mnist"

    /// Fashion-MNIST's images as they are, scaled by the mean and deviation of its training images.
    static var plainFashionMNIST: Augmentation {
        get throws { try Augmentation([.centerCrop(28), .normalize(mean: [0.286], std: [0.353])]) }
    }
}

extension DataConfiguration {
    /// Keys that do not affect a run's result, as they stand in a configuration that has these settings under `data`. Until
    /// an image cannot be read, leaving such images out changes nothing; then it is what a run goes on by.
    public static let keysWithoutEffect = ["data.threads", "data.skip-bad-images"]

    /// How images are decoded to be shown as networks see them, at full size.
    public var decoding: ImageDecoding { ImageDecoding(channels: channels ?? .grey, orientation: orientation) }

    /// Of the images that networks see, in pixels.
    public var imageSize: ImageSize { evaluation.outputSize ?? 0 }

    /// What is subtracted from and divides the channels' values at the end of the evaluation's steps.
    public var normalization: (mean: [Double], std: [Double]) {
        var values = (mean: [0.0], std: [1.0])
        for case .normalize(let mean, let std) in evaluation.transforms { values = (mean, std) }
        return values
    }

    /// The evaluation's steps that give images their size, as a network's file keeps them. A random one is replaced by the
    /// middle.
    public var steps: [ImageStep] {
        evaluation.transforms.flatMap { transform -> [ImageStep] in
            switch transform {
            case .resize(let side): [.resize(side)]
            case .stretch(let size): [.stretch(size)]
            case .centerCrop(let size), .randomCrop(let size, _): [.centerCrop(size)]
            case .randomResizedCrop(let size, _, _): ImageStep.middle(of: size)
            case .horizontalFlip, .verticalFlip, .colorJitter, .grayscale, .gaussianBlur, .randomErasing, .randAugment,
                .trivialAugment, .normalize:
                []
            }
        }
    }

    /// The data as the settings cut it: training images by `list` and `fraction`, and validation images set apart from
    /// them where the data brings none, or brings a validation part and no test part: that part is the test. Where it brings
    /// neither, `testFraction` sets a test apart first. The split is part of the data, not of a run's luck: the same whatever
    /// the run's seed. A test split that is there is not touched.
    ///
    /// - Throws: what the split throws if the images are too few to part; `DatasetError` for a list that cannot be read
    ///   or names other images.
    public func withValidation(_ data: OpenedDataset) throws -> OpenedDataset {
        let data = data.keepingFinalScore
        var train = data.train
        if !list.isEmpty { train = try subset(of: train, listedIn: list) }
        var test = data.test
        if test == nil, testFraction > 0 {
            let split = try stratifiedSplit(
                of: train, validationFraction: heldOutShare(testFraction, of: train.count), seed: 2)
            (train, test) = (split.train, split.validation)
        }
        var validation = data.validation
        if validation == nil {
            let split = try stratifiedSplit(
                of: train, validationFraction: heldOutShare(validationFraction, of: train.count), seed: 0)
            (train, validation) = (split.train, split.validation)
        }
        if fraction < 1 { train = try subset(of: train, fraction: fraction, seed: 0) }
        return OpenedDataset(layout: data.layout, train: train, validation: validation, test: test)
    }

    /// What `source` and `list` name, where they are paths, by their keys: a run goes on by whatever path they are named.
    ///
    /// - Parameter section: the key of these settings.
    /// - Throws: `FileError` for a list that cannot be read.
    public func places(under section: String) throws -> [String: NamedPlace] {
        var places: [String: NamedPlace] = [:]
        if !DatasetCatalogue.names.contains(source), FilePath.exists(source) {
            // Wherever they lie: which images they are, their record knows.
            places["\(section).source"] = NamedPlace(source, digest: DataRecord.manifestName)
        }
        if !list.isEmpty { places["\(section).list"] = NamedPlace(list, digest: try FileDigest.text(of: list)) }
        return places
    }

    /// Some images of a set, drawn class by class, the same for every seed; all of them for 0 or more than there are.
    ///
    /// - Parameters:
    ///   - set: the images.
    ///   - count: how many are wanted.
    /// - Throws: `DatasetError`.
    public static func sample(_ set: any ImageDataset, _ count: Int) throws -> any ImageDataset {
        guard count > 0, count < set.count else { return set }
        let fraction = Double(count) / Double(set.count)
        // A split leaves something of each class, which classes of one image do not allow; then images from all over.
        return try (try? stratifiedSplit(of: set, validationFraction: fraction, seed: 1).validation)
            ?? Subset(of: set, indices: (0..<count).map { $0 * set.count / count })
    }

    /// Refuses validation images that are too few to choose by.
    ///
    /// - Parameter validation: nil for none.
    /// - Throws: `TrainingError.tooFewImages`.
    public static func requireValidation(_ validation: (any ImageDataset)?) throws {
        let count = validation?.count ?? 0
        guard count < 2 else { return }
        throw TrainingError.tooFewImages(
            found: count, needed: 2, purpose: "to validate on",
            advice:
                "they are the share `data.validation-fraction` of the training images, of each class one less than there "
                + "are at most: give more images of each class, 4 in all at least, or a folder `val` beside `train`")
    }

    /// Batches of images in the order of the data set, prepared for evaluation.
    ///
    /// - Parameters:
    ///   - dataset: the images.
    ///   - batchSize: images of a batch; the last may have fewer.
    ///   - setting: what the batch size is called where a user gives it; nil where it is none of the user's.
    /// - Throws: `TrainingError.batches`.
    public func evaluationLoader(
        _ dataset: any ImageDataset, batchSize: Int = 256, setting: String? = nil
    ) throws -> BatchLoader {
        try namingBatchSize(setting) {
            try BatchLoader(
                dataset: dataset, augmentation: evaluation,
                options: BatchLoaderOptions(
                    batchSize: batchSize, threads: threads, layout: .nhwc, onBadImage: skipBadImages ? .skip : .stop,
                    channels: channels ?? .grey, orientation: orientation))
        }
    }

    /// Shuffled batches of augmented images; a last batch that is not full is left out where there is a full one.
    ///
    /// - Parameters:
    ///   - dataset: what is learned from.
    ///   - augmentation: nil for the configuration's own.
    ///   - batchSize: images of a batch.
    ///   - setting: what the batch size is called where a user gives it; nil where it is none of the user's.
    ///   - views: independently augmented views of each image.
    ///   - sampling: which images come together.
    ///   - seed: of order and augmentation.
    /// - Throws: `TrainingError.batches`.
    public func trainingLoader(
        _ dataset: any ImageDataset, augmentation: Augmentation? = nil, batchSize: Int, setting: String? = nil,
        views: Int = 1,
        sampling: BatchLoaderOptions.Sampling = .shuffled, seed: UInt64
    ) throws -> BatchLoader {
        var options = BatchLoaderOptions(
            batchSize: batchSize, views: views, threads: threads, dropLast: dataset.count >= batchSize, seed: seed,
            layout: .nhwc, onBadImage: skipBadImages ? .skip : .stop, channels: channels ?? .grey,
            orientation: orientation)
        options.sampling = sampling
        return try namingBatchSize(setting) {
            try BatchLoader(dataset: dataset, augmentation: augmentation ?? self.augmentation, options: options)
        }
    }

    /// Fixed batches as tensors, in channels-last order. Batches of which a single image is left are passed over, unless
    /// `least` is 1 and there is no other.
    ///
    /// - Parameters:
    ///   - set: the images, in their order.
    ///   - batchSize: images of a batch.
    ///   - least: the fewest images of a batch.
    ///   - device: where the tensors are to lie.
    /// - Returns: images [N, C, H, W] and labels [N] of each batch.
    /// - Throws: `TrainingError.tooFewImages` where no batch is left; what decoding the images throws.
    public func tensors(
        _ set: any ImageDataset, batchSize: Int, least: Int = 2, device: Device
    ) throws -> [(images: Tensor, labels: Tensor)] {
        let setting = "search.batch-size"
        return try namingBatchSize(setting) {
            let batches = try evaluationLoader(set, batchSize: batchSize, setting: setting).batches(epoch: 0)
            var made: [(images: Tensor, labels: Tensor)] = []
            var single: (images: Tensor, labels: Tensor)?
            while let batch = try batches.next() {
                guard batch.count > 0 else { continue }
                // A copy: the loader uses a batch's memory again.
                let tensors = (
                    images: try batch.images().cloned().to(device), labels: try batch.targets(on: device)
                )
                if batch.isLearnable { made.append(tensors) } else { single = tensors }
            }
            if let single, made.isEmpty, least == 1 { made = [single] }
            guard !made.isEmpty else {
                throw TrainingError.needsTwo(
                    single == nil ? 0 : 1,
                    purpose: "of \(set.count) to score paths on, or to take statistics of batch norm from",
                    advice: "give more images, raise `data.validation-fraction`, or raise `search.images`, "
                        + "`search.fit-images` and `search.recalibration-images` where they say so few")
            }
            return made
        }
    }
}
