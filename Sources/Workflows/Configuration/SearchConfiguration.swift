import Architectures
import Experiments
import Results
import SearchStrategies
import Supernets

/// The settings of a search: how paths are scored, and how many are evaluated by which strategy.
public struct SearchConfiguration: Configuration {
    /// The name of a strategy.
    public typealias Strategy = RegisteredName<SearchStrategyFamily>

    /// The score of a path. A task without a cross-entropy, such as that of ages, is scored by its own metric in its
    /// place.
    public enum Score: String, Codable, Sendable, CaseIterable {
        /// The accuracy of the supernet's own classifier or of the probe.
        case accuracy
        /// The negative cross-entropy of that classifier, which distinguishes paths of equal accuracy.
        case loss
        /// The negative cross-entropy of a linear classifier that is fitted to the features of the path.
        case linearEvaluation = "linear-evaluation"
        /// The negative cross-entropy after a brief training of the path alone from the inherited weights.
        case finetune
        /// The negative cross-entropy after a brief training of the path from scratch, as a baseline of `finetune`.
        case briefTraining = "brief-training"
        /// The negative contrastive loss across paths, without labels.
        case contrastive

        /// Whether the supernet's classifier or a probe is needed.
        var needsClassifier: Bool { self == .accuracy || self == .loss }
        /// Whether paths are trained one by one to be scored.
        var trains: Bool { self == .finetune || self == .briefTraining }
    }

    /// An objective that a multi-objective search minimises beside maximising the score.
    public enum Objective: String, Codable, Sendable, CaseIterable {
        /// The number of parameters.
        case params
        /// The number of multiply-adds.
        case macs
        /// The predicted latency in milliseconds.
        case latency
    }

    /// The search strategy: `random`, `regularized-evolution`, `evolution`, `nsga2`, `classifier-tree`, or one that a
    /// program registered.
    public var strategy = Strategy(of: EvolutionSearch.self)
    /// For `nsga2`: the objectives that are minimised beside maximising the score.
    public var objectives = [Objective.macs]
    /// For `classifier-tree`: the number of accepted paths of which the most promising one is taken; 1 in Pi-NAS.
    public var treeCandidates = 32
    /// The number of paths that are evaluated in all.
    public var evaluations = 1000
    /// The number of random paths that are evaluated first.
    public var initial = 80
    /// The number of paths in a round, which are evaluated together.
    public var round = 8
    /// The score of a path.
    public var score = Score.accuracy
    /// The batch-norm statistics that a path is evaluated with: `reestimate`, `inherit` or `batch`.
    public var statistics = StatisticsPolicy.recalibrate
    /// The number of training images for BN recalibration, the same images for every path.
    public var recalibrationImages = 6272
    /// The number of validation images that paths are scored on, drawn class by class; 0 for all.
    public var images = 0
    /// For `linear-evaluation`: the number of training images that the classifier of each path is fitted to, drawn
    /// class by class; 0 for all.
    public var fitImages = 4096
    /// For `finetune` and `brief-training`: the number of epochs for each path.
    public var trainEpochs = 2
    /// For `finetune` and `brief-training`: the highest learning rate, which follows a cosine to 0. All other settings
    /// are those of the section `finetune` or `retrain`.
    public var trainLearningRate = 0.02
    /// The number of images in an evaluated batch.
    public var batchSize = 128
    /// The largest number of parameters, including the classifier.
    public var maxParams: Int?
    /// The largest number of multiply-adds for one image.
    public var maxMacs: Int?
    /// The largest latency for one image in milliseconds, up to the features and without the classifier, predicted from a
    /// table of blocks that is measured on this machine, or from `latency-table`.
    public var maxLatencyMs: Double?
    /// Several budgets, for each of which the best path is found: percentages of what the most expensive path has, such
    /// as `25%`, or amounts such as `48M`. Each is searched with as many evaluations; empty for the single budget of the
    /// other settings.
    public var budgets: [String] = []
    /// What the budgets limit: `macs`, `params` or `latency`.
    public var budgetKind = BudgetRequest.Quantity.multiplyAdds
    /// The path of a table of latencies that another machine may have measured, as `supernet profile --latency-table`
    /// writes it; nil to measure this machine where latencies are needed.
    public var latencyTable: String?
    /// The megabytes of activations that are kept between rounds; at most a quarter of the machine's memory is used.
    public var cacheMegabytes = 4096

    /// Creates the settings of Pi-NAS: 80 random paths, then rounds of 8, 1000 in all; 49 batches of 128 images for BN
    /// recalibration.
    public init() {}

    /// Checks that all values are in range.
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
        for text in budgets where BudgetRequest(text, of: budgetKind) == nil {
            check.require(
                false, "budgets",
                "must hold percentages above 0 and at most 100%, such as 25%, or amounts such as "
                    + (budgetKind == .latency ? "3.5ms" : "48M") + "; `\(text)` is neither")
        }
        // Each has a folder of its name, in which spaces do not count.
        check.require(
            Set(budgetRequests.map(\.name)).count == budgetRequests.count, "budgets",
            "must be different, are \(budgets)")
        check.require(maxLatencyMs.map { $0 > 0 && $0.isFinite } ?? true, "max-latency-ms", "must be above 0")
        check.require(latencyTable != "", "latency-table", "must be the path of a file")
        try check.finish()
    }

    /// The budgets of `budgets`, in their order.
    public var budgetRequests: [BudgetRequest] {
        budgets.compactMap { BudgetRequest($0, of: budgetKind) }
    }

    /// Whether some cost of a path is limited.
    public var isLimited: Bool { !budgets.isEmpty || !budget.isOpen }

    /// The budget: hard limits on the cost of a path.
    public var budget: Budget { Budget(parameters: maxParams, multiplyAdds: maxMacs, latency: maxLatencyMs) }
}
