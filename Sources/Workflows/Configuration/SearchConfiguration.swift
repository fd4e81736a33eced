import Architectures
import Experiments
import Results
import SearchStrategies
import Supernets

/// How paths are ranked, and which are tried.
public struct SearchConfiguration: Configuration {
    /// The name of a strategy.
    public typealias Strategy = RegisteredName<SearchStrategyFamily>

    /// What a path is scored by. A task without a cross-entropy, such as that of ages, is scored by its own figure in its
    /// place.
    public enum Score: String, Codable, Sendable, CaseIterable {
        /// Accuracy of the supernet's own classifier or of the probe.
        case accuracy
        /// Less the cross-entropy of that classifier, which tells paths of equal accuracy apart.
        case loss
        /// Less the cross-entropy of a linear classifier of the path's own, fitted to its features.
        case linearEvaluation = "linear-evaluation"
        /// Less the cross-entropy after a brief training of the path alone, on from the weights that it inherits.
        case finetune
        /// The same from scratch: what `finetune` must beat for the supernet to be worth its training.
        case briefTraining = "brief-training"
        /// Less the loss of telling images apart across paths; no labels are used.
        case contrastive

        /// Whether the supernet's classifier or a probe is needed.
        var needsClassifier: Bool { self == .accuracy || self == .loss }
        /// Whether paths are trained one by one to be scored.
        var trains: Bool { self == .finetune || self == .briefTraining }
    }

    /// What a search over several objectives keeps low beside a high score.
    public enum Objective: String, Codable, Sendable, CaseIterable {
        /// Learned numbers.
        case params
        /// Multiply-adds.
        case macs
        /// Predicted milliseconds.
        case latency
    }

    /// Which strategy: `random`, `regularized-evolution`, `evolution`, `nsga2`, `classifier-tree`, or one that was
    /// registered.
    public var strategy = Strategy(of: EvolutionSearch.self)
    /// nsga2: what is kept low beside a high score.
    public var objectives = [Objective.macs]
    /// classifier-tree: of how many accepted paths the likeliest to be good is taken; 1 in Pi-NAS.
    public var treeCandidates = 32
    /// Paths that are evaluated in all.
    public var evaluations = 1000
    /// Random paths that are evaluated first.
    public var initial = 80
    /// Paths of a round, which are evaluated together.
    public var round = 8
    /// What a path is scored by.
    public var score = Score.accuracy
    /// `reestimate`, `inherit` or `batch`: which batch-norm statistics a path is evaluated with.
    public var statistics = StatisticsPolicy.recalibrate
    /// Training images from which statistics are recalibrated; the same for every path.
    public var recalibrationImages = 6272
    /// Validation images that paths are scored on, drawn class by class; 0 for all.
    public var images = 0
    /// linear-evaluation: training images that the classifier of each path is fitted to, drawn class by class; 0 for all.
    public var fitImages = 4096
    /// finetune, brief-training: passes over the training images for each path.
    public var trainEpochs = 2
    /// finetune, brief-training: the highest rate of these passes, which falls along a cosine to 0. Everything else is as
    /// in `finetune` or `retrain`.
    public var trainLearningRate = 0.02
    /// Images of an evaluated batch.
    public var batchSize = 128
    /// The most learned numbers, the classifier included.
    public var maxParams: Int?
    /// The most multiply-adds for one image.
    public var maxMacs: Int?
    /// The most milliseconds for one image, as predicted from a table that is measured on this machine.
    public var maxLatencyMs: Double?
    /// Megabytes of activations that are kept from round to round; never more than a quarter of the machine's memory.
    public var cacheMegabytes = 4096

    /// As in Pi-NAS: 80 random paths, then rounds of 8, 1000 in all; 49 batches of 128 for the statistics.
    public init() {}

    /// Refuses values out of range, all at once.
    public func validate() throws {
        var check = ConfigurationCheck()
        for (name, value, range) in [
            ("evaluations", evaluations, 1...10_000_000), ("initial", initial, 1...1_000_000),
            ("round", round, 1...10_000),
            ("recalibration-images", recalibrationImages, 2...100_000_000), ("images", images, 0...100_000_000),
            ("fit-images", fitImages, 0...100_000_000), ("train-epochs", trainEpochs, 1...100_000),
            ("batch-size", batchSize, 2...65_536), ("cache-megabytes", cacheMegabytes, 0...10_000_000),
            ("tree-candidates", treeCandidates, 1...10_000),
        ] {
            check.require(range.contains(value), name, "must be in \(range), is \(value)")
        }
        check.require(
            trainLearningRate > 0 && trainLearningRate.isFinite, "train-learning-rate",
            "must be above 0, is \(trainLearningRate)")
        for (name, value) in [("max-params", maxParams), ("max-macs", maxMacs)] {
            check.require(value.map { $0 > 0 } ?? true, name, "must be above 0")
        }
        check.require(maxLatencyMs.map { $0 > 0 && $0.isFinite } ?? true, "max-latency-ms", "must be above 0")
        try check.finish()
    }

    /// The hard limits.
    public var budget: Budget { Budget(parameters: maxParams, multiplyAdds: maxMacs, latency: maxLatencyMs) }
}
