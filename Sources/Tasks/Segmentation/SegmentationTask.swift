import Architectures
import Datasets
import Experiments
import Metrics
import NN
import Networks
import Results
import Support
import Torch
import Training

/// Semantic segmentation: the class of each pixel, by a dense backbone with the head of DeepLabV3 (Chen et al., "Rethinking
/// Atrous Convolution for Semantic Image Segmentation", 2017). Scored by the mean over classes of intersection over union.
///
/// Networks learn from random crops at random scales. Scores in training are those of the middle of each image, its
/// shorter side brought to that of the crop; `ImageSegmenter` computes whole images at several scales.
public struct SegmentationTask: RecognitionTask {
    /// The settings of segmentation.
    public struct Options: Configuration {
        /// The number of pixels of the image along a side of one position of the last map.
        public var outputStride = 8
        /// Whether the head has DeepLabV3's three dilated branches, beside the 1x1 convolution and the mean over the image.
        public var atrous = true
        /// The number of channels of the head's branches.
        public var headWidth = 256
        /// The weight of the loss of an auxiliary head on the map C4, which serves the training alone; 0 for none.
        public var auxiliaryWeight = 0.2
        /// What classes that occur nowhere, neither in labels nor in predictions, count for in the mean.
        public var absentClasses = PixelConfusion.AbsentClasses.zero

        /// Creates the settings of the published networks.
        public init() {}

        /// A help text for each key.
        public static let keyHelp = [
            "output-stride": "The pixels along a side of one position of the last map: 8, 16 or 32.",
            "atrous": "Whether the head has DeepLabV3's dilated branches; small networks do without.",
            "head-width": "The number of channels of the head's branches.",
            "auxiliary-weight": "The weight of the loss of an auxiliary head, in training alone; 0 for none.",
            "absent-classes": "What classes that occur nowhere count for in the mean: zero or left-out.",
        ]

        /// Checks that all values are in range.
        public func validate() throws {
            var check = ConfigurationCheck()
            check.require(
                [4, 8, 16, 32].contains(outputStride), "output-stride", "must be 4, 8, 16 or 32, is \(outputStride)")
            check.require((1...4096).contains(headWidth), "head-width", "must be in 1...4096, is \(headWidth)")
            check.require(
                auxiliaryWeight >= 0 && auxiliaryWeight.isFinite, "auxiliary-weight",
                "must not be negative, is \(auxiliaryWeight)")
            try check.finish()
        }
    }

    /// The name of the task, `segmentation`.
    public static let name = "segmentation"
    /// The task's name as a heading.
    public static let title = "Semantic segmentation"
    /// The task in one sentence for help texts.
    public static let summary =
        "the class of each pixel; images and masks in a folder, or in the layout of ADE20K, Cityscapes or Pascal VOC"
    /// The metrics of the task: the mean over classes of intersection over union, and the share of right pixels.
    public static let metrics = [Metric("mIoU"), Metric("pixel accuracy")]
    /// The outputs are the logits of pixels.
    public static let outputs = TaskOutputs.pixels
    /// The images with their label maps.
    public let data: OpenedDataset
    /// The settings.
    public let options: Options
    /// The classes with their colours.
    public let classes: PixelClasses
    /// The names of the classes.
    public var outputNames: [String]? { classes.names }
    /// Nil, as what is mixed would be images without maps.
    public var mixableClasses: Int? { nil }

    /// Creates the task for images that are already split.
    ///
    /// - Parameters:
    ///   - data: the images with their label maps.
    ///   - classes: the classes with their colours; nil for the data's names in colours that are easily told apart.
    ///   - options: the settings.
    public init(_ data: OpenedDataset, classes: PixelClasses? = nil, options: Options = Options()) {
        (self.data, self.options) = (data, options)
        self.classes = classes ?? (data.train as? SegmentationDataset)?.classes ?? PixelClasses(data.classNames)
    }

    /// Opens the images, and splits off a validation part at random where there is none.
    public static func open(_ data: DataConfiguration, _ options: Options, with open: TaskData) throws -> Self {
        let opened = try open.pixels(data.source)
        let classes = (opened.train as? SegmentationDataset)?.classes
        return Self(try data.withValidation(opened), classes: classes, options: options)
    }

    /// Opens the images without splitting them.
    public static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask {
        Self(try open.pixels(source))
    }

    /// Crops at random scales for training, around the scale at which evaluation sees images; the middle of the image for
    /// evaluation.
    public static func preparation(size: ImageSize, mean: [Double], std: [Double]) throws -> Preparation? {
        // The base of 520 pixels for crops of 480, as on ADE20K.
        let base = size.longer * 13 / 12
        return Preparation(
            augmentation: try .segmentation(base: base, crop: size, mean: mean, std: std),
            evaluation: try .segmentationEvaluation(crop: size, mean: mean, std: std))
    }

    /// The dense backbone and the head of DeepLabV3; layers that hand out maps already are a network for segmentation.
    ///
    /// - Throws: `SpaceError.layer` for a network of another number of classes, or layers that cannot be made dense.
    public func layers(on backbone: Layer, channels: Int) throws -> Layer {
        guard backbone.taps.isEmpty else {
            let outputs = try TensorLayout(of: backbone, inputs: channels).outputs
            guard outputs == classes.names.count else {
                throw SpaceError.layer(
                    path: "network",
                    "it tells \(outputs) classes of pixels, the data has \(classes.names.count)")
            }
            return backbone
        }
        let dense = try backbone.dense(inputs: channels, outputStride: options.outputStride)
        return DeepLabV3.network(
            dense, classes: classes.names.count, width: options.headWidth, atrous: options.atrous)
    }

    /// Whether a tensor is of DeepLabV3's heads.
    public func isOfHead(_ key: String) -> Bool { key.hasPrefix("head.") || key.hasPrefix(NetworkHead.key + ".") }

    /// None: the layers give the logits.
    public func networkHead(features: Int) -> NetworkHead { .map(outputs: features) }

    /// Creates a head that computes nothing of its own.
    public func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead {
        SegmentationHead(auxiliaryWeight: 0, auxiliary: nil)
    }

    /// Creates a head with the auxiliary head on the map C4, where its loss has a weight.
    public func makeHead(features: Int, maps: [String: Int], _ scope: Scope) throws -> any TaskHead {
        guard options.auxiliaryWeight > 0, let channels = maps[SegmentationHead.auxiliaryMap] else {
            return try makeHead(features: features, scope, weights: nil)
        }
        // A quarter of the channels that come in, as published: 256 of 1024.
        let layer = DeepLabV3.auxiliary(classes: classes.names.count, width: max(channels / 4, 8))
        return SegmentationHead(
            auxiliaryWeight: options.auxiliaryWeight,
            auxiliary: try Backbone(layer, channels: channels, at: scope / "auxiliary"))
    }

    /// Creates a meter that counts pixels.
    public func meter(of part: TaskPart) -> any ScoreMeter { PixelMeter(classes, absent: options.absentClasses) }

    /// Not of use: maps of outputs are scored by the meter, with the maps of labels.
    ///
    /// - Throws: `TrainingError.nothingToScore`.
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> Score {
        throw TrainingError.nothingToScore
    }

    /// Not of use: pixels have no vector of features to fit anything to.
    ///
    /// - Throws: `TrainingError.badOption`.
    public func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        try requirePooled("search.score", "linear-evaluation")
        throw TrainingError.nothingToScore
    }

    /// None: the meter has the examples.
    public func examples(_ outputs: Tensor, labels: [Int], images: [Int], of part: TaskPart) throws -> [Examples] { [] }
}
