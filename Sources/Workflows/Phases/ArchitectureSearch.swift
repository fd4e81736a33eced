import Files
import Architectures
import Archives
import Datasets
import Experiments
import Methods
import NN
import Networks
import SearchStrategies
import Seeding
import Supernets
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

    static var resumeIgnoredKeys: [String] { ["data.threads", "search.cache-megabytes"] }
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
        let supernetFile = SupernetTraining(study).supernetFile
        let file = try SupernetFile.read(supernetFile)
        var configuration = study.configuration(of: SearchRunConfiguration.self)
        configuration.search = options.search
        configuration.supernet = try FileDigest.text(of: supernetFile)
        let head = try classifier(file)
        if let digest = head?.digest { configuration.classifier = digest }
        // An impossible budget is refused before anything is made.
        let costs = try CostTable(
            file.card.supernet, imageSize: options.data.imageSize, classes: study.data.classNames.count)
        var exact = options.search.budget
        exact.latency = nil
        _ = try BudgetCheck(exact, costs: costs)

        let run = try study.run(Self.name, configuration)
        if let finished = try stored() { return finished }
        let device = try study.device()
        let scorer = try scorer(file, head, device: device)
        let check = try BudgetCheck(
            options.search.budget, costs: costs, latencies: latencies(scorer.supernet))
        let evaluator = try evaluator(scorer, policy: options.search.statistics, device: device)
        let archive = try ArchitectureArchive(path: archiveFile, context: context(configuration))
        let loop = SearchLoop(
            evaluator: evaluator, scorer: scorer, archive: archive, check: check, options: options.search,
            seed: options.seed, progress: study.progress)
        var strategy = try options.search.makeStrategy(
            file.card.supernet.space, seed: SeededGenerator(seed: options.seed, 0x5EA).state, check: check)
        try loop(&strategy)
        let result = try finish(file, evaluator, scorer, head, archive, check, device: device)
        try PhaseResult.write(result, resultFile)
        withExtendedLifetime(run) {}
        // Activations are worth gigabytes, and a network that is trained next needs few of them.
        evaluator.forgetActivations()
        try Runtime.trimMemory()
        return result
    }

    /// The classifier of the supernet or of the probe.
    private func classifier(_ file: SupernetFile) throws -> (weight: Tensor, bias: Tensor, digest: String?)? {
        if let own = file.classifier { return (own.weight, own.bias, nil) }
        let path = LinearProbing(study).probeFile
        guard FilePresence.exists(path) else {
            guard study.options.search.score == .contrastive else { throw WorkflowError.needsProbe(study.path) }
            return nil
        }
        let found = Dictionary(
            try Checkpoint.read(path).tensors.map { ($0.key, $0.tensor) }, uniquingKeysWith: { $1 })
        guard let weight = found["fc.weight"], let bias = found["fc.bias"] else {
            throw TrainingError.badResult(path: path)
        }
        return (weight, bias, try FileDigest.text(of: path))
    }

    private func scorer(
        _ file: SupernetFile, _ head: (weight: Tensor, bias: Tensor, digest: String?)?, device: Device
    ) throws -> any PathScorer {
        let options = study.options
        let set = try Study.sample(study.validationSet(), options.search.images)
        switch options.search.score {
        case .accuracy:
            guard let head else { throw WorkflowError.needsProbe(study.path) }
            let batches = try study.tensors(set, batchSize: options.search.batchSize, device: device)
            return AccuracyScorer(
                supernet: try file.supernet(device: device), images: batches.map(\.images),
                labels: batches.map(\.labels), classifier: try (head.weight.to(device), head.bias.to(device)))
        case .contrastive:
            guard let dimension = file.card.dimension else { throw WorkflowError.needsEmbeddings(file.path) }
            func encoder(_ tensors: [(key: String, tensor: Tensor)]) throws -> SupernetEncoder {
                let made = try SupernetEncoder(
                    file.card.supernet, dimension: dimension,
                    store: ParameterStore(seed: 0, device: device, format: .channelsLast))
                try made.store.load(tensors)
                return made
            }
            let teacherFile = SupernetTraining(study).teacherFile
            let student = try encoder(file.tensors)
            let teacher =
                FilePresence.exists(teacherFile) ? try encoder(SupernetFile.read(teacherFile).tensors) : student
            let loader = try options.data.trainingLoader(
                set, augmentation: options.method.views, batchSize: min(options.search.batchSize, set.count), views: 2,
                seed: SeededGenerator(seed: options.seed, 0xC0E8).state)
            return try ContrastiveScorer(
                student, teacher: teacher, batches: loader.batches(epoch: 0),
                settings: study.methodSettings(device: device),
                temperature: options.method.temperature)
        }
    }

    private func evaluator(_ scorer: any PathScorer, policy: StatisticsPolicy, device: Device) throws -> PathEvaluator {
        let options = study.options
        // Drawn from the training images, the same for every path and every search of this data.
        let set = try Study.sample(study.data.train, options.search.recalibrationImages)
        var recalibration: [Tensor] = []
        if policy == .reestimate {
            recalibration = try study.tensors(set, batchSize: options.search.batchSize, device: device).map(\.images)
        }
        var evaluation = PathEvaluator.Options()
        evaluation.policy = policy
        evaluation.precision = options.precision
        evaluation.cacheLimit = options.search.cacheMegabytes << 20
        return try PathEvaluator(
            scorer.supernet, recalibration: recalibration, validation: scorer.images, options: evaluation)
    }

    /// Measured once for a search: a search that goes on must judge by the same table.
    private func latencies(_ supernet: Supernet) throws -> LatencyTable? {
        guard study.options.search.needsLatency else { return nil }
        if let stored = try PhaseResult.read(LatencyTable.self, latencyFile) { return stored }
        let meter = try LatencyMeter(supernet, imageSize: study.options.data.imageSize)
        let table = try meter.table { share in
            study.progress.update(ProgressState(phase: "latency", step: Int(share * 100), steps: 100))
        }
        study.progress.finish()
        try PhaseResult.write(table, latencyFile)
        return table
    }

    /// What the scores in the archive mean, one thing a line.
    private func context(_ configuration: SearchRunConfiguration) -> String {
        let search = configuration.search
        return [
            "supernet: \(configuration.supernet)", "classifier: \(configuration.classifier)",
            "data: \(configuration.data.source), \(search.images == 0 ? "all" : "\(search.images)") validation images",
            "score: \(search.score.rawValue)",
            "statistics: \(search.statistics.rawValue), \(search.recalibrationImages) images in batches of "
                + "\(search.batchSize)",
            "precision: \(configuration.precision.rawValue)",
        ].joined(separator: "\n")
    }

    private func finish(
        _ file: SupernetFile, _ evaluator: PathEvaluator, _ scorer: any PathScorer,
        _ head: (weight: Tensor, bias: Tensor, digest: String?)?, _ archive: ArchitectureArchive, _ check: BudgetCheck,
        device: Device
    ) throws -> Result {
        let entries = try archive.entries()
        let ranked = entries.compactMap { entry in
            Architecture(entry.architecture).map { (architecture: $0, entry: entry) }
        }
        // Of equal scores the cheaper path is taken, and then the first in the order of paths.
        let best = ranked.max { a, b in
            let (costA, costB) = (check.costs.cost(of: a.architecture), check.costs.cost(of: b.architecture))
            return (a.entry.score, Double(-costA.multiplyAdds)) < (b.entry.score, Double(-costB.multiplyAdds))
                || ((a.entry.score, costA.multiplyAdds) == (b.entry.score, costB.multiplyAdds)
                    && b.architecture < a.architecture)
        }
        guard let best else { throw WorkflowError.nothingEvaluated(archive.path) }
        let scores = entries.map(\.score)
        var result = Result(
            architecture: best.architecture, candidates: file.card.supernet.space.names(of: best.architecture),
            score: best.entry.score, metrics: best.entry.metrics, cost: check.costs.cost(of: best.architecture),
            latency: check.latencies?.latency(of: best.architecture), latencyError: check.latencies?.error,
            statistics: study.options.search.statistics, evaluations: entries.count,
            seconds: entries.reduce(0) { $0 + $1.seconds },
            tauParameters: KendallTau.b(scores, entries.map { $0.costs["parameters"] ?? 0 }),
            tauMultiplyAdds: KendallTau.b(scores, entries.map { $0.costs["multiplyAdds"] ?? 0 }))
        if let head {
            result.validation = try handOver(
                best.architecture, file, evaluator, scorer, (head.weight, head.bias), device: device)
        }
        return result
    }

    /// Writes the best path as a network of its own, with statistics of its own, and scores it.
    private func handOver(
        _ architecture: Architecture, _ file: SupernetFile, _ evaluator: PathEvaluator, _ scorer: any PathScorer,
        _ head: (weight: Tensor, bias: Tensor), device: Device
    ) throws -> ClassificationScore {
        // Whatever paths were scored with, a network that stands alone needs statistics of its own.
        let own =
            evaluator.options.policy == .reestimate
            ? evaluator : try self.evaluator(scorer, policy: .reestimate, device: device)
        try own.reestimate(architecture)
        let description = NetworkDescription(
            channels: file.card.supernet.channels, classes: study.data.classNames.count,
            backbone: try file.card.supernet.fixed(to: architecture))
        let network = try ClassificationNetwork(
            description, store: ParameterStore(seed: 0, device: device, format: .channelsLast))
        try network.store.load(
            scorer.supernet.state(of: architecture) + [("fc.weight", head.weight), ("fc.bias", head.bias)])
        let (mean, std) = study.options.data.normalization
        try NetworkFile.write(
            network,
            NetworkFile.Card(
                network: description, classNames: study.data.classNames, imageSize: study.options.data.imageSize,
                mean: mean, std: std, resize: study.options.data.resize), to: networkFile)
        return try ClassificationScore.measure(
            network, study.options.data.evaluationLoader(study.validationSet()).batches(epoch: 0),
            classes: study.data.classNames.count, precision: study.options.precision, device: device)
    }
}
