import Architectures
import Datasets
import Detectors
import Experiments
import NN
import Networks
import Results
import Support
import Torch
import Training

/// The settings of the detection of objects, with or without their pixels.
public struct ObjectTaskOptions: Configuration {
    /// The channels of the feature pyramid and of the heads.
    public var width = 256
    /// Whether convolutions of pyramid and heads have batch norms in place of biases.
    public var norm = true
    /// The side of anchors in positions of their map: 8 for anchors of 32 pixels where a position has 4, as published.
    public var anchorScale = 8.0
    /// The convolutions on what is pooled from a proposal.
    public var boxConvolutions = 4
    /// The outputs of the fully connected layer behind them.
    public var hiddenWidth = 1024
    /// The convolutions of the mask head.
    public var maskConvolutions = 4
    /// The proposals of an image that are looked at.
    public var proposals = 1000
    /// The proposals of an image that are learned from.
    public var samples = 512
    /// The least probability of a finding.
    public var leastScore = 0.05
    /// The most findings of an image.
    public var findings = 100

    /// Whether images without an object to learn are left out of the training images, as on COCO, rather than learned from as
    /// background.
    public var skipEmpty = false

    /// Creates the settings of the published networks.
    public init() {}

    /// A help text for each key.
    public static let keyHelp = [
        "width": "The channels of the feature pyramid and of the heads.",
        "norm": "Whether convolutions of pyramid and heads have batch norms in place of biases.",
        "anchor-scale": "The side of anchors in positions of their map, such as 8 for 32 pixels at 4 a position.",
        "box-convolutions": "The convolutions on what is pooled from a proposal.",
        "hidden-width": "The outputs of the fully connected layer behind them.",
        "mask-convolutions": "The convolutions of the mask head.",
        "proposals": "The proposals of an image that are looked at.",
        "samples": "The proposals of an image that are learned from.",
        "least-score": "The least probability of a finding.",
        "findings": "The most findings of an image.",
        "skip-empty": "Whether images without objects are left out of the training images.",
    ]

    /// Checks that all values are in range.
    public func validate() throws {
        var check = ConfigurationCheck()
        func require(_ value: Int, _ key: String, _ range: ClosedRange<Int>) {
            check.require(range.contains(value), key, "must be in \(range), is \(value)")
        }
        require(width, "width", 8...4096)
        require(boxConvolutions, "box-convolutions", 0...16)
        require(hiddenWidth, "hidden-width", 1...16_384)
        require(maskConvolutions, "mask-convolutions", 0...16)
        require(proposals, "proposals", 1...10_000)
        require(samples, "samples", 1...10_000)
        require(findings, "findings", 1...1000)
        check.require((0.5...64).contains(anchorScale), "anchor-scale", "must be from 0.5 to 64, is \(anchorScale)")
        check.require((0...1).contains(leastScore), "least-score", "must be from 0 to 1, is \(leastScore)")
        try check.finish()
    }

    /// The settings of the detector: Pi-NAS's, but for what is set here.
    func detector() -> DetectorOptions {
        var options = DetectorOptions()
        (options.width, options.isNormed) = (width, norm)
        options.proposals.sizes = (0..<5).map { anchorScale * Double(4 << $0) }
        options.proposals.after = [proposals, proposals]
        options.proposals.before = [max(proposals, 2 * proposals), proposals]
        (options.regions.convolutions, options.regions.hiddenWidth) = (boxConvolutions, hiddenWidth)
        options.regions.samples = samples
        (options.regions.leastScore, options.regions.findings) = (leastScore, findings)
        options.maskConvolutions = maskConvolutions
        return options
    }
}

/// A task whose networks find objects: Faster R-CNN on a feature pyramid over a dense backbone, and where pixels are wanted
/// Mask R-CNN. Scored by COCO's average precision.
public protocol ObjectTask: RecognitionTask where Options == ObjectTaskOptions {
    /// Whether networks find the pixels of objects, too.
    static var hasMasks: Bool { get }
    /// The settings.
    var options: ObjectTaskOptions { get }

    /// Creates the task for images that are already split.
    init(_ data: OpenedDataset, options: ObjectTaskOptions)
}

/// The detection of objects by Faster R-CNN.
public struct DetectionTask: ObjectTask {
    /// The name of the task, `detection`.
    public static let name = "detection"
    /// The task's name as a heading.
    public static let title = "Object detection"
    /// The task in one sentence for help texts.
    public static let summary =
        "objects with their boxes; the layout of COCO or of Pascal VOC, or a list path,xmin,ymin,xmax,ymax,label"
    /// The metrics of the task: COCO's average precision, and that at an overlap of a half.
    public static let metrics = [Metric("AP"), Metric("AP50")]
    /// False: boxes alone.
    public static let hasMasks = false
    /// The images with their objects.
    public let data: OpenedDataset
    /// The settings.
    public let options: ObjectTaskOptions

    /// Creates the task for images that are already split.
    public init(_ data: OpenedDataset, options: ObjectTaskOptions = ObjectTaskOptions()) {
        (self.data, self.options) = (data, options)
    }
}

/// The detection of objects and of their pixels by Mask R-CNN.
public struct InstanceSegmentationTask: ObjectTask {
    /// The name of the task, `instance-segmentation`.
    public static let name = "instance-segmentation"
    /// The task's name as a heading.
    public static let title = "Instance segmentation"
    /// The task in one sentence for help texts.
    public static let summary = "objects with their pixels; the layout of COCO, with polygons or run lengths"
    /// The metrics of the task: COCO's average precision of masks, that at an overlap of a half, and that of boxes.
    public static let metrics = [Metric("mask AP"), Metric("mask AP50"), Metric("AP"), Metric("AP50")]
    /// True: boxes and pixels.
    public static let hasMasks = true
    /// The images with their objects.
    public let data: OpenedDataset
    /// The settings.
    public let options: ObjectTaskOptions

    /// Creates the task for images that are already split.
    public init(_ data: OpenedDataset, options: ObjectTaskOptions = ObjectTaskOptions()) {
        (self.data, self.options) = (data, options)
    }
}

extension ObjectTask {
    /// The outputs are objects.
    public static var outputs: TaskOutputs { .objects }
    /// The names of the classes.
    public var outputNames: [String]? { data.classNames }
    /// Nil, as what is mixed would be images without boxes.
    public var mixableClasses: Int? { nil }

    /// Opens the images, and splits off a validation part at random where there is none.
    ///
    /// - Throws: `DatasetError` where there are no boxes, or no masks where masks are to be found.
    public static func open(_ data: DataConfiguration, _ options: ObjectTaskOptions, with open: TaskData) throws -> Self
    {
        let opened = try open.objects(data.source)
        try requireMasks(opened, data.source)
        let parts = try data.withValidation(opened)
        guard options.skipEmpty else { return Self(parts, options: options) }
        let full = try (0..<parts.train.count).filter { place in
            guard case .boxes(let boxes) = try parts.train.annotation(at: place) else { return false }
            return boxes.contains { !$0.isCrowd }
        }
        guard !full.isEmpty else {
            throw DatasetError(
                .empty, file: data.source, "has no image with an object to learn from",
                advice: "Groups (iscrowd) are not learned; give objects by themselves.")
        }
        let train = full.count < parts.train.count ? try Subset(of: parts.train, indices: full) : parts.train
        return Self(
            OpenedDataset(
                layout: parts.layout, train: train, validation: parts.validation, test: parts.test, notes: parts.notes),
            options: options)
    }

    /// Opens the images without splitting them.
    public static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask {
        let opened = try open.objects(source)
        try requireMasks(opened, source)
        return Self(opened, options: ObjectTaskOptions())
    }

    private static func requireMasks(_ data: OpenedDataset, _ source: String) throws {
        guard hasMasks, let train = data.train as? DetectionDataset, !train.hasMasks else { return }
        throw DatasetError(
            .unrecognised, file: source, "has boxes, and no masks to learn from",
            advice: "Give annotations with `segmentation`, or take the task `\(DetectionTask.name)`.")
    }

    /// Images at six sizes from four fifths of the size given to itself, mirrored half the time, for training; at the size
    /// given for evaluation.
    public static func preparation(size: ImageSize, mean: [Double], std: [Double]) throws -> Preparation? {
        let (shorter, longest) = (size.shorter, size.longer)
        let sizes = (0...5).map { max(shorter * (20 + $0) / 25, 1) }
        return Preparation(
            augmentation: try .detection(
                shorter: Array(Set(sizes)).sorted(), longest: longest, mean: mean, std: std),
            evaluation: try .detectionEvaluation(shorter: shorter, longest: longest, mean: mean, std: std))
    }

    /// The dense backbone; layers that hand out maps already stay.
    ///
    /// - Throws: `SpaceError.layer` for layers that cannot be made dense, or whose maps are not those of a detector.
    public func layers(on backbone: Layer, channels: Int) throws -> Layer {
        let dense = backbone.taps.isEmpty ? try backbone.dense(inputs: channels, outputStride: 32).layer : backbone
        // Whatever the size of images: maps of 4 to 32 pixels a position.
        _ = try networkHead(features: 0).cost(on: dense, channels: channels, imageSize: ImageSize(256))
        return dense
    }

    /// The head of the detector.
    public func networkHead(features: Int) -> NetworkHead {
        .detector(
            DetectorDescription(
                classes: data.classNames.count, hasMasks: Self.hasMasks, options: options.detector()))
    }

    /// Images that are wider than high come by themselves.
    public func sampling(batchSize: Int) throws -> BatchLoaderOptions.Sampling { .shuffledByOrientation }

    /// Not of use: a detector stands on maps.
    ///
    /// - Throws: `TrainingError.badOption`.
    public func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead {
        try requirePooled("method", "one on pooled features")
        throw TrainingError.nothingToScore
    }

    /// Creates the detector on the maps of a backbone.
    public func makeHead(features: Int, maps: [String: Int], _ scope: Scope) throws -> any TaskHead {
        DetectionHead(try networkHead(features: features).makeDetector(maps: maps, scope))
    }

    /// Creates a meter that holds what is found against the objects.
    public func meter(of part: TaskPart) -> any ScoreMeter {
        ObjectMeter(names: data.classNames, hasMasks: Self.hasMasks)
    }

    /// Not of use: objects are scored by the meter.
    ///
    /// - Throws: `TrainingError.nothingToScore`.
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> Score {
        throw TrainingError.nothingToScore
    }

    /// Not of use: there is no vector of features to fit anything to.
    ///
    /// - Throws: `TrainingError.badOption`.
    public func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        try requirePooled("search.score", "linear-evaluation")
        throw TrainingError.nothingToScore
    }

    /// None: the meter has the examples.
    public func examples(_ outputs: Tensor, labels: [Int], images: [Int], of part: TaskPart) throws -> [Examples] { [] }
}
