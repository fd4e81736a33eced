import Support

/// One step of an `Augmentation`, with the laws of its random choices.
///
/// Sizes are in pixels, probabilities in 0...1, factors as in torchvision's transforms of the same names. Written in
/// YAML, a step is its name in lower case with hyphens and its parameters: `random-crop: {size: 28, padding: 2}`.
public enum Transform: Sendable, Hashable {
    /// Cuts out a box of random area (`scale`, a part of the image's) and random aspect (`ratio`, width by height, uniform in
    /// the logarithm), and resizes it to `size`. Szegedy et al., "Going deeper with convolutions", 2015.
    case randomResizedCrop(size: ImageSize, scale: ClosedRange<Double> = 0.08...1, ratio: ClosedRange<Double>)
    /// Cuts `size` pixels out at a random place of the image with `padding` zeros around it. A padded image that is
    /// still smaller stands in the middle of zeros.
    case randomCrop(size: ImageSize, padding: Int = 0)
    /// Resizes the image so that its shorter side has this many pixels; the aspect stays.
    case resize(Int)
    /// Resizes the whole image to this size, whatever its aspect. It is written `stretch: 64` or `stretch: [128, 64]`.
    case stretch(ImageSize)
    /// Resizes the image so that its shorter side has one of these numbers of pixels, drawn with equal chances, but the longer
    /// one no more than `longest`; the aspect stays, and sides are rounded to the nearest. As detectors are trained (Lin et
    /// al., "Feature Pyramid Networks for Object Detection", CVPR 2017).
    case resizeWithin(shorter: [Int], longest: Int)
    /// Resizes the image so that its longer side has a random number of pixels, uniform in the whole numbers from half of
    /// this base to twice; the aspect stays, and the other side is rounded to the nearest. As segmentation networks are
    /// trained (Zhao et al., "Pyramid scene parsing network", CVPR 2017). At most 8,192.
    case randomScaleByLongerSide(Int)
    /// Pads right and below with zeros, in label maps with what is ignored, so that no side is shorter than this size's.
    case pad(ImageSize)
    /// Cuts this much out of the middle, with zeros where the image is smaller.
    case centerCrop(ImageSize)
    /// Mirrors left and right with this probability.
    case horizontalFlip(Double = 0.5)
    /// Mirrors top and bottom with this probability.
    case verticalFlip(Double = 0.5)
    /// With probability `p`, changes the four in random order: factors uniform in [max(0, 1 - value), 1 + value], the hue
    /// turned by [-hue, hue] of the circle (at most 0.5). A value of 0 leaves its step out. Saturation and
    /// hue do nothing to a one-channel image.
    case colorJitter(
        brightness: Double = 0, contrast: Double = 0, saturation: Double = 0, hue: Double = 0, p: Double = 1)
    /// Takes the colour away with this probability. Nothing happens to a one-channel image.
    case grayscale(Double)
    /// With probability `p`, blurs with a Gaussian whose sigma is uniform in the range, in pixels. Without a kernel size
    /// it is the odd number next to a tenth of the shorter side, at least 3, as in SimCLR.
    case gaussianBlur(sigma: ClosedRange<Double> = 0.1...2, kernelSize: Int? = nil, p: Double = 0.5)
    /// With probability `p`, overwrites a box: `scale` is its part of the area, `ratio` its height by width. Zhong et
    /// al., "Random erasing data augmentation", 2017.
    case randomErasing(
        p: Double = 0.5, scale: ClosedRange<Double> = 0.02...0.33, ratio: ClosedRange<Double> = 0.3...3.3,
        value: ErasingValue = .constant([0]))
    /// Does `count` operations out of 14, each at bin `magnitude` of 31 (0...30). Cubuk et al., "RandAugment", 2019.
    case randAugment(count: Int = 2, magnitude: Int = 9)
    /// Does one operation out of 14 at a random bin of the wide magnitudes. Müller and Hutter, "TrivialAugment", 2021.
    case trivialAugment
    /// Subtracts `mean` and divides by `std`, each one value or one for each channel. On a one-channel image several values
    /// stand for their average.
    case normalize(mean: [Double], std: [Double])

    /// What random erasing writes.
    public enum ErasingValue: Sendable, Hashable {
        /// One value for all channels, or one for each.
        case constant([Double])
        /// A standard normal deviate for each value.
        case noise
    }
}

extension Transform {
    /// A random resized crop whose boxes have the ratios that are usual for `size`.
    public static func randomResizedCrop(size: ImageSize, scale: ClosedRange<Double> = 0.08...1) -> Transform {
        .randomResizedCrop(size: size, scale: scale, ratio: usualRatios(of: size))
    }

    /// The ratios of random boxes, width by height, where nothing else is said: around that of the result, so that of an image
    /// of that shape nothing is stretched by more than a third. Of a square, those of Szegedy et al., 3/4 to 4/3.
    static func usualRatios(of size: ImageSize) -> ClosedRange<Double> {
        size.aspect * (3.0 / 4)...size.aspect * (4.0 / 3)
    }

    /// What is wrong with the parameters, each problem with key and value; empty when nothing is.
    var problems: [String] {
        var check = ParameterCheck(transform: name)
        switch self {
        case .randomResizedCrop(let size, let scale, let ratio):
            check.sides(size, "size")
            check.fraction(scale, "scale")
            check.ratio(ratio)
        case .randomCrop(let size, let padding):
            check.sides(size, "size")
            check.integer(padding, "padding", in: 0...AppliedTransform.sideLimit)
        case .resize(let size):
            check.side(size, "size")
        case .stretch(let size), .centerCrop(let size), .pad(let size):
            check.sides(size, "size")
        case .resizeWithin(let shorter, let longest):
            if shorter.isEmpty { check.add("shorter", "[]", "must name at least one number of pixels") }
            for side in shorter { check.side(side, "shorter") }
            check.side(longest, "longest")
            if let most = shorter.max(), longest < most {
                check.add("longest", "\(longest)", "must be at least the greatest of shorter (=\(most))")
            }
        case .randomScaleByLongerSide(let base):
            check.integer(base, "base", in: 1...AppliedTransform.sideLimit / 2)
        case .horizontalFlip(let p), .verticalFlip(let p), .grayscale(let p):
            check.probability(p)
        case .colorJitter(let brightness, let contrast, let saturation, let hue, let p):
            for (key, value) in [("brightness", brightness), ("contrast", contrast), ("saturation", saturation)] {
                check.number(value, key, in: 0...1000)
            }
            check.number(hue, "hue", in: 0...0.5)
            check.probability(p)
        case .gaussianBlur(let sigma, let kernelSize, let p):
            if !(sigma.lowerBound > 0 && sigma.upperBound.isFinite) {
                check.add("sigma", Self.words(sigma), "must be positive")
            }
            if let kernelSize, kernelSize < 1 || kernelSize % 2 == 0 || kernelSize > AppliedTransform.sideLimit {
                check.add("kernel-size", "\(kernelSize)", "must be odd and in 1...\(AppliedTransform.sideLimit)")
            }
            check.probability(p)
        case .randomErasing(let p, let scale, let ratio, let value):
            check.probability(p)
            check.fraction(scale, "scale")
            check.ratio(ratio)
            if case .constant(let values) = value { check.channels(values, "value") }
        case .randAugment(let count, let magnitude):
            check.integer(count, "count", in: 0...100)
            check.integer(magnitude, "magnitude", in: 0...(RandomOperation.bins - 1))
        case .trivialAugment:
            break
        case .normalize(let mean, let std):
            check.channels(mean, "mean")
            check.channels(std, "std")
            if std.contains(where: { !($0 > 0) }) { check.add("std", "\(std)", "must be positive") }
            if mean.count != std.count {
                check.add("mean", "\(mean)", "must have as many values as std (=\(std))")
            }
        }
        return check.problems
    }

    /// A range as messages name it.
    static func words(_ range: ClosedRange<Double>) -> String { "[\(range.lowerBound), \(range.upperBound)]" }
}

/// Gathers the problems of one transform.
private struct ParameterCheck {
    let transform: String
    private(set) var problems: [String] = []

    init(transform: String) { self.transform = transform }

    mutating func add(_ key: String, _ value: String, _ rule: String) {
        problems.append("\(transform): \(key) (=\(value)) \(rule)")
    }

    mutating func side(_ value: Int, _ key: String) { integer(value, key, in: 1...AppliedTransform.sideLimit) }

    mutating func sides(_ value: ImageSize, _ key: String) {
        let range = 1...AppliedTransform.sideLimit
        guard value.side == nil else { return side(value.height, key) }
        if !range.contains(value.height) || !range.contains(value.width) {
            add(key, "\(value)", "must have sides in \(range)")
        }
    }

    mutating func integer(_ value: Int, _ key: String, in range: ClosedRange<Int>) {
        if !range.contains(value) { add(key, "\(value)", "must be in \(range)") }
    }

    mutating func number(_ value: Double, _ key: String, in range: ClosedRange<Double>) {
        if !range.contains(value) { add(key, "\(value)", "must be in \(range)") }
    }

    mutating func probability(_ value: Double) {
        if !(0...1).contains(value) { add("p", "\(value)", "must be a probability, in 0...1") }
    }

    mutating func fraction(_ range: ClosedRange<Double>, _ key: String) {
        if !(range.lowerBound > 0 && range.upperBound <= 1) {
            add(key, Transform.words(range), "must lie above 0 and not above 1")
        }
    }

    mutating func ratio(_ range: ClosedRange<Double>) {
        if !(range.lowerBound >= 1e-3 && range.upperBound <= 1e3) {
            add("ratio", Transform.words(range), "must lie in 0.001...1000")
        }
    }

    mutating func channels(_ values: [Double], _ key: String) {
        if values.count != 1 && values.count != 3 { add(key, "\(values)", "must have 1 or 3 values") }
        if !values.allSatisfy({ Float($0).isFinite }) { add(key, "\(values)", "must be finite") }
    }
}
