import Experiments
import Results
import Tasks
import Torch
import Training

/// The settings of adapting a pre-trained supernet to a target.
public struct AdaptationConfiguration: Configuration {
    /// The seed that every random choice follows from.
    public var seed: UInt64 = 1
    /// The precision of forward passes; parameters and their updates are always float32.
    public var precision = Precision.bfloat16
    /// The device that computes: `cpu`, `cuda` or `cuda:1`.
    public var device = "cpu"
    /// The source: the folder of a study, or the file of a supernet that was made from one network.
    public var source = ""
    /// The target task.
    public var task = TaskConfiguration()
    /// The target's images and how they are prepared.
    public var data = DataConfiguration()
    /// The settings of training the supernet on the target.
    public var supernet = Self.supernetDefaults
    /// The probability that a choice of a random path is drawn uniformly instead of being the source's own, in the
    /// supernet's training and for the first paths of the search. 1, for uniform paths, suits a supernet whose paths
    /// were all trained; a smaller value suits a supernet that was made from one network.
    public var departure = 1.0
    /// For an elastic source: the number of random paths in a training step of the supernet, beside the largest, which
    /// learns the labels, and the smallest; all but the largest learn its outputs (the sandwich rule). Within budgets, a
    /// path that nearly uses up one of them takes the place of each.
    public var randomPaths = 2
    /// For an elastic source: the number of epochs before those of the supernet in which only the largest path learns, so
    /// that the others have a teacher that knows something when they begin. The rate follows one curve over both.
    public var teacherEpochs = 0
    /// For an elastic source: the share of the loss by which a network learns the outputs of the supernet's largest path
    /// in place of the labels, from 0 to 1.
    public var distillation = 0.5
    /// For an elastic source: the number of best paths within each budget, different ones, that learn on for half of the
    /// epochs together; the best of them on the validation images has the other half. 1 for the best path alone.
    public var shortlist = 3
    /// The search on the target. `score` is `accuracy` for the task's score with a head that all paths share, after the
    /// supernet was trained on the target, or `loss` for its negative cross-entropy where it has one; or `linear-evaluation` for the unsupervised variant, in which the supernet
    /// is not changed and a linear map is fitted to each path's features.
    public var search = SearchConfiguration()
    /// The number of standard errors within which scores count as equal: of the paths within it of the best one, the
    /// path that keeps most of the source's choices is taken, so that the architecture does not change by chance
    /// (one-standard-error rule: Breiman et al., "Classification and Regression Trees", 1984); of an elastic source the path with
    /// the most multiply-adds, as what learns on for long needs room that a short look does not show. 0 takes the best path.
    public var caution = 1.0
    /// The settings of fine-tuning the found network.
    public var finetune = Self.finetuneDefaults
    /// The controls that are trained beside the method, at the same cost.
    public var controls = AdaptationControl.ofPaths
    /// Whether the task's reference trainings run as well, such as `source-only` of domain adaptation.
    public var comparisons = true
    /// The intervals at which logs, evaluations and checkpoints are written.
    public var log = LogConfiguration()

    /// Creates the default settings, for a small target and a training of minutes.
    public init() {}

    /// The key of version 0.8 for label smoothing, which was a setting of the task.
    public static var renamedKeys: [String: [String]] {
        ["task.label-smoothing": ["supernet.label-smoothing", "finetune.label-smoothing"]]
    }

    /// The keys that may change when an adaptation continues: controls may be added, and the number of threads has no
    /// effect.
    public static var resumeIgnoredKeys: [String] { DataConfiguration.keysWithoutEffect + ["controls", "comparisons"] }

    /// Checks that all values are in range.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require(Device(device) != nil, "device", "must be cpu, cuda or cuda:N, is `\(device)`")
        check.require(
            [.accuracy, .loss, .linearEvaluation].contains(search.score), "search.score",
            "must be `accuracy` or `loss` (by a head that all paths share) or `linear-evaluation`, is "
                + "`\(search.score.rawValue)`")
        check.require((0...64).contains(randomPaths), "random-paths", "must be in 0...64, is \(randomPaths)")
        check.require(
            (0...100_000).contains(teacherEpochs), "teacher-epochs", "must be in 0...100000, is \(teacherEpochs)")
        check.require((1...64).contains(shortlist), "shortlist", "must be in 1...64, is \(shortlist)")
        check.require((0...1).contains(distillation), "distillation", "must be from 0 to 1, is \(distillation)")
        check.require(
            supernet.averageDecay == 0, "supernet.average-decay",
            "is for networks; the weights of a supernet are not averaged")
        check.require(departure > 0 && departure <= 1, "departure", "must be above 0 and at most 1, is \(departure)")
        check.require(caution >= 0 && caution.isFinite, "caution", "must not be negative, is \(caution)")
        try check.finish()
    }

    /// The default training of the supernet, whose rate stays constant, as fine-tuning continues it.
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
