import Architectures
import Archives
import Datasets
import Experiments
import Methods
import Metrics
import NN
import Networks
import Rankings
import SearchStrategies
import Supernets
import Support
import Torch
import Training

/// What the phase's result depends on.
struct SearchRunConfiguration: PhaseConfiguration {
    var seed: UInt64 = 1
    var precision = Precision.bfloat16
    var device = "cpu"
    var data = DataConfiguration()
    var search = SearchConfiguration()
    /// Digest of the supernet that is searched.
    var supernet = ""
    /// Digest of its classifier; empty where the supernet has one of its own, or none is needed.
    var classifier = ""

    static var resumeIgnoredKeys: [String] { DataConfiguration.keysWithoutEffect + ["search.cache-megabytes"] }
}

/// Ranks paths of a study's supernet within a budget, and hands over the best as a network with its weights.
public struct ArchitectureSearch: StudyPhase {
    /// What the phase leaves in `result.json`.
    public struct Result: Codable, Sendable, Equatable {
        /// The best path.
        public var architecture: Architecture
        /// Names of its candidates.
        public var candidates: [String]
        /// What it was chosen by; higher is better.
        public var score: Double
        /// What was measured beside the score.
        public var metrics: [String: Double]
        /// Exact costs, the classifier included.
        public var cost: Cost
        /// Predicted milliseconds for one image; nil where latencies were not measured.
        public var latency: Double?
        /// The mean relative error of that prediction on whole paths.
        public var latencyError: Double?
        /// The batch-norm statistics that paths were scored with.
        public var statistics: StatisticsPolicy
        /// Paths that were evaluated.
        public var evaluations: Int
        /// Of the evaluations, those before an interruption included.
        public var seconds: Double
        /// Kendall's tau between score and parameters over the evaluated paths; nil where one of them does not vary.
        public var tauParameters: Double?
        /// The same with multiply-adds.
        public var tauMultiplyAdds: Double?
        /// The inherited network on the whole validation split; nil where there was no classifier to inherit.
        public var validation: ClassificationScore?
    }

    /// The name of the phase and of its folder.
    public static let name = "search"
    /// Whose phase it is.
    public let study: Study

    /// Sets up the phase; nothing is evaluated before it is called.
    public init(_ study: Study) { self.study = study }

    /// Every evaluated path, an SQLite database.
    public var archiveFile: String { folder + "/archive.sqlite" }
    /// The best path as a network with inherited weights.
    public var networkFile: String { folder + "/network.safetensors" }
    private var latencyFile: String { folder + "/latency.json" }

    /// Searches, or continues, or returns what an earlier call finished.
    ///
    /// - Throws: `SpaceError.impossibleBudget`; what reading the supernet or evaluating throws.
    @discardableResult
    public func callAsFunction() throws -> Result {
        let options = study.options
        let scored = try ScoredSupernet(study)
        let file = scored.file
        var configuration = study.configuration(of: SearchRunConfiguration.self)
        configuration.search = options.search
        configuration.supernet = scored.digest
        configuration.classifier = scored.classifierDigest
        // An impossible budget is refused before anything is made.
        let costs = try CostTable(
            file.card.supernet, imageSize: options.data.imageSize, classes: study.data.classNames.count)
        var exact = options.search.budget
        exact.latency = nil
        _ = try BudgetCheck(exact, costs: costs)

        let run = try study.run(Self.name, configuration)
        if let finished = try stored() { return finished }
        let device = try study.device()
        let judge = try scored.judge(on: study.validationSet(), device: device)
        let check = try BudgetCheck(
            options.search.budget, costs: costs,
            latencies: options.search.latencies(
                judge.supernet, imageSize: options.data.imageSize, file: latencyFile, study.progress))
        let archive = try ArchitectureArchive(path: archiveFile, context: scored.context, isSame: scored.isContext)
        // What an earlier start evaluated must be of use before more is.
        _ = try archive.entries(in: file.card.supernet.space)
        let loop = SearchLoop(
            judge: judge, archive: archive, check: check, options: options.search,
            seed: options.seed, progress: study.progress)
        var strategy = try options.search.makeStrategy(
            file.card.supernet.space, seed: SeededGenerator(seed: options.seed, 0x5EA).state, check: check)
        try loop(&strategy)
        let result = try finish(scored, judge, archive, check, device: device)
        try PhaseResult.write(result, resultFile)
        withExtendedLifetime(run) {}
        // Activations are worth gigabytes, and a network that is trained next needs few of them.
        (judge as? SharedWeightsJudge)?.evaluator.forgetActivations()
        try Runtime.trimMemory()
        return result
    }

    private func finish(
        _ scored: ScoredSupernet, _ judge: any PathJudge, _ archive: ArchitectureArchive, _ check: BudgetCheck,
        device: Device
    ) throws -> Result {
        let entries = try archive.entries(in: scored.file.card.supernet.space)
        let best = entries.best(costs: check.costs)
        guard let best else { throw WorkflowError.nothingEvaluated(archive.path) }
        let scores = entries.map(\.score)
        var result = Result(
            architecture: best.architecture, candidates: scored.file.card.supernet.space.names(of: best.architecture),
            score: best.entry.score, metrics: best.entry.metrics, cost: check.costs.cost(of: best.architecture),
            latency: check.latencies?.latency(of: best.architecture), latencyError: check.latencies?.error,
            statistics: study.options.search.statistics, evaluations: entries.count,
            seconds: entries.reduce(0) { $0 + $1.seconds },
            tauParameters: KendallTau.b(scores, entries.map { $0.costs["parameters"] ?? 0 }),
            tauMultiplyAdds: KendallTau.b(scores, entries.map { $0.costs["multiplyAdds"] ?? 0 }))
        if let classifier = scored.classifier {
            result.validation = try handOver(best.architecture, scored, judge, classifier, device: device)
        }
        return result
    }

    /// Writes the best path as a network of its own, with statistics of its own, and scores it.
    private func handOver(
        _ architecture: Architecture, _ scored: ScoredSupernet, _ judge: any PathJudge,
        _ classifier: (weight: Tensor, bias: Tensor), device: Device
    ) throws -> ClassificationScore {
        let file = scored.file
        // Whatever paths were scored with, a network that stands alone needs statistics of its own.
        let shared = (judge as? SharedWeightsJudge)?.evaluator
        let own =
            try shared.flatMap { $0.options.policy == .recalibrate ? $0 : nil }
            ?? scored.evaluator(over: judge.supernet, policy: .recalibrate, device: device)
        try own.recalibrate(architecture)
        let description = NetworkDescription(
            channels: file.card.supernet.channels, classes: study.data.classNames.count,
            backbone: try file.card.supernet.fixed(to: architecture))
        let network = try ClassificationNetwork(
            description, store: ParameterStore(seed: 0, device: device, format: .channelsLast))
        try network.store.load(
            own.supernet.state(of: architecture) + [("fc.weight", classifier.weight), ("fc.bias", classifier.bias)])
        let (mean, std) = study.options.data.normalization
        try NetworkFile.write(
            network,
            NetworkFile.Card(
                network: description, classNames: study.data.classNames, imageSize: study.options.data.imageSize,
                mean: mean, std: std, steps: study.options.data.steps, orientation: study.options.data.orientation),
            to: networkFile)
        return try ClassificationScore.measure(
            network, study.options.data.evaluationLoader(study.validationSet()).batches(epoch: 0),
            classes: study.data.classNames.count, precision: study.options.precision, device: device)
    }
}
