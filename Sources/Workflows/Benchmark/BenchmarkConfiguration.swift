import Experiments
import Torch
import Training

/// The settings of a benchmark table: the architectures that are trained one by one, and how.
public struct BenchmarkConfiguration: Configuration {
    /// The seed that architectures are drawn with.
    public var seed: UInt64 = 1
    /// The images and how they are prepared. Networks are trained on the training split and scored on one half of the
    /// validation split; the other half is left for rankings.
    public var data = DataConfiguration()
    /// The search space.
    public var space = SpaceConfiguration()
    /// The precision of convolutions and matrix products; parameters and their updates are always float32.
    public var precision = Precision.float32
    /// The device that computes: `cpu`, `cuda` or `cuda:1`.
    public var device = "cpu"
    /// The training settings of each architecture.
    public var train = Self.trainDefaults
    /// The number of architectures of the table, drawn uniformly without repetition.
    public var architectures = 100
    /// The number of trainings of each architecture.
    public var seeds = 2
    /// The number of architectures, the first ones, that are trained more often.
    public var repeated = 20
    /// The number of trainings of each of those.
    public var repeatedSeeds = 4

    /// Creates the default settings: a hundred small networks with two trainings each, four for the first twenty.
    public init() {}

    /// The keys of version 0.8 for precision and device, which were settings of the training.
    public static var renamedKeys: [String: [String]] {
        ["train.precision": ["precision"], "train.device": ["device"]]
    }

    /// The keys that may change when a table is continued, so that it can be extended.
    public static var resumeIgnoredKeys: [String] {
        DataConfiguration.keysWithoutEffect + ["architectures", "seeds", "repeated", "repeated-seeds"]
    }

    /// The files and folders that the settings name, by key. A table is continued whatever path leads to them.
    ///
    /// - Throws: `FileError` for a list or a space that cannot be read.
    public func places() throws -> [String: NamedPlace] {
        try data.places(under: "data").merging(space.places(under: "space")) { $1 }
    }

    /// Checks that all values are in range.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require(
            (1...1_000_000).contains(architectures), "architectures", "must be in 1...1000000, is \(architectures)")
        check.require(Device(device) != nil, "device", "must be cpu, cuda or cuda:N, is `\(device)`")
        check.require((1...1000).contains(seeds), "seeds", "must be in 1...1000, is \(seeds)")
        check.require(
            repeated >= 0 && repeated <= architectures, "repeated", "must be in 0...\(architectures), is \(repeated)")
        check.require(
            repeated == 0 || (repeatedSeeds >= seeds && repeatedSeeds <= 1000), "repeated-seeds",
            "must not be below seeds (=\(seeds)) nor above 1000, is \(repeatedSeeds)")
        try check.finish()
    }

    private static var trainDefaults: TrainConfiguration {
        var train = TrainConfiguration.network
        (train.epochs, train.batchSize, train.learningRate) = (12, 100, 0.05)
        train.averageDecay = 0
        return train
    }
}
