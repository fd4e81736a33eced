import Architectures
import Datasets
import Experiments
import Networks
import Support
import Torch

/// All settings of `supernet train`: a network, learned from labelled images.
public struct NetworkTrainingConfiguration: Configuration {
    /// Where every random choice comes from.
    public var seed: UInt64 = 1
    /// Which images, and how they are prepared.
    public var data = DataConfiguration()
    /// Which network is trained.
    public var network = NetworkConfiguration()
    /// How it is trained.
    public var train = TrainConfiguration()
    /// What is written down, and how often.
    public var log = LogConfiguration()

    /// The defaults: a small network on Fashion-MNIST, for a CPU.
    public init() {}

    /// The number of threads may differ when a run goes on: batches do not depend on it.
    public static var resumeIgnoredKeys: [String] { DataConfiguration.keysWithoutEffect }

    /// What the settings name that are paths, by their keys: a run goes on by whatever path they are named.
    ///
    /// - Throws: `FileError` for a list or a network that cannot be read.
    public func places() throws -> [String: NamedPlace] {
        var places = try data.places(under: "data")
        if !network.from.isEmpty {
            places["network.from"] = NamedPlace(network.from, digest: try FileDigest.text(of: network.from))
        }
        return places
    }

    /// Which network.
    public struct NetworkConfiguration: Configuration {
        /// A network file whose architecture is taken; all of the following sizes are then without effect. Empty: the
        /// network is a ResNeSt of these sizes.
        public var from = ""
        /// Whether training starts from the weights of that file rather than anew.
        public var inherit = true
        /// Whether the classifier's weights are among those; a probe's, learned at a high rate on features that stood
        /// still, are too large to be trained on.
        public var inheritClassifier = true
        /// How the image enters: `small` for sides of 28 to 64 pixels, `deep` for 224.
        public var stem = ResNeStSpace.Stem.small
        /// Width of each stage.
        public var planes = [16, 32, 64]
        /// Blocks of each stage.
        public var depths = [1, 2, 1]
        /// Output channels of a block over the stage's planes.
        public var expansion = 4
        /// The candidate of each block, 0 to 3.
        public var code = [1, 1, 1, 1]
        /// Where the scale of each block's last batch norm starts.
        public var lastScale = 0.0

        /// The defaults: four blocks in three stages, each of radix 2 and cardinality 1.
        public init() {}

        /// Refuses lists whose lengths do not agree; the network refuses sizes and candidates when it is built.
        public func validate() throws {
            var check = ConfigurationCheck()
            check.require(abs(lastScale) <= 1e6, "last-scale", "must be from -1e6 to 1e6, is \(lastScale)")
            check.require(
                planes.count == depths.count && !planes.isEmpty, "depths", "must have one entry for each of planes")
            check.require(
                code.count == depths.reduce(0, { $0 &+ $1 }), "code",
                "must have one entry a block, \(depths.reduce(0, { $0 &+ $1 })); has \(code.count)")
            try check.finish()
        }

        func description(channels: Int, classes: Int) throws -> NetworkDescription {
            try ResNeStSpace(channels: channels, stem: stem, planes: planes, depths: depths, expansion: expansion)
                .network(code: Architecture(code), classes: classes, lastScale: lastScale)
        }
    }

    /// How a network learns.
    public struct TrainConfiguration: Configuration {
        /// Passes over the training images.
        public var epochs = 20
        /// Images a step.
        public var batchSize = 128
        /// The highest rate; it warms up to it and falls along a cosine to 0.
        public var learningRate = 0.1
        /// Epochs, or parts of them, in which the rate rises from 1% of `learningRate` to all of it.
        public var warmUpEpochs = 1.0
        /// The share of the last step's velocity that SGD keeps, in 0..<1.
        public var momentum = 0.9
        /// Whether SGD looks ahead as Nesterov's method does; needs momentum.
        public var nesterov = true
        /// Of weights with at least two dimensions; none on biases and normalisation.
        public var weightDecay = 5e-4
        /// The share of each target that goes to all classes alike, in 0..<1.
        public var labelSmoothing = 0.1
        /// Parameter of mixup's beta distribution, 0 for none.
        public var mixup = 0.0
        /// Parameter of cutmix's beta distribution, 0 for none.
        public var cutmix = 0.0
        /// The share of batches that are mixed, in 0...1; at 0, `mixup` and `cutmix` have no effect.
        public var mixProbability = 0.0
        /// Decay of the weights' moving average per step, 0 for none.
        public var averageDecay = 0.998
        /// Gradients are scaled down to this common norm, 0 for never.
        public var clipNorm = 0.0
        /// What convolutions and matrix products compute in; parameters and their updates are float32 either way.
        public var precision = Precision.bfloat16
        /// `cpu`, `cuda` or `cuda:1`.
        public var device = "cpu"

        /// The defaults: 20 epochs of SGD with Nesterov momentum on the CPU.
        public init() {}

        /// Refuses values out of range, all at once. Whether the device exists is checked when training starts.
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
            // Steps are counted by whole numbers.
            check.require(
                warmUpEpochs <= 100_000 || !warmUpEpochs.isFinite, "warm-up-epochs",
                "must be at most 100000, is \(warmUpEpochs)")
            for (name, value) in [
                ("momentum", momentum), ("label-smoothing", labelSmoothing), ("average-decay", averageDecay),
            ] {
                check.require((0..<1).contains(value), name, "must be at least 0 and below 1, is \(value)")
            }
            check.require((0...1).contains(mixProbability), "mix-probability", "must be in 0...1, is \(mixProbability)")
            check.require(
                mixProbability > 0 || (mixup == 0 && cutmix == 0), "mix-probability",
                "must be above 0 where mixup or cutmix is on: at 0 no batch is mixed")
            check.require(
                mixProbability == 0 || mixup > 0 || cutmix > 0, "mix-probability",
                "needs mixup or cutmix above 0: there is nothing to mix with")
            check.require(!nesterov || momentum > 0, "nesterov", "needs momentum above 0")
            check.require(Device(device) != nil, "device", "must be cpu, cuda or cuda:N, is `\(device)`")
            try check.finish()
        }
    }
}
