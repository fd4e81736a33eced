import Catalogue
import Datasets
import Experiments
import Networks
import Support
import Torch

extension Augmentation: FreeFormConfiguration {}

/// The settings of data: which images, how they are split, and how they are prepared.
public struct DataConfiguration: Configuration {
    /// A data set by its name, such as `fashion-mnist` (`supernet data --help` lists them), or the path of a folder of class
    /// folders, a list, or IDX files.
    public var source = "fashion-mnist"
    /// The colours that images are decoded to, and with them the network's input channels; nil to follow the images.
    public var channels: ImageDecoding.Channels?
    /// Whether images are rotated as the EXIF data of their files says. Settings stored before this key existed ignore
    /// EXIF, as do the usual readers of ImageNet.
    public var orientation = ImageOrientation.exif
    /// A text file with one image name on each line, such as a published list of a tenth of ImageNet, that restricts
    /// the training images; empty for all.
    public var list = ""
    /// The share of the training images that is used, drawn class by class, the same for every seed. Validation images
    /// are split off before, so that they are the same for every share.
    public var fraction = 1.0
    /// The share of the training images that is split off for validation where the data has no validation part: at
    /// least two images where there are four.
    public var validationFraction = 1.0 / 12
    /// The share of the training images that is split off for the final score where the data has no test part; 0 for no
    /// final score. It is split off before everything else.
    public var testFraction = 0.0
    /// The number of parts that all images are cut into for cross-validation, those of a test part included; 0 for
    /// none, as in settings stored before this key existed.
    public var folds = 0
    /// The part that is tested, from 1 to `folds`; the others are learned from. 0 where there are no folds.
    public var fold = 0
    /// Whether unreadable images are left out instead of stopping the run.
    public var skipBadImages = false
    /// The number of threads that decode and augment.
    public var threads = 1
    /// The transforms of training images; empty for those that suit the images, or for those of `evaluation` where that
    /// is set.
    public var augmentation = Self.unset
    /// The transforms of validation and test images; empty for those that suit the images, at the output size of
    /// `augmentation`.
    public var evaluation = Self.unset

    /// Creates the settings of Fashion-MNIST at its own size.
    public init() {}

    /// The values of keys that stored settings lack: earlier versions did not rotate images and split off no test part.
    public static var meaningsOfAbsence: [String: String] {
        ["orientation": ImageOrientation.ignore.rawValue, "test-fraction": "0"]
    }

    /// Checks that all values are in range and that training and evaluation images have the same size.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require(
            validationFraction > 0 && validationFraction < 1, "validation-fraction",
            "must be above 0 and below 1, is \(validationFraction)")
        check.require(
            testFraction >= 0 && testFraction < 1, "test-fraction", "must be at least 0 and below 1, is \(testFraction)"
        )
        check.require(folds == 0 || folds >= 2, "folds", "must be at least 2, or 0 for no folds, is \(folds)")
        if folds >= 2 {
            check.require(
                (1...folds).contains(fold), "fold",
                "must say which of the \(folds) folds is the test, from 1 to \(folds), is \(fold)")
            check.require(
                testFraction == 0, "test-fraction",
                "must be 0 with `folds`, as the fold is the test, is \(testFraction)")
            check.require(
                list.isEmpty, "list", "must be empty with `folds`, which cut all images of the source, is \(list)")
        } else {
            check.require(fold == 0, "fold", "needs the number of folds, `folds`, is \(fold) without it")
        }
        check.require(fraction > 0 && fraction <= 1, "fraction", "must be above 0 and at most 1, is \(fraction)")
        check.require((0...64).contains(threads), "threads", "must be in 0...64, is \(threads)")
        check.require(
            augmentation.transforms.isEmpty || evaluation.transforms.isEmpty
                || (augmentation.outputSize != nil && augmentation.outputSize == evaluation.outputSize)
                || (augmentation.frame() != nil && evaluation.frame() != nil), "evaluation",
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

    /// The settings with everything filled in that they leave to the images: colours, a size at which most images are
    /// seen whole, and the transforms that give this size. Training images are random crops, flipped half the time;
    /// evaluation images are centre crops.
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

    /// Sets the transforms that prepare images of any size for networks of one input size.
    ///
    /// - Parameters:
    ///   - size: the size of the images that networks see, in pixels.
    ///   - isGrey: whether images have one channel instead of three.
    /// - Throws: `AugmentationError` for a size out of range.
    public mutating func prepare(size: ImageSize, isGrey: Bool) throws {
        let (mean, std) = Self.usualNormalization(isGrey: isGrey)
        channels = isGrey ? .grey : .rgb
        augmentation = try .supervised(size: size, scale: 0.35...1, mean: mean, std: std)
        evaluation = try .evaluation(size: size, cropFraction: 1, mean: mean, std: std)
    }

    /// The usual means and standard deviations for values in 0...1: those of ImageNet, or for grey images those of one
    /// channel.
    public static func usualNormalization(isGrey: Bool) -> (mean: [Double], std: [Double]) {
        isGrey ? ([0.45], [0.25]) : (Augmentation.imageNetMean, Augmentation.imageNetStd)
    }

    /// The name of the data set Fashion-MNIST, whose images are used at their own size, normalised by the statistics of
    /// its training images.
    public static let fashionMNIST = "fashion-mnist"

    /// The evaluation transforms of Fashion-MNIST: its own size, normalised by the statistics of its training images.
    static var plainFashionMNIST: Augmentation {
        get throws { try Augmentation([.centerCrop(28), .normalize(mean: [0.286], std: [0.353])]) }
    }
}

extension DataConfiguration {
    /// The keys that do not affect a run's result, as they stand in a configuration that has these settings under
    /// `data`. `skip-bad-images` has no effect before an image turns out to be unreadable, and must be possible to set
    /// then.
    public static let keysWithoutEffect = ["data.threads", "data.skip-bad-images"]

    /// The source as plans and reports call it: with the fold that is tested where there are folds.
    public var sourceWords: String { folds > 0 ? "\(source), fold \(fold) of \(folds)" : source }

    /// The decoding options with which images are shown in reports: colours and orientation as networks see them, at
    /// full size.
    public var decoding: ImageDecoding { ImageDecoding(channels: channels ?? .grey, orientation: orientation) }

    /// The size of the images that networks see, in pixels; of images of several sizes, the one within which all lie.
    public var imageSize: ImageSize { evaluation.outputSize ?? evaluation.frame() ?? 0 }

    /// The means and standard deviations by which the evaluation transforms normalise channels.
    public var normalization: (mean: [Double], std: [Double]) {
        var values = (mean: [0.0], std: [1.0])
        for case .normalize(let mean, let std) in evaluation.transforms { values = (mean, std) }
        return values
    }

    /// The evaluation transforms that give images their size, as a network's file keeps them. A random crop is replaced
    /// by a centre crop, which pads as well, so that no step of its own is needed for that.
    public var steps: [ImageStep] {
        evaluation.transforms.flatMap { transform -> [ImageStep] in
            switch transform {
            case .resize(let side): [.resize(side)]
            case .stretch(let size): [.stretch(size)]
            case .centerCrop(let size), .randomCrop(let size, _): [.centerCrop(size)]
            case .randomResizedCrop(let size, _, _): ImageStep.middle(of: size)
            case .resizeWithin(let shorter, let longest): [.within(shorter: shorter.max() ?? longest, longest: longest)]
            case .horizontalFlip, .verticalFlip, .colorJitter, .grayscale, .gaussianBlur, .randomErasing, .randAugment,
                .trivialAugment, .normalize, .pad, .randomScaleByLongerSide:
                []
            }
        }
    }

    /// Splits the data as the settings say. Training images are restricted by `list` and `fraction`. Validation images
    /// are split off from them where the data has no validation part, or has one and no test part, in which case that
    /// part becomes the test. Where the data has neither, `testFraction` splits off a test part first. The split is the
    /// same for every seed, and an existing test part is not changed. With `folds`, the parts that the data has do not
    /// count: one fold of all images is the test, and validation images are split off from the others.
    ///
    /// - Throws: what splitting throws if there are too few images, or fewer of a class than `folds`; `DatasetError` for
    ///   a list that cannot be read or names other images.
    public func withValidation(_ data: OpenedDataset) throws -> OpenedDataset {
        let data = folds > 0 ? try data.fold(fold, of: folds) : data.keepingFinalScore
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

    /// The files and folders that `source` and `list` name, by key. A run continues whatever path leads to them.
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

    /// A sample of a set, drawn class by class, the same for every seed; the whole set where `count` is 0 or exceeds
    /// it.
    ///
    /// - Parameters:
    ///   - set: the images.
    ///   - count: the number of images of the sample.
    /// - Throws: `DatasetError`.
    public static func sample(_ set: any ImageDataset, _ count: Int) throws -> any ImageDataset {
        guard count > 0, count < set.count else { return set }
        let fraction = Double(count) / Double(set.count)
        // A split leaves something of each class, which classes of one image do not allow; then images from all over.
        return try (try? stratifiedSplit(of: set, validationFraction: fraction, seed: 1).validation)
            ?? Subset(of: set, indices: (0..<count).map { $0 * set.count / count })
    }

    /// Checks that there are at least two validation images.
    ///
    /// - Parameter validation: the validation images; nil for none.
    /// - Throws: `TrainingError.tooFewImages`.
    public static func requireValidation(_ validation: (any ImageDataset)?) throws {
        let count = validation?.count ?? 0
        guard count < 2 else { return }
        throw TrainingError.tooFewImages(
            found: count, needed: 2, purpose: "to validate on",
            advice:
                "they are the share `data.validation-fraction` of the training images, of each class one less than "
                + "there are at most: give more images of each class, 4 in all at least, or a folder `val` beside `train`"
        )
    }

    /// Batches of images in the order of the data set, prepared for evaluation.
    ///
    /// - Parameters:
    ///   - dataset: the images.
    ///   - batchSize: the number of images in a batch; the last may have fewer. Nil for 256, or as many as have the pixels
    ///     of 256 images of 256 pixels, or of 32 where images keep their own sizes: detectors hold several large maps of each.
    ///   - setting: the key by which a user sets the batch size, for messages; nil where a user cannot set it.
    /// - Throws: `TrainingError.batches`.
    public func evaluationLoader(
        _ dataset: any ImageDataset, batchSize: Int? = nil, setting: String? = nil
    ) throws -> BatchLoader {
        let padding = Self.padding(of: evaluation)
        let most = padding == nil ? 256 : 32
        let usual = min(max(most * 256 * 256 / max(imageSize.pixels, 1), 1), most)
        return try namingBatchSize(setting) {
            var options = BatchLoaderOptions(
                batchSize: batchSize ?? usual, threads: threads, layout: .nhwc,
                onBadImage: skipBadImages ? .skip : .stop, channels: channels ?? .grey, orientation: orientation)
            options.padding = padding
            return try BatchLoader(dataset: dataset, augmentation: evaluation, options: options)
        }
    }

    /// What the sides of batches are multiples of where images are of several sizes; nil elsewhere.
    private static func padding(of augmentation: Augmentation) -> Int? {
        augmentation.frame() == nil ? nil : Batch.paddingMultiple
    }

    /// Shuffled batches of augmented images. An incomplete last batch is dropped where there is a complete one.
    ///
    /// - Parameters:
    ///   - dataset: the training images.
    ///   - augmentation: the transforms; nil for the configuration's own.
    ///   - batchSize: the number of images in a batch.
    ///   - setting: the key by which a user sets the batch size, for messages; nil where a user cannot set it.
    ///   - views: the number of independently augmented views of each image.
    ///   - sampling: the rule by which images form batches.
    ///   - share: the part of each batch that this process learns from; nil for all of it.
    ///   - seed: the seed of order and augmentation.
    /// - Throws: `TrainingError.batches`; `TrainingError.badOption` for batches that cannot be shared.
    public func trainingLoader(
        _ dataset: any ImageDataset, augmentation: Augmentation? = nil, batchSize: Int, setting: String? = nil,
        views: Int = 1,
        sampling: BatchLoaderOptions.Sampling = .shuffled, share: BatchShare? = nil, seed: UInt64
    ) throws -> BatchLoader {
        var options = BatchLoaderOptions(
            batchSize: batchSize, views: views, threads: threads, dropLast: dataset.count >= batchSize, seed: seed,
            layout: .nhwc, onBadImage: skipBadImages ? .skip : .stop, channels: channels ?? .grey,
            orientation: orientation)
        (options.sampling, options.share) = (sampling, share)
        if let share { try requireShareable(dataset.count, batchSize, sampling, share, setting) }
        options.padding = Self.padding(of: augmentation ?? self.augmentation)
        return try namingBatchSize(setting) {
            try BatchLoader(dataset: dataset, augmentation: augmentation ?? self.augmentation, options: options)
        }
    }

    private func requireShareable(
        _ images: Int, _ batchSize: Int, _ sampling: BatchLoaderOptions.Sampling, _ share: BatchShare,
        _ setting: String?
    ) throws {
        let name = setting ?? "batch-size"
        guard batchSize % share.count == 0, batchSize / share.count > 1 else {
            throw TrainingError.badOption(
                name,
                "must be a multiple of the \(share.count) processes, and two images for each at least, is \(batchSize)")
        }
        guard images >= batchSize else {
            throw TrainingError.badOption(
                name,
                "must be at most the \(images) images to train on where several processes share them, is \(batchSize)")
        }
        if case .identities(let perBatch, let images) = sampling,
            perBatch % share.count != 0 || perBatch == share.count
        {
            throw TrainingError.badOption(
                name,
                "must give each of the \(share.count) processes as many whole identities, two at least, with \(images) images "
                    + "each: a multiple of \(images * share.count) from \(2 * images * share.count), is \(batchSize)")
        }
        if case .halves = sampling {
            throw TrainingError.badOption(
                "task.name", "aligns two domains in each batch, which cannot be shared: run it in one process")
        }
    }

    /// Fixed batches as tensors in channels-last order. Batches with a single readable image are skipped, unless
    /// `least` is 1 and there is no other batch.
    ///
    /// - Parameters:
    ///   - set: the images, in their order.
    ///   - batchSize: the number of images in a batch.
    ///   - least: the smallest number of images in a batch, 1 or 2.
    ///   - device: the device of the tensors.
    /// - Throws: `TrainingError.tooFewImages` where no batch is left; what decoding the images throws.
    public func tensors(
        _ set: any ImageDataset, batchSize: Int, least: Int = 2, device: Device
    ) throws -> [LabelledTensors] {
        let setting = "search.batch-size"
        return try namingBatchSize(setting) {
            let batches = try evaluationLoader(set, batchSize: batchSize, setting: setting).batches(epoch: 0)
            var made: [LabelledTensors] = []
            var single: LabelledTensors?
            while let batch = try batches.next() {
                guard batch.count > 0 else { continue }
                // A copy: the loader uses a batch's memory again.
                let tensors = LabelledTensors(
                    images: try batch.images().cloned().to(device), labels: try batch.targets(on: device),
                    maps: try batch.labelMaps()?.cloned().to(device), frames: batch.frames(view: 0),
                    boxes: batch.annotationKind == .boxes ? batch.storedBoxes : nil)
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

/// A batch of images with its labels, as tensors that outlast the batch.
public struct LabelledTensors {
    /// The images, [N, C, H, W], float32.
    public let images: Tensor
    /// The label of each image, [N], int64.
    public let labels: Tensor
    /// The class of each pixel, [N, H, W], uint8; nil for data without label maps.
    public let maps: Tensor?
    /// The sizes of each image, as it is stored and as it is here; empty where nobody asks.
    public let frames: [SampleFrame]
    /// The objects in each image, in pixels of the image as it is stored; nil for data without boxes.
    public let boxes: [[AnnotatedBox]]?

    /// Creates a batch.
    public init(
        images: Tensor, labels: Tensor, maps: Tensor? = nil, frames: [SampleFrame] = [], boxes: [[AnnotatedBox]]? = nil
    ) {
        (self.images, self.labels, self.maps) = (images, labels, maps)
        (self.frames, self.boxes) = (frames, boxes)
    }
}
