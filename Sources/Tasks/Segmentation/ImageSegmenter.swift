import Datasets
import Metrics
import NN
import Networks
import Support
import Torch
import Training

/// Tells the class of each pixel of whole images of any size: at one scale or at several, with or without the mirrored
/// image, through windows of the size that the network learned from (Zhang et al., "Context encoding for semantic
/// segmentation", CVPR 2018, and the evaluation of ResNeSt, 2020).
///
/// At each scale the longer side becomes the card's base times the scale. A window's logits, and those of its mirror image
/// mirrored back, are added and exponentiated; windows are averaged where they overlap, brought to the image's size, and
/// added over the scales. The largest sum is the class.
public struct ImageSegmenter {
    /// How images are looked at.
    public struct Options: Sendable, Hashable {
        /// The factors of the base, each above 0.
        public var scales: [Double]
        /// Whether each window is also seen mirrored.
        public var mirrors: Bool

        /// One look at the usual scale.
        public init(scales: [Double] = [1], mirrors: Bool = false) { (self.scales, self.mirrors) = (scales, mirrors) }

        /// The scales of published results on ADE20K.
        public static let ade20k = Options(scales: [0.5, 0.75, 1, 1.25, 1.5, 1.75], mirrors: true)
        /// The scales of published results on Cityscapes.
        public static let cityscapes = Options(scales: [0.75, 1, 1.25, 1.5, 1.75, 2, 2.25], mirrors: true)
    }

    /// The network.
    public let file: NetworkFile
    /// How images are looked at.
    public let options: Options
    /// The precision of the backbone.
    public let precision: Precision
    /// The side of the windows, in pixels.
    private let crop: Int
    /// The longer side of an image at scale 1, in pixels.
    private let base: Int

    /// The pixels of windows that are computed at a time.
    private static let mostPixels = 1 << 20

    /// Creates a segmenter.
    ///
    /// - Parameters:
    ///   - file: the network, on the device that is to compute.
    ///   - options: how images are looked at.
    ///   - precision: the precision of the backbone.
    /// - Throws: `NetworkFileError.badCard` for a network whose outputs are no map of classes.
    public init(_ file: NetworkFile, options: Options = Options(), precision: Precision = .float32) throws {
        guard case .pixels = try file.task().outputs else {
            throw NetworkFileError.badCard(
                file.path, "it is of the task `\(file.card.task)`, and tells no class of each pixel")
        }
        (self.file, self.options, self.precision) = (file, options, precision)
        crop = file.card.imageSize.longer
        base = file.card.base ?? crop
    }

    /// Labels an image.
    ///
    /// - Parameter image: the image at its full size, with as many channels as the network takes.
    /// - Returns: a map of the image's size.
    /// - Throws: `AugmentationError` or `TaskMetricError` for an image or scale that cannot be; `TorchError`.
    public func callAsFunction(_ image: Image) throws -> LabelMap {
        let sums = try scores(image)
        let classes = try sums.argmax(1).to(.uint8).contiguous().array(UInt8.self)
        return LabelMap(height: image.height, width: image.width, classes: classes)
    }

    /// The sums over scales, [1, K, H, W], float32, by whose largest the class is chosen.
    ///
    /// - Parameter image: as for labelling.
    /// - Throws: as labelling.
    public func scores(_ image: Image) throws -> Tensor {
        try withoutGradients {
            var sums: Tensor?
            for scale in options.scales {
                let seen = try scores(image, scale).resized(image.height, image.width, alignCorners: true)
                if let sums { try sums.addInPlace(seen) } else { sums = seen }
            }
            guard let sums else { throw TrainingError.nothingToScore }
            return sums
        }
    }

    /// The averages over windows at one scale, at the size of the scaled image.
    private func scores(_ image: Image, _ scale: Double) throws -> Tensor {
        let size = try SlidingWindows.scaledSize(height: image.height, width: image.width, base: base, scale: scale)
        let card = file.card
        let normalize = AppliedTransform.normalize(mean: card.mean, std: card.std)
        var values = [Float](repeating: 0, count: size.height * size.width * image.channels)
        try values.withUnsafeMutableBufferPointer {
            try TransformExecutor().apply(
                [.resize(height: size.height, width: size.width), normalize], to: image, into: $0, layout: .nchw)
        }
        let device = file.network.store.device
        let scaled = try Tensor(values, device: device).reshaped([1, image.channels, size.height, size.width])
        let plan = try SlidingWindows(height: size.height, width: size.width, crop: crop)
        // A black pixel as the network sees it.
        let black = try Tensor(
            (0..<image.channels).map { channel in
                // For grey images, several values stand for their average.
                func value(_ list: [Double]) -> Double {
                    image.channels == 1 ? list.reduce(0, +) / Double(list.count) : list[min(channel, list.count - 1)]
                }
                return Float(-value(card.mean) / value(card.std))
            }, device: device
        ).reshaped([1, image.channels, 1, 1])
        let padded = try black.expanded([1, image.channels, plan.paddedHeight, plan.paddedWidth]).cloned()
        try padded.slice(0..<size.height, dimension: 2).slice(0..<size.width, dimension: 3).copyInPlace(from: scaled)

        let outputs = file.network.head.outputs
        let sums = try Tensor.zeros([1, outputs, plan.paddedHeight, plan.paddedWidth], device: device)
        let counts = try Tensor.zeros([1, 1, plan.paddedHeight, plan.paddedWidth], device: device)
        let step = max(Self.mostPixels / max(crop * crop, 1), 1)
        for start in stride(from: 0, to: plan.windows.count, by: step) {
            let windows = plan.windows[start..<min(start + step, plan.windows.count)]
            let inputs = try Tensor.concatenated(
                windows.map { window in
                    let part = try padded.slice(window.top..<window.top + window.height, dimension: 2)
                        .slice(window.left..<window.left + window.width, dimension: 3)
                    guard window.height < crop || window.width < crop else { return part }
                    let whole = try black.expanded([1, image.channels, crop, crop]).cloned()
                    try whole.slice(0..<window.height, dimension: 2).slice(0..<window.width, dimension: 3)
                        .copyInPlace(from: part)
                    return whole
                })
            let passed = try pass(inputs)
            for (place, window) in windows.enumerated() {
                func part(_ map: Tensor) throws -> Tensor {
                    try map.slice(window.top..<window.top + window.height, dimension: 2)
                        .slice(window.left..<window.left + window.width, dimension: 3)
                }
                try part(sums).addInPlace(
                    passed.slice(place..<place + 1).slice(0..<window.height, dimension: 2)
                        .slice(0..<window.width, dimension: 3))
                try part(counts).addInPlace(Tensor(Float(1), device: device))
            }
        }
        return try (sums / counts).slice(0..<size.height, dimension: 2).slice(0..<size.width, dimension: 3)
    }

    /// The exponentials of the logits of windows [N, C, crop, crop], those of their mirror images added, at their size.
    private func pass(_ windows: Tensor) throws -> Tensor {
        func logits(_ windows: Tensor) throws -> Tensor {
            try file.network.outputs(windows, precision: precision).resized(crop, crop, alignCorners: true)
        }
        let plain = try logits(windows)
        let summed = options.mirrors ? try plain + logits(windows.flipped([3])).flipped([3]) : plain
        // Beyond this a 32-bit number is infinite, and two classes could no longer be told apart.
        return try summed.clamped(max: 80).exponential()
    }
}
