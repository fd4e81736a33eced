import Support

/// The points in which detectors of the family of Faster R-CNN and Mask R-CNN differ.
public struct DetectorOptions: Sendable, Hashable, Codable {
    /// The anchors and what a region proposal network learns and proposes.
    public struct Proposals: Sendable, Hashable, Codable {
        /// The square root of the area of the anchors of each level, in pixels.
        public var sizes: [Double] = [32, 64, 128, 256, 512]
        /// Heights of anchors over their widths.
        public var ratios: [Double] = [0.5, 1, 2]
        /// Whether the sides of anchors are rounded to whole pixels.
        public var roundsSides = false
        /// Whether anchors are as far apart as the padded image over its map, a whole number, rather than 4 to 64 pixels.
        public var followsPadding = false
        /// The overlap from which on an anchor is its object's, and that below which it is background.
        public var high = 0.7, low = 0.3
        /// Anchors of an image that are learned, and the largest share of them that are of objects.
        public var samples = 256, share = 0.5
        /// Where the loss of deltas turns from a square to their absolute value; 0 for the latter alone.
        public var beta = 0.0
        /// Whether the losses are divided by the anchors that were drawn rather than by those that could have been.
        public var dividesByDrawn = false
        /// The best proposals of each level before they are thinned out, in training and otherwise.
        public var before = [2000, 1000]
        /// The best proposals of an image afterwards.
        public var after = [1000, 1000]
        /// The overlap above which the worse of two proposals of a level is dropped.
        public var overlap = 0.7
        /// Whether proposals are ordered by the sigmoid of their logits, which makes equals of the surest.
        public var ordersBySigmoid = false
        /// Proposals with a side below this are dropped, in pixels; 0 drops those without any.
        public var leastSide = 0.0

        /// The settings of Pi-NAS.
        public init() {}
    }

    /// What the heads learn from proposals, and what is left of their findings.
    public struct Regions: Sendable, Hashable, Codable {
        /// Convolutions and fully connected layers before the classes and boxes.
        public var convolutions = 4, hidden = 1
        /// The channels of the hidden layers.
        public var hiddenWidth = 1024
        /// Whether the background is the first class rather than the last.
        public var backgroundFirst = false
        /// The overlap from which on a proposal is its object's.
        public var overlap = 0.5
        /// Proposals of an image that are learned, and the largest share of them that are of objects.
        public var samples = 512, share = 0.25
        /// Where the loss of deltas turns from a square to their absolute value; 0 for the latter alone.
        public var beta = 0.0
        /// Whether positions lie in the middle of pixels, and the samples of each bin; 0 for as many as boxes ask for.
        public var aligned = true, binSamples = 0
        /// Whether what keeps the level of a box from falling short, 1e-8, is added within the logarithm, rather than 1e-6
        /// outside of it.
        public var epsilonWithin = true
        /// The least probability of a detection.
        public var leastScore = 0.05
        /// The overlap above which the less probable of two detections of a class is dropped.
        public var findingOverlap = 0.5
        /// The most detections of an image.
        public var findings = 100
        /// Detections with a side below this are dropped, in pixels.
        public var leastSide = 0.0

        /// The settings of Pi-NAS.
        public init() {}
    }

    /// The channels of the feature pyramid.
    public var width = 256
    /// Whether convolutions of pyramid and heads have batch norms in place of biases.
    public var isNormed = true
    /// How regions are proposed.
    public var proposals = Proposals()
    /// What is learned from proposals, and found in them.
    public var regions = Regions()
    /// The convolutions of the mask head.
    public var maskConvolutions = 4
    /// Whether the pixels of a mask to learn are samples of its bitmap, from 0 to 1, rather than 0 or 1.
    public var fractionalMasks = false

    /// The settings of Pi-NAS (Peng et al., ICCV 2021) and of what its configurations inherit.
    public init() {}

    /// The settings of torchvision's `maskrcnn_resnet50_fpn`.
    public static let torchvision: DetectorOptions = {
        var options = DetectorOptions()
        options.isNormed = false
        options.proposals.roundsSides = true
        options.proposals.followsPadding = true
        options.proposals.beta = 1.0 / 9
        options.proposals.dividesByDrawn = true
        options.proposals.after = [2000, 1000]
        options.proposals.ordersBySigmoid = true
        options.proposals.leastSide = 1e-3
        (options.regions.convolutions, options.regions.hidden) = (0, 2)
        options.regions.backgroundFirst = true
        options.regions.beta = 1.0 / 9
        (options.regions.aligned, options.regions.binSamples) = (false, 2)
        options.regions.epsilonWithin = false
        options.regions.leastSide = 1e-2
        options.fractionalMasks = true
        return options
    }()
}
