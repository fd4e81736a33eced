import Datasets
import Experiments
import Methods
import Support
import Tasks
import Torch
import Training

/// All settings from images to a network: one file for every phase.
public struct StudyConfiguration: Configuration {
    /// The seed that every random choice follows from.
    public var seed: UInt64 = 1
    /// What forward passes compute in; parameters and their updates are float32 either way.
    public var precision = Precision.bfloat16
    /// The device that computes: `cpu`, `cuda` or `cuda:1`.
    public var device = "cpu"
    /// What is to be recognised.
    public var task = TaskConfiguration()
    /// Which images, and how they are prepared.
    public var data = DataConfiguration()
    /// Which architectures: the name of a space, and its own options.
    public var space = SpaceConfiguration()
    /// How the supernet learns.
    public var method = MethodConfiguration()
    /// How long the supernet learns.
    public var supernet = Self.supernetDefaults
    /// How long the head on the frozen supernet learns.
    public var probe = Self.probeDefaults
    /// How paths are ranked.
    public var search = SearchConfiguration()
    /// How the found network goes on from the weights that it inherits.
    public var finetune = Self.finetuneDefaults
    /// How the found network is trained from scratch.
    public var retrain = TrainConfiguration.network
    /// What is written down, and how often.
    public var log = LogConfiguration()

    /// Pi-NAS's lengths and rates on Fashion-MNIST.
    public init() {}

    /// The number of threads may differ when a run goes on: batches do not depend on it.
    public static var resumeIgnoredKeys: [String] { DataConfiguration.keysWithoutEffect }

    /// Until version 0.8, the network phases had precisions and devices that were without effect, and label smoothing was the
    /// method's.
    public static var renamedKeys: [String: [String]] {
        [
            "finetune.precision": [], "finetune.device": [], "retrain.precision": [], "retrain.device": [],
            "method.label-smoothing": ["supernet.label-smoothing"],
        ]
    }

    /// Refuses a device that cannot be meant, and settings that do not suit each other.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require(Device(device) != nil, "device", "must be cpu, cuda or cuda:N, is `\(device)`")
        method.check(supernet, &check)
        for (key, train) in [("supernet", supernet), ("probe", probe)] {
            check.require(
                train.averageDecay == 0, "\(key).average-decay",
                "is for networks; the weights of a supernet or a probe are not averaged")
        }
        check.require(
            search.score != .contrastive || !method.isSupervised, "search.score",
            "`contrastive` needs a supernet that learned to embed: method.name `pi-nas`")
        try check.finish()
    }

    private static var supernetDefaults: TrainConfiguration {
        var train = TrainConfiguration()
        (train.epochs, train.batchSize, train.learningRate) = (100, 192, 0.03)
        train.decayAll = true
        return train
    }

    static var probeDefaults: TrainConfiguration {
        var train = TrainConfiguration()
        (train.epochs, train.batchSize, train.learningRate, train.weightDecay) = (100, 256, 30, 0)
        train.labelSmoothing = 0
        return train
    }

    private static var finetuneDefaults: TrainConfiguration {
        var train = TrainConfiguration.network
        train.learningRate = 0.05
        return train
    }
}
