import Datasets
import Foundation
import Support
import Torch
import Workflows

/// Settings that differ from the defaults, as `--set` takes them.
enum StudyPreset {
    /// Fashion-MNIST in minutes: a supernet at half resolution, few epochs, few paths.
    static let short =
        [
            "data.augmentation=[{random-crop: {size: 28, padding: 2}}, {horizontal-flip: 0.5}, "
                + "{normalize: {mean: 0.286, std: 0.353}}]",
            "space.stem=half", "space.planes=[16, 32, 64]", "space.expansion=4", "space.depths=[2, 2, 2]",
            "search.max-macs=9500000",
        ] + quick(images: 55_000)

    /// Fashion-MNIST in about an hour: what Configs/fashion-mnist-study.yaml says.
    static let full = [
        "data.augmentation=[{random-crop: {size: 28, padding: 2}}, {horizontal-flip: 0.5}, "
            + "{normalize: {mean: 0.286, std: 0.353}}, {random-erasing: {p: 0.25}}]",
        "space.stem=half", "space.planes=[32, 64, 128]", "space.expansion=2", "space.depths=[2, 2, 2]",
        "method.queue-length=16384", "method.momentum=0.99",
        "supernet.epochs=6", "supernet.batch-size=128", "supernet.learning-rate=0.06",
        "probe.epochs=4", "probe.batch-size=128", "probe.learning-rate=5",
        "search.evaluations=240", "search.initial=60", "search.round=16", "search.recalibration-images=2048",
        "search.max-macs=30000000",
        "retrain.epochs=40", "retrain.learning-rate=0.2", "retrain.average-decay=0.999",
    ]

    /// Lengths that take about ten minutes on two processor cores for images of 28 pixels, whatever their number.
    ///
    /// - Parameter images: to learn from.
    static func quick(images: Int) -> [String] {
        func epochs(_ seen: Int, atMost most: Int) -> Int { max(1, min(most, seen / max(images, 1))) }
        // A power of two, which divides the queue; at least sixteen steps an epoch where there are few images.
        var batch = 128
        while batch > 8, batch * 16 > images * 11 / 12 { batch /= 2 }
        return [
            "method.queue-length=8192", "method.momentum=0.99",
            "supernet.epochs=\(epochs(120_000, atMost: 150))", "supernet.batch-size=\(batch)",
            "supernet.learning-rate=0.06",
            "probe.epochs=\(epochs(20_000, atMost: 20))", "probe.images=20000", "probe.batch-size=\(batch)",
            "probe.learning-rate=5",
            "search.evaluations=240", "search.initial=40", "search.round=16", "search.recalibration-images=1024",
            "search.images=2000",
            "finetune.epochs=\(epochs(550_000, atMost: 300))", "finetune.learning-rate=0.1",
            "finetune.batch-size=\(batch)", "finetune.warm-up-epochs=0.5", "finetune.average-decay=0.99",
            "finetune.clip-norm=5",
        ]
    }

    /// Which images.
    ///
    /// - Parameter source: a name or a path, which as YAML could look like a number or a list.
    static func source(_ source: String) throws -> String { "data.source=\(try JSONText.of(source))" }

    /// A share that is set apart for the final score, where the images have no part for it and are enough to spare it: the
    /// validation images, by which everything is chosen, would flatter what was chosen.
    ///
    /// - Parameter data: as it lies on the disk.
    static func finalScore(of data: OpenedDataset) -> [String] {
        data.test == nil && data.validation == nil && data.train.count >= 50 ? ["data.test-fraction=0.15"] : []
    }

    /// How images of a folder are prepared, and which networks suit their size.
    ///
    /// - Parameters:
    ///   - size: of the images that networks see, in pixels.
    ///   - grey: one channel instead of three.
    /// - Throws: `AugmentationError` for a size out of range.
    static func images(size: ImageSize, grey: Bool) throws -> [String] {
        let (mean, std) = grey ? ([0.45], [0.25]) : (Augmentation.imageNetMean, Augmentation.imageNetStd)
        let views = try Augmentation([
            .randomResizedCrop(size: size, scale: 0.2...1), .horizontalFlip(),
            .colorJitter(brightness: 0.4, contrast: 0.4, saturation: grey ? 0 : 0.4, hue: grey ? 0 : 0.1, p: 0.8),
            .gaussianBlur(p: 0.5), .normalize(mean: mean, std: std),
        ])
        return try [
            "data.channels=\(grey ? "grey" : "rgb")",
            "data.augmentation="
                + JSONText.of(Augmentation.supervised(size: size, scale: 0.35...1, mean: mean, std: std)),
            "data.evaluation="
                + JSONText.of(Augmentation.evaluation(size: size, cropFraction: 1, mean: mean, std: std)),
            "method.views=" + JSONText.of(views),
            "space.stem=\(size.shorter >= 112 ? "deep" : "half")", "space.planes=[16, 32, 64]", "space.expansion=4",
            "space.depths=[2, 2, 2]",
        ]
    }
}
