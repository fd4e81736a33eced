import Support

extension Augmentation {
    /// The channel means of ImageNet's training images.
    public static let imageNetMean = [0.485, 0.456, 0.406]
    /// The channel deviations of ImageNet's training images.
    public static let imageNetStd = [0.229, 0.224, 0.225]

    /// For contrastive training, as in MoCo v2 (Chen et al., "Improved baselines with momentum contrastive learning",
    /// 2020) but for the hue, which is turned by up to `hue` where MoCo v2 has 0.1.
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

    /// For supervised training on photographs: a random box, of this share of the area, mirrored half the time.
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

    /// For supervised training on small images that come at their size, as CIFAR's: shifted by up to an eighth of the
    /// shorter side (He et al., "Deep residual learning", 2016, section 4.2), mirrored half the time.
    ///
    /// - Throws: `AugmentationError` when a parameter is out of its range.
    public static func supervisedSmall(
        size: ImageSize, mean: [Double] = imageNetMean, std: [Double] = imageNetStd
    ) throws -> Augmentation {
        try Augmentation([
            .randomCrop(size: size, padding: max(0, size.shorter) / 8), .horizontalFlip(),
            .normalize(mean: mean, std: std),
        ])
    }

    /// For evaluation: the middle of the image, in its own aspect where the result is a square, otherwise of the whole
    /// image stretched to the result's. No random choice.
    ///
    /// - Parameters:
    ///   - size: of the result, in pixels.
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
