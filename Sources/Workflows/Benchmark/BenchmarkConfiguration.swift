import Architectures
import Experiments
import Torch
import Training

/// All settings of a truth table: which networks are trained alone, and how.
public struct BenchmarkConfiguration: Configuration {
    /// Architectures are drawn from it.
    public var seed: UInt64 = 1
    /// Which images, and how they are prepared. Networks learn from the training split and are scored on one half of the
    /// validation split; the other half is left to whoever ranks them.
    public var data = DataConfiguration()
    /// Which architectures there are.
    public var space = SpaceConfiguration()
    /// What convolutions and matrix products compute in; parameters and their updates are float32 either way.
    public var precision = Precision.float32
    /// The device that computes: `cpu`, `cuda` or `cuda:1`.
    public var device = "cpu"
    /// How each of them learns.
    public var train = Self.trainDefaults
    /// Architectures of the table, drawn uniformly, without repetition.
    public var architectures = 100
    /// Trainings of each.
    public var seeds = 2
    /// The first so many architectures are trained more often.
    public var repeated = 20
    /// Trainings of each of those.
    public var repeatedSeeds = 4

    /// A hundred small networks, two trainings each, four of the first twenty.
    public init() {}

    /// Until version 0.8, precision and device were settings of the training.
    public static var renamedKeys: [String: [String]] {
        ["train.precision": ["precision"], "train.device": ["device"]]
    }

    /// A table may be extended.
    public static var resumeIgnoredKeys: [String] {
        DataConfiguration.keysWithoutEffect + ["architectures", "seeds", "repeated", "repeated-seeds"]
    }

    /// What the settings name that are paths, by their keys: a table goes on by whatever path they are named.
    ///
    /// - Throws: `FileError` for a list or a space that cannot be read.
    public func places() throws -> [String: NamedPlace] {
        try data.places(under: "data").merging(space.places(under: "space")) { $1 }
    }

    /// Refuses values out of range, all at once.
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
