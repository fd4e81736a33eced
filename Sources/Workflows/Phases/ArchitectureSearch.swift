import Architectures
import Datasets
import Experiments
import Metrics
import Networks
import Results
import Support
import Tasks
import Torch
import Training

/// The settings on which the phase's result depends.
struct SearchRunConfiguration: PhaseConfiguration {
    var seed: UInt64 = 1
    var precision = Precision.bfloat16
    var device = "cpu"
    var task = TaskConfiguration()
    var data = DataConfiguration()
    var search = SearchConfiguration()
    /// The digest of the supernet that is searched.
    var supernet = ""
    /// The digest of its probe; empty where the supernet has a head of its own, or none is needed.
    var classifier = ""

    static var resumeIgnoredKeys: [String] { DataConfiguration.keysWithoutEffect + ["search.cache-megabytes"] }
}

/// The search of a study: it evaluates paths of the study's supernet within a budget, and writes the best as a network
/// with inherited weights. It needs ``SupernetTraining``, and after training without labels also ``LinearProbing``.
/// Call the value to run the phase, or to continue an interrupted run.
public struct ArchitectureSearch: StudyPhase {
    /// The result that the phase writes to `result.json`.
    public typealias Result = SearchResult

    /// The name of the phase and of its folder.
    public static let name = "search"
    /// The study that the phase is part of.
    public let study: Study

    /// Sets up the phase. Nothing is evaluated before it is called.
    public init(_ study: Study) { self.study = study }

    /// The path of the archive of all evaluated paths, an SQLite database.
    public var archiveFile: String { FilePath.join(folder, PathSearch.archiveName) }
    /// The path of the best network, with inherited weights.
    public var networkFile: String { FilePath.join(folder, NetworkTraining.networkName) }

    /// Whether paths are scored by the accuracy of a task with classes, rather than by another metric.
    public var isByAccuracy: Bool { study.options.search.score == .accuracy && study.task.metrics.first == .accuracy }

    /// Checks that some architecture is within the limits of the settings, apart from a latency that is yet to be
    /// measured. It needs no supernet, so a budget that cannot be kept is refused before hours of training.
    ///
    /// - Throws: `SpaceError.impossibleBudget`; `LatencyTableError` for a table of latencies that does not fit;
    ///   `SpaceError` for a space that does not fit the images.
    public func refuseImpossibleBudget() throws {
        let (options, supernet) = (study.options, try SupernetTraining(study).description())
        try PathSearch.refuseImpossible(
            options.search, study.task.costs(of: supernet, imageSize: options.data.imageSize), of: supernet,
            imageSize: options.data.imageSize)
    }

    /// Runs the search, continues an interrupted one, or returns the result of a finished one.
    ///
    /// - Parameter work: the store in which other processes take paths to score; nil to score all here.
    /// - Throws: `SpaceError.impossibleBudget`; `WorkflowError.needsProbe` if the score needs a classifier and there is
    ///   none; `RunFolderError` if the folder was made with other settings; what reading the supernet or evaluating
    ///   throws.
    @discardableResult
    public func callAsFunction(sharing work: SharedPathWork? = nil) throws -> SearchResult {
        let options = study.options
        let scored = try ScoredSupernet(work?.study(study) ?? study)
        var configuration = study.configuration(of: SearchRunConfiguration.self)
        configuration.search = options.search
        (configuration.supernet, configuration.classifier) = (scored.digest, scored.probeDigest)
        let costs = try scored.costs()
        try PathSearch.refuseImpossible(
            options.search, costs, of: scored.file.card.supernet, imageSize: options.data.imageSize)
        let run = try study.run(Self.name, configuration)
        if let finished = try stored() { return finished }
        let device = try study.device()
        let own = try scored.judge(on: study.task.validationSet(), device: device)
        let judge: any PathJudge = try work.map { try SharedJudge(own, $0, context: scored.context) } ?? own
        let search = PathSearch(
            folder: folder, context: scored.context, isSame: scored.isContext, options: options.search, costs: costs,
            imageSize: options.data.imageSize, seed: options.seed, progress: study.progress,
            isAccuracy: isByAccuracy)
        let found = try search(.asked(seed: study.seed(RandomStream.search)), judge)
        let result = try finish(found, scored, judge, device: device)
        try ResultFile.write(result, to: resultFile)
        withExtendedLifetime(run) {}
        // Activations are worth gigabytes, and a network that is trained next needs few of them.
        try judge.finish()
        return result
    }

    /// Scores paths for the search of another process, until that is over.
    ///
    /// - Parameters:
    ///   - work: the store in which it hands out paths.
    ///   - timeout: the seconds to wait for it.
    /// - Throws: `WorkflowError.otherSearch` if scores would depend on other things here; what reading the supernet throws.
    public func serve(_ work: SharedPathWork, timeout: Double) throws {
        let scored = try ScoredSupernet(work.study(study))
        try work.serve(
            scored.judge(on: study.task.validationSet(), device: study.device()), context: scored.context,
            timeout: timeout)
    }

    private func finish(
        _ found: PathSearch.Found, _ scored: ScoredSupernet, _ judge: any PathJudge, device: Device
    ) throws -> SearchResult {
        let (entries, check) = (found.entries, found.check)
        guard let best = entries.best(costs: check.costs) else {
            throw WorkflowError.nothingEvaluated(found.archive.path)
        }
        let scores = entries.map(\.score)
        return SearchResult(
            architecture: best.architecture, candidates: judge.supernet.space.names(of: best.architecture),
            score: best.entry.score, metrics: best.entry.metrics, cost: check.costs.cost(of: best.architecture),
            latency: check.latencies?.latency(of: best.architecture), latencyError: check.latencies?.error,
            statistics: study.options.search.statistics.rawValue, evaluations: entries.count,
            seconds: entries.reduce(0) { $0 + $1.seconds },
            tauParameters: KendallTau.b(scores, entries.map { $0.costs["parameters"] ?? 0 }),
            tauMultiplyAdds: KendallTau.b(scores, entries.map { $0.costs["multiplyAdds"] ?? 0 }),
            validation: try scored.head.map { try handOver(best.architecture, judge, head: $0, device: device) })
    }

    /// Writes the best path as a stand-alone network with recalibrated batch-norm statistics, and scores it.
    private func handOver(
        _ architecture: Architecture, _ judge: any PathJudge, head: [(key: String, tensor: Tensor)], device: Device
    ) throws -> Score {
        let options = study.options
        let setup = NetworkSetup(
            task: study.task, layer: try judge.supernet.description.fixed(to: architecture),
            channels: judge.supernet.description.channels, data: options.data, train: TrainConfiguration(),
            precision: options.precision, device: device, seeds: .network(0), section: "finetune")
        var own = setup
        // The head that all paths share, whatever they were scored with.
        let isHead = { (key: String) in key.hasPrefix(NetworkHead.key + ".") }
        own.weights = { try judge.weights(of: architecture).filter { !isHead($0.key) } + head }
        let method = try own.method(batches: 1)
        try NetworkFile.write(
            method.network.store.state, own.card(features: method.network.backbone.features), to: networkFile)
        return try method.measure(
            options.data.evaluationLoader(study.task.validationSet()).batches(epoch: 0), of: .validation
        ).score()
    }
}
