import Datasets
import Experiments
import Networks
import Torch

extension Augmentation: FreeFormConfiguration {}

/// All settings of `supernet train`: a network, learned from labelled images.
public struct NetworkTrainingConfiguration: Configuration {
    /// Where every random choice comes from.
    public var seed: UInt64 = 1
    public var data = DataConfiguration()
    public var network = NetworkConfiguration()
    public var train = TrainConfiguration()
    public var log = LogConfiguration()

    public init() {}

    public static var resumeIgnoredKeys: [String] { ["data.threads"] }

    /// Which images, and how they are prepared.
    public struct DataConfiguration: Configuration {
        /// `fashion-mnist`, or the path of a folder of class folders, a list, or IDX files.
        public var source = "fashion-mnist"
        public var channels = ImageDecoding.Channels.grey
        /// The share of the training images that is set apart for validation, where the data has none.
        public var validationFraction = 1.0 / 12
        /// Leave out images that cannot be read instead of stopping.
        public var skipBadImages = false
        /// Threads that decode and augment.
        public var threads = 1
        /// What happens to training images.
        public var augmentation = NetworkTrainingConfiguration.plain
        /// What happens to validation and test images.
        public var evaluation = NetworkTrainingConfiguration.plain

        public init() {}

        public func validate() throws {
            var check = ConfigurationCheck()
            check.require(
                validationFraction > 0 && validationFraction < 1, "validation-fraction",
                "must be above 0 and below 1, is \(validationFraction)")
            check.require((0...64).contains(threads), "threads", "must be in 0...64, is \(threads)")
            check.require(
                augmentation.outputSide != nil && augmentation.outputSide == evaluation.outputSide, "evaluation",
                "must give images of the same side as augmentation (\(augmentation.outputSide ?? 0)), and both need "
                    + "a step that fixes it, such as `center-crop: 28`")
            try check.finish()
        }
    }

    /// The channel mean and deviation of Fashion-MNIST's training images.
    private static let plain = try! Augmentation([  // safe: constants within their ranges
        .centerCrop(28), .normalize(mean: [0.286], std: [0.353]),
    ])

    /// Which network.
    public struct NetworkConfiguration: Configuration {
        public var stem = ResNeStDescription.Stem.small
        /// Width of each stage.
        public var planes = [16, 32, 64]
        /// Blocks of each stage.
        public var depths = [1, 2, 1]
        public var expansion = 4
        /// The candidate of each block, 0 to 3.
        public var code = [1, 1, 1, 1]
        /// Where the scale of each block's last batch norm starts.
        public var lastScale = 0.0

        public init() {}

        public func validate() throws {
            var check = ConfigurationCheck()
            check.require(
                planes.count == depths.count && !planes.isEmpty, "depths", "must have one entry for each of planes")
            check.require(
                code.count == depths.reduce(0, { $0 &+ $1 }), "code",
                "must have one entry a block, \(depths.reduce(0, { $0 &+ $1 })); has \(code.count)")
            try check.finish()
        }

        func description(channels: Int, classes: Int) -> ResNeStDescription {
            ResNeStDescription(
                channels: channels, classes: classes, stem: stem, planes: planes, depths: depths,
                expansion: expansion, code: code, lastScale: lastScale)
        }
    }

    /// How it learns.
    public struct TrainConfiguration: Configuration {
        public var epochs = 20
        public var batchSize = 128
        /// The highest rate; it warms up to it and falls along a cosine to 0.
        public var learningRate = 0.1
        public var warmUpEpochs = 1.0
        public var momentum = 0.9
        public var nesterov = true
        /// Of weights with at least two dimensions; none on biases and normalisation.
        public var weightDecay = 5e-4
        public var labelSmoothing = 0.1
        /// Parameter of mixup's beta distribution, 0 for none.
        public var mixup = 0.0
        /// Parameter of cutmix's beta distribution, 0 for none.
        public var cutmix = 0.0
        public var mixProbability = 0.0
        /// Decay of the weights' moving average per step, 0 for none.
        public var averageDecay = 0.998
        /// Gradients are scaled down to this common norm, 0 for never.
        public var clipNorm = 0.0
        public var precision = Precision.bfloat16
        /// `cpu`, `cuda` or `cuda:1`.
        public var device = "cpu"

        public init() {}

        public func validate() throws {
            var check = ConfigurationCheck()
            check.require((1...100_000).contains(epochs), "epochs", "must be in 1...100000, is \(epochs)")
            check.require((2...65_536).contains(batchSize), "batch-size", "must be in 2...65536, is \(batchSize)")
            for (name, value) in [
                ("learning-rate", learningRate), ("warm-up-epochs", warmUpEpochs), ("weight-decay", weightDecay),
                ("mixup", mixup), ("cutmix", cutmix), ("clip-norm", clipNorm),
            ] {
                check.require(value >= 0 && value.isFinite, name, "must not be negative, is \(value)")
            }
            for (name, value) in [
                ("momentum", momentum), ("label-smoothing", labelSmoothing), ("average-decay", averageDecay),
            ] {
                check.require((0..<1).contains(value), name, "must be at least 0 and below 1, is \(value)")
            }
            check.require((0...1).contains(mixProbability), "mix-probability", "must be in 0...1, is \(mixProbability)")
            check.require(!nesterov || momentum > 0, "nesterov", "needs momentum above 0")
            check.require(Device(device) != nil, "device", "must be cpu, cuda or cuda:N, is `\(device)`")
            try check.finish()
        }
    }

    /// What is written down, and how often.
    public struct LogConfiguration: Configuration {
        /// Steps between two rows of the log.
        public var every = 50
        /// Steps between two checkpoints.
        public var checkpointEvery = 100
        /// Epochs between two evaluations on the validation split.
        public var evaluateEvery = 1
        /// The newest checkpoints to keep.
        public var keepLast = 2
        /// The best checkpoints to keep, by validation accuracy.
        public var keepBest = 0

        public init() {}

        public func validate() throws {
            var check = ConfigurationCheck()
            for (name, value) in [
                ("every", every), ("checkpoint-every", checkpointEvery), ("evaluate-every", evaluateEvery),
            ] {
                check.require(value >= 1, name, "must be at least 1, is \(value)")
            }
            try check.finish()
        }
    }
}
