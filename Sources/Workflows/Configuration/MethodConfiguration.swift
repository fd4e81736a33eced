import Datasets
import Experiments
import Methods
import Training

/// How the supernet learns.
public struct MethodConfiguration: Configuration {
    /// The methods.
    public enum Name: String, Codable, Sendable, CaseIterable {
        /// Cross-path learning with a mean teacher and negatives, without labels.
        case piNAS = "pi-nas"
        /// Cross-entropy on two paths, each consistent with a mean teacher's word on the other.
        case supervisedPiNAS = "pi-nas-supervised"
        /// One uniform path a step.
        case singlePath = "spos"
        /// Every candidate once a round.
        case fair = "fairnas"
        /// Largest, smallest and random paths, distilled from the largest.
        case sandwich

        /// Whether labels are used.
        public var isSupervised: Bool { self != .piNAS }
    }

    /// Which method. MoCo on single paths is `pi-nas` with `paths: 1` and `cross-path: false`.
    public var name = Name.piNAS
    /// pi-nas: paths a step, 1 or 2.
    public var paths = 2
    /// pi-nas: whether a query's positive comes from the other path.
    public var crossPath = true
    /// pi-nas: the share of the loss that such positives have; the rest has each path's own. 1 in Pi-NAS; less where no
    /// skeleton carries information past the choices, as in the space `chain`, on which 1 lets embeddings collapse.
    public var crossPathWeight = 1.0
    /// pi-nas: whether keys come from a mean teacher.
    public var meanTeacher = true
    /// pi-nas: `queue`, `batch` or `none`.
    public var negatives = PiMethod.Negatives.queue
    /// pi-nas: `reference` moves what both paths share of the teacher twice a step, `once` once.
    public var averaging = MeanTeacher.Averaging.reference
    /// pi-nas: the share of the teacher's weights that each update keeps.
    public var momentum = 0.999
    /// pi-nas: divides the similarities.
    public var temperature = 0.2
    /// pi-nas: keys in the queue; a multiple of the batch size.
    public var queueLength = 49_152
    /// pi-nas: length of an embedding.
    public var dimension = 128
    /// pi-nas: groups of images whose batch-norm statistics are taken apart, so that they cannot leak; 1 for none.
    public var normGroups = 1
    /// pi-nas: how views are made.
    public var views = Self.greyViews
    /// Supervised methods: the share of each target that goes to all classes alike.
    public var labelSmoothing = 0.1
    /// pi-nas-supervised: weight of the consistency beside the cross-entropy.
    public var consistency = 1.0
    /// fairnas: `round` moves once a round, `path` after each path.
    public var fairUpdate = FairMethod.Update.round
    /// sandwich: random paths a step beside the largest and the smallest.
    public var randomPaths = 2

    /// The default: Pi-NAS as in its paper, with views for small grey images.
    public init() {}

    /// Refuses values out of range, all at once.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require((1...2).contains(paths), "paths", "must be 1 or 2, is \(paths)")
        check.require(paths == 2 || !crossPath, "cross-path", "needs two paths; set it to false")
        check.require(
            crossPathWeight > 0 && crossPathWeight <= 1, "cross-path-weight",
            "must be above 0 and at most 1, is \(crossPathWeight)")
        check.require((0..<1).contains(momentum), "momentum", "must be at least 0 and below 1, is \(momentum)")
        check.require(temperature > 0 && temperature.isFinite, "temperature", "must be above 0, is \(temperature)")
        check.require((1...1 << 24).contains(queueLength), "queue-length", "must be in 1...2^24, is \(queueLength)")
        check.require((2...65_536).contains(dimension), "dimension", "must be in 2...65536, is \(dimension)")
        check.require(
            queueLength * dimension <= 1 << 30, "queue-length",
            "must not be above 2^30 / dimension (=\(dimension)), is \(queueLength): its keys would take gigabytes")
        check.require((1...1024).contains(normGroups), "norm-groups", "must be in 1...1024, is \(normGroups)")
        check.require(
            (0..<1).contains(labelSmoothing), "label-smoothing", "must be at least 0 and below 1, is \(labelSmoothing)")
        check.require(
            consistency >= 0 && consistency.isFinite, "consistency", "must not be negative, is \(consistency)")
        check.require((0...64).contains(randomPaths), "random-paths", "must be in 0...64, is \(randomPaths)")
        try check.finish()
    }

    private static let greySteps: [Transform] = [
        .randomResizedCrop(size: 28, scale: 0.3...1), .horizontalFlip(),
        .colorJitter(brightness: 0.4, contrast: 0.4, saturation: 0, hue: 0, p: 0.8),
        .gaussianBlur(sigma: 0.1...1, p: 0.5), .normalize(mean: [0.286], std: [0.353]),
    ]
    /// Views of Fashion-MNIST: colour plays no part, crops leave more of the object than in photographs.
    private static let greyViews = try! Augmentation(greySteps)  // safe: constants within their ranges

    /// The parts of Pi-NAS.
    var piOptions: PiMethod.Options {
        var options = PiMethod.Options()
        options.paths = paths
        options.crossPath = crossPath
        options.crossPathWeight = crossPathWeight
        options.meanTeacher = meanTeacher
        options.negatives = negatives
        options.averaging = averaging
        options.momentum = momentum
        options.temperature = temperature
        options.queueLength = queueLength
        options.normGroups = normGroups
        return options
    }
}
