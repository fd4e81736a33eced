import Experiments
import Torch
import Training

/// All settings from images to a network: one file for every phase.
public struct StudyConfiguration: Configuration {
    /// Where every random choice comes from.
    public var seed: UInt64 = 1
    /// What forward passes compute in; parameters and their updates are float32 either way.
    public var precision = Precision.bfloat16
    /// `cpu`, `cuda` or `cuda:1`.
    public var device = "cpu"
    /// Which images, and how they are prepared.
    public var data = DataConfiguration()
    /// Which architectures: the name of a space, and its own options.
    public var space = SpaceConfiguration()
    /// How the supernet learns.
    public var method = MethodConfiguration()
    /// How long the supernet learns.
    public var supernet = Self.supernetDefaults
    /// How long the linear classifier on the frozen supernet learns.
    public var probe = Self.probeDefaults
    /// How paths are ranked.
    public var search = SearchConfiguration()
    /// How the found network goes on from the weights that it inherits.
    public var finetune = Self.finetuneDefaults
    /// How the found network is trained from scratch.
    public var retrain = NetworkTrainingConfiguration.TrainConfiguration()
    /// What is written down, and how often.
    public var log = LogConfiguration()

    /// Pi-NAS's lengths and rates on Fashion-MNIST.
    public init() {}

    /// The number of threads may differ when a run goes on: batches do not depend on it.
    public static var resumeIgnoredKeys: [String] { DataConfiguration.keysWithoutEffect }

    /// Refuses a device that cannot be meant.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require(Device(device) != nil, "device", "must be cpu, cuda or cuda:N, is `\(device)`")
        if method.name == .piNAS && method.negatives == .queue {
            check.require(
                method.queueLength.isMultiple(of: supernet.batchSize), "method.queue-length",
                "must be a multiple of supernet.batch-size (=\(supernet.batchSize)), is \(method.queueLength)")
        }
        check.require(
            search.score != .contrastive || method.name == .piNAS, "search.score",
            "`contrastive` needs a supernet that learned to embed: method.name `pi-nas`")
        try check.finish()
    }

    private static var supernetDefaults: LoopConfiguration {
        var loop = LoopConfiguration()
        (loop.epochs, loop.batchSize, loop.learningRate, loop.weightDecay) = (100, 192, 0.03, 1e-4)
        loop.decayAll = true
        return loop
    }

    private static var probeDefaults: LoopConfiguration {
        var loop = LoopConfiguration()
        (loop.epochs, loop.batchSize, loop.learningRate, loop.weightDecay) = (100, 256, 30, 0)
        return loop
    }

    private static var finetuneDefaults: NetworkTrainingConfiguration.TrainConfiguration {
        var train = NetworkTrainingConfiguration.TrainConfiguration()
        train.learningRate = 0.05
        return train
    }
}
