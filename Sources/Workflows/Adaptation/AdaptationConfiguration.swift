import Experiments
import Methods
import Results
import Tasks
import Torch
import Training

/// All settings of adapting a pre-trained supernet to a target.
public struct AdaptationConfiguration: Configuration {
    /// Where every random choice comes from.
    public var seed: UInt64 = 1
    /// What forward passes compute in; parameters and their updates are float32 either way.
    public var precision = Precision.bfloat16
    /// `cpu`, `cuda` or `cuda:1`.
    public var device = "cpu"
    /// The study whose supernet is adapted.
    public var source = ""
    /// The target's goal.
    public var task = TaskConfiguration()
    /// The target's images, and how they are prepared.
    public var data = DataConfiguration()
    /// How long the supernet learns the target.
    public var supernet = Self.supernetDefaults
    /// The probability that a choice of the supernet's random paths is drawn uniformly instead of being the source's own, in
    /// its training and among the paths that the search begins with. 1 for uniform paths, which suits a supernet whose paths
    /// all learned; less where one network was made a supernet, whose other paths have still to learn.
    public var departure = 1.0
    /// How paths are ranked on the target. `score` is `accuracy` for the task's score with a head that all paths share, after
    /// the supernet learned the target; or `linear-evaluation`, where the supernet stays as it is and a linear map is
    /// fitted to each path's features: the unsupervised variant, for supernets that learned without labels.
    public var search = SearchConfiguration()
    /// Of the paths whose scores are within so many standard errors of the best one's, that is taken which keeps most of the
    /// source's choices: the architecture changes where the target says so, and not by the luck of which images it is scored
    /// on (the one-standard-error rule of Breiman et al., "Classification and Regression Trees", 1984). 0 for the best one,
    /// whatever it changes.
    public var caution = 1.0
    /// How the found network learns on.
    public var finetune = Self.finetuneDefaults
    /// What is trained beside the method itself, at the same cost.
    public var controls = AdaptationControl.allCases
    /// Whether what the task itself is compared with is trained, too, as `source-only` of domain adaptation.
    public var comparisons = true
    /// What is written down, and how often.
    public var log = LogConfiguration()

    /// Lengths for a small target and minutes.
    public init() {}

    /// Until version 0.8, label smoothing was the task's.
    public static var renamedKeys: [String: [String]] {
        ["task.label-smoothing": ["supernet.label-smoothing", "finetune.label-smoothing"]]
    }

    /// Controls may be added, and the number of threads changed.
    public static var resumeIgnoredKeys: [String] { DataConfiguration.keysWithoutEffect + ["controls", "comparisons"] }

    /// Refuses values out of range, all at once.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require(Device(device) != nil, "device", "must be cpu, cuda or cuda:N, is `\(device)`")
        check.require(
            [.accuracy, .linearEvaluation].contains(search.score), "search.score",
            "must be `accuracy` (a head that all paths share) or `linear-evaluation`, is `\(search.score.rawValue)`")
        check.require(
            supernet.averageDecay == 0, "supernet.average-decay",
            "is for networks; the weights of a supernet are not averaged")
        check.require(departure > 0 && departure <= 1, "departure", "must be above 0 and at most 1, is \(departure)")
        check.require(caution >= 0 && caution.isFinite, "caution", "must not be negative, is \(caution)")
        try check.finish()
    }

    /// The rate stays where the found network goes on from: one training, of which the supernet's is the beginning.
    private static var supernetDefaults: TrainConfiguration {
        var loop = TrainConfiguration()
        (loop.epochs, loop.batchSize, loop.learningRate, loop.decay) = (10, 64, 0.03, .none)
        return loop
    }

    private static var finetuneDefaults: TrainConfiguration {
        var loop = TrainConfiguration()
        (loop.epochs, loop.batchSize, loop.learningRate) = (15, 64, 0.03)
        return loop
    }
}
