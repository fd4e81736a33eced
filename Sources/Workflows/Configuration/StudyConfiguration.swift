import Datasets
import Experiments
import Methods
import Tasks
import Torch
import Training

/// The settings of a study, for all its phases.
public struct StudyConfiguration: Configuration {
    /// The seed that every random choice follows from.
    public var seed: UInt64 = 1
    /// The precision of forward passes; parameters and their updates are always float32.
    public var precision = Precision.bfloat16
    /// The device that computes: `cpu`, `cuda` or `cuda:1`.
    public var device = "cpu"
    /// The task that is learned.
    public var task = TaskConfiguration()
    /// The images and how they are prepared.
    public var data = DataConfiguration()
    /// The search space: its name and its own options.
    public var space = SpaceConfiguration()
    /// The method of training the supernet.
    public var method = MethodConfiguration()
    /// The training settings of the supernet.
    public var supernet = Self.supernetDefaults
    /// The training settings of the linear probe.
    public var probe = Self.probeDefaults
    /// The settings of the search.
    public var search = SearchConfiguration()
    /// The settings of fine-tuning the found network from its inherited weights.
    public var finetune = Self.finetuneDefaults
    /// The settings of training the found network from scratch.
    public var retrain = TrainConfiguration.network
    /// The intervals at which logs, evaluations and checkpoints are written.
    public var log = LogConfiguration()

    /// Creates the default settings: the lengths and rates of Pi-NAS, on Fashion-MNIST.
    public init() {}

    /// The keys that may change when a study continues, as results do not depend on them.
    public static var resumeIgnoredKeys: [String] { DataConfiguration.keysWithoutEffect }

    /// The keys of version 0.8: the network phases had a precision and a device without effect, and label smoothing was
    /// a setting of the method.
    public static var renamedKeys: [String: [String]] {
        [
            "finetune.precision": [], "finetune.device": [], "retrain.precision": [], "retrain.device": [],
            "method.label-smoothing": ["supernet.label-smoothing"],
        ]
    }

    /// Checks that the device is valid and that settings fit each other.
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
