import Support

/// What happens to an image between decoding and the network: an ordered list of transforms.
///
/// Drawing and applying are two steps. `sample` makes all random choices and is pure: the same generator gives the same
/// choices. `TransformExecutor` applies them. A value of this type is always valid.
///
/// In YAML it is a list:
/// ```yaml
/// - random-crop: {size: 28, padding: 2}
/// - horizontal-flip: 0.5
/// - normalize: {mean: 0.286, std: 0.353}
/// ```
public struct Augmentation: Sendable, Hashable {
    /// The transforms, in the order in which they are applied.
    public let transforms: [Transform]

    /// An augmentation of these transforms, in this order.
    ///
    /// - Throws: `AugmentationError` with every parameter that is out of its range.
    public init(_ transforms: [Transform]) throws {
        let problems = transforms.enumerated().flatMap { position, transform in
            transform.problems.map { "augmentation[\(position)] \($0)" }
        }
        guard problems.isEmpty else { throw AugmentationError(problems: problems) }
        self.transforms = transforms
    }

    /// Draws the random choices for an image of `width` x `height` pixels.
    ///
    /// - Precondition: both are positive, as those of every `Image` that a reader returns.
    public func sample(
        width: Int, height: Int, using generator: inout SeededGenerator
    ) -> [AppliedTransform] {
        precondition(width > 0 && height > 0, "an image of \(width)x\(height) pixels has nothing to augment")
        var steps: [AppliedTransform] = []
        steps.reserveCapacity(transforms.count + 3)
        var (height, width) = (height, width)
        for transform in transforms {
            for step in transform.sample(width: width, height: height, using: &generator) {
                (height, width) = step.outputSize(height: height, width: width)
                steps.append(step)
            }
        }
        return steps
    }

    /// Draws the random choices of one view of one sample in one epoch: those that a `BatchLoader` of this seed makes,
    /// whatever came before.
    ///
    /// - Precondition: `width` and `height` are positive.
    public func sample(
        width: Int, height: Int, seed: UInt64, epoch: Int, index: Int, view: Int
    ) -> [AppliedTransform] {
        var generator = SeededGenerator(
            seed: seed, RandomStream.augmentation, UInt64(bitPattern: Int64(epoch)), UInt64(bitPattern: Int64(index)),
            UInt64(bitPattern: Int64(view)))
        return sample(width: width, height: height, using: &generator)
    }

    /// Whether images may come out mirrored left and right, so that an image and its mirror image mean the same.
    public var mirrors: Bool {
        transforms.contains { if case .horizontalFlip(let probability) = $0 { probability > 0 } else { false } }
    }

    /// The longer side around which images are scaled at random before they are cropped, in pixels; nil where they are not.
    public var base: Int? {
        for case .randomScaleByLongerSide(let base) in transforms { return base }
        return nil
    }

    /// The size of every output; nil when it depends on the image's.
    public var outputSize: ImageSize? {
        transforms.reduce(nil) { known, transform in
            switch transform {
            case .randomResizedCrop(let size, _, _), .randomCrop(let size, _), .stretch(let size),
                .centerCrop(let size):
                size
            case .resize(let size): known?.scaled(shorter: size, limit: AppliedTransform.sideLimit)
            case .pad(let size):
                known.map { ImageSize(height: max($0.height, size.height), width: max($0.width, size.width)) }
            case .randomScaleByLongerSide, .resizeWithin: nil
            default: known
            }
        }
    }

    /// The size within which every output lies that is as wide as it is high, or wider, where outputs are of several sizes
    /// (`Transform.resizeWithin`): both sides are multiples of `multiple`. Nil for any other augmentation.
    ///
    /// - Parameter multiple: what batches of such images have their sides padded to multiples of.
    public func frame(multiple: Int = Batch.paddingMultiple) -> ImageSize? {
        guard outputSize == nil else { return nil }
        for case .resizeWithin(let shorter, let longest) in transforms {
            func up(_ side: Int) -> Int { (side + multiple - 1) / multiple * multiple }
            return ImageSize(height: up(shorter.max() ?? longest), width: up(longest))
        }
        return nil
    }

    /// The shorter side that a decoder must keep so that decoding at a fraction of the size costs no quality; nil when
    /// only the full size will do. It is meant for `ImageDecoding.minimumShortSide`.
    ///
    /// The first step that changes the size decides. For a random resized crop even the smallest box must have at least
    /// the output's pixels on both sides, so that nothing is enlarged which the file has in full. With sides a <= b the
    /// smaller side of a box is at least sqrt(scale * a * b * aspect) >= a sqrt(scale * aspect), where `aspect` is the
    /// more extreme end of the ratios, taken below 1; so a = size / sqrt(scale * aspect) will do, where `size` is the
    /// output's longer side: 579 pixels for 224, a scale from 0.2 and a ratio from 3/4. For a resize or a stretch it is
    /// twice the size, beyond which the two ways of shrinking can hardly be told apart. Steps that count pixels before
    /// that need the full size.
    public var minimumShortSide: Int? {
        for transform in transforms {
            switch transform {
            case .randomResizedCrop(let size, let scale, let ratio):
                let aspect = min(ratio.lowerBound, 1 / ratio.upperBound, 1)
                let side = (Double(size.longer) / (scale.lowerBound * aspect).squareRoot()).rounded(.up)
                // Boxes of next to nothing would want more than any file has, and a number can hold.
                return side < 1e9 ? Int(side) : nil
            case .resize(let size): return 2 * size
            case .stretch(let size): return 2 * size.longer
            case .horizontalFlip, .verticalFlip, .colorJitter, .grayscale, .normalize: continue
            case .randomCrop, .centerCrop, .gaussianBlur, .randomErasing, .randAugment, .trivialAugment,
                .randomScaleByLongerSide, .resizeWithin, .pad:
                return nil
            }
        }
        return nil
    }
}

extension Augmentation {
    /// The channel means of ImageNet's training images.
    public static let imageNetMean = [0.485, 0.456, 0.406]
    /// The channel deviations of ImageNet's training images.
    public static let imageNetStd = [0.229, 0.224, 0.225]

    /// An augmentation for contrastive training, as in MoCo v2 (Chen et al., "Improved baselines with momentum contrastive
    /// learning", 2020) but for the hue, which is turned by up to `hue` where MoCo v2 has 0.1.
    ///
    /// - Throws: `AugmentationError` when a parameter is out of its range.
    public static func contrastive(
        size: ImageSize, hue: Double = 0.4, mean: [Double] = imageNetMean, std: [Double] = imageNetStd
    ) throws -> Augmentation {
        try Augmentation([
            .randomResizedCrop(size: size, scale: 0.2...1),
            .horizontalFlip(),
            .colorJitter(brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: hue, p: 0.8),
            .grayscale(0.2),
            .gaussianBlur(),
            .normalize(mean: mean, std: std),
        ])
    }

    /// An augmentation for supervised training on photographs: a random box, of this share of the area, mirrored half the time.
    ///
    /// - Throws: `AugmentationError` when a parameter is out of its range.
    public static func supervised(
        size: ImageSize, scale: ClosedRange<Double> = 0.08...1, mean: [Double] = imageNetMean,
        std: [Double] = imageNetStd
    ) throws -> Augmentation {
        try Augmentation([
            .randomResizedCrop(size: size, scale: scale), .horizontalFlip(), .normalize(mean: mean, std: std),
        ])
    }

    /// An augmentation for semantic segmentation, as DeepLabV3 is trained (Chen et al., "Rethinking atrous convolution for
    /// semantic image segmentation", 2017, with the scales of Zhang et al., "ResNeSt: split-attention networks", 2020):
    /// mirrored half the time, its longer side between half of `base` and twice, padded where it is smaller than the crop, a
    /// random crop.
    ///
    /// - Parameters:
    ///   - base: in pixels; 520 for ADE20K, 2048 for Cityscapes.
    ///   - crop: the size of the result, in pixels; 480 and 768 for these.
    ///   - mean: subtracted from each channel, whose values are in 0...1.
    ///   - std: what each channel is divided by after that.
    /// - Throws: `AugmentationError` when a parameter is out of its range.
    public static func segmentation(
        base: Int, crop: ImageSize, mean: [Double] = imageNetMean, std: [Double] = imageNetStd
    ) throws -> Augmentation {
        try Augmentation([
            .horizontalFlip(), .randomScaleByLongerSide(base), .pad(crop), .randomCrop(size: crop),
            .normalize(mean: mean, std: std),
        ])
    }

    /// What images and label maps go through for a quick evaluation of a segmentation network: the shorter side becomes the
    /// crop's shorter one, and the middle is cut out. No random choice.
    ///
    /// - Parameters:
    ///   - crop: the size of the result, in pixels.
    ///   - mean: subtracted from each channel, whose values are in 0...1.
    ///   - std: what each channel is divided by after that.
    /// - Throws: `AugmentationError` when a parameter is out of its range.
    public static func segmentationEvaluation(
        crop: ImageSize, mean: [Double] = imageNetMean, std: [Double] = imageNetStd
    ) throws -> Augmentation {
        try Augmentation([.resize(crop.shorter), .pad(crop), .centerCrop(crop), .normalize(mean: mean, std: std)])
    }

    /// An augmentation for the detection of objects: one of several sizes, mirrored half the time (Lin et al., "Feature Pyramid
    /// Networks for Object Detection", CVPR 2017).
    ///
    /// - Parameters:
    ///   - shorter: the lengths of the shorter side, in pixels, of which one is drawn; 640 to 800 by 32 on COCO.
    ///   - longest: the greatest length of the longer side, in pixels; 1333 on COCO.
    ///   - mean: subtracted from each channel, whose values are in 0...1.
    ///   - std: what each channel is divided by after that.
    /// - Throws: `AugmentationError` when a parameter is out of its range.
    public static func detection(
        shorter: [Int], longest: Int, mean: [Double] = imageNetMean, std: [Double] = imageNetStd
    ) throws -> Augmentation {
        try Augmentation([
            .resizeWithin(shorter: shorter, longest: longest), .horizontalFlip(), .normalize(mean: mean, std: std),
        ])
    }

    /// What images go through for the evaluation of a detector: one size. No random choice.
    ///
    /// - Parameters:
    ///   - shorter: the length of the shorter side, in pixels.
    ///   - longest: the greatest length of the longer side, in pixels.
    ///   - mean: subtracted from each channel, whose values are in 0...1.
    ///   - std: what each channel is divided by after that.
    /// - Throws: `AugmentationError` when a parameter is out of its range.
    public static func detectionEvaluation(
        shorter: Int, longest: Int, mean: [Double] = imageNetMean, std: [Double] = imageNetStd
    ) throws -> Augmentation {
        try Augmentation([
            .resizeWithin(shorter: [shorter], longest: longest), .normalize(mean: mean, std: std),
        ])
    }

    /// What images go through for evaluation: the middle of the image, in its own aspect where the result is a square, otherwise of the whole
    /// image stretched to the result's. No random choice.
    ///
    /// - Parameters:
    ///   - size: the size of the result, in pixels.
    ///   - cropFraction: the part of a side that is kept, above 0 and at most 1; 0.875 keeps 224 pixels of
    ///     256, and 1 suits small images.
    ///   - mean: subtracted from each channel, whose values are in 0...1.
    ///   - std: what each channel is divided by after that.
    /// - Throws: `AugmentationError` when a parameter is out of its range.
    public static func evaluation(
        size: ImageSize, cropFraction: Double = 0.875, mean: [Double] = imageNetMean, std: [Double] = imageNetStd
    ) throws -> Augmentation {
        guard cropFraction > 0, cropFraction <= 1 else {
            throw AugmentationError("evaluation: the crop fraction (=\(cropFraction)) must lie above 0 and not above 1")
        }
        func whole(_ side: Int) -> Int {
            let larger = (Double(side) / cropFraction).rounded(.toNearestOrEven)
            return abs(larger) < 1e9 ? Int(larger) : side
        }
        let scaling =
            size.side.map { Transform.resize(whole($0)) }
            ?? .stretch(ImageSize(height: whole(size.height), width: whole(size.width)))
        return try Augmentation([scaling, .centerCrop(size), .normalize(mean: mean, std: std)])
    }
}

/// Why an augmentation cannot be built or applied.
public struct AugmentationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The things that are wrong, each with where it stands, its value, and what would be right.
    public let problems: [String]

    /// An error that reports `problems`, one a line, in the order given.
    public init(problems: [String]) {
        self.problems = problems
    }

    /// An error that reports one problem.
    init(_ problem: String) {
        problems = [problem]
    }

    /// The problems, one a line.
    public var description: String { problems.joined(separator: "\n") }
}
