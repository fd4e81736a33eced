import Architectures
import Archives
import Experiments
import Results
import Support
import Tasks
import Torch
import Training

/// Compares search strategies: each searches the supernet that a finished adaptation trained, with several seeds, as the
/// adaptation did, and the best score so far is recorded over the time that passed. Call the value to run it, or to
/// continue an interrupted run; finished searches are not run again. The folder then holds:
///
/// ```
/// STRATEGY/seed-N/   a search:       archive.sqlite, result.json
/// strategies.json    all curves, as a `StrategyComparisonResult`
/// curves.csv         the same as a table
/// ```
///
/// Searches run one after the other, each from an empty archive and without what was computed for another. Those of a
/// seed begin with the same paths. Nothing is written into the adaptation's folder.
public struct StrategyComparison {
    /// The result that the comparison writes to `strategies.json`.
    public typealias Result = StrategyComparisonResult

    static let resultName = "strategies.json"
    static let curvesName = "curves.csv"

    /// The settings of the comparison.
    public let options: StrategyComparisonConfiguration
    /// The path of the folder.
    public let path: String
    private let versions: [String: String]
    private let progress: ProgressReporter
    private let open: TaskData

    private struct Job {
        let strategy: SearchConfiguration.Strategy
        let seed: UInt64
        let path: String
    }

    /// Sets up a comparison. Nothing is read or searched before it is called.
    ///
    /// - Parameters:
    ///   - options: the settings of the comparison.
    ///   - path: the path of the folder.
    ///   - versions: versions of whatever results may depend on, such as that of libtorch, for the record.
    ///   - progress: the reporter that shows progress.
    ///   - open: the functions that open data by name or path.
    public init(
        options: StrategyComparisonConfiguration, path: String, versions: [String: String],
        progress: ProgressReporter, open: TaskData
    ) {
        self.options = options
        self.path = FilePath.trim(path)
        self.versions = versions
        self.progress = progress
        self.open = open
    }

    /// The path of the file of all results.
    public var resultFile: String { FilePath.join(path, Self.resultName) }
    /// The path of the table of all curves.
    public var curvesFile: String { FilePath.join(path, Self.curvesName) }

    /// Searches, or continues.
    ///
    /// - Throws: `WorkflowError.notAnAdaptation`, `WorkflowError.noAdaptedSupernet` or `WorkflowError.cannotCompare` for an
    ///   adaptation or settings that do not suit; `ConfigurationError` for invalid settings; `ChangedDataError` for other
    ///   images than the adaptation learned from; `RunFolderError` for searches that were begun with other settings;
    ///   what searching throws.
    public func callAsFunction() throws -> Result {
        let adaptation = try adaptation()
        let jobs = jobs()
        let folder = try Comparison.claim(path, options, runs: jobs.map(\.path))
        defer { withExtendedLifetime(folder) {} }
        let digest = try FileDigest.text(of: adaptation.adaptedFile)
        let searcher = Searcher(adaptation: adaptation, folder: path, strategies: options.strategies, progress)
        var found: [StrategySearchResult] = []
        for job in jobs { found.append(try run(job, adaptation, digest: digest, searcher)) }
        try searcher.finish()
        let score = try score(adaptation, jobs[0])
        let result = Result(
            adaptation: options.adaptation, score: score.name, isShare: score.isShare,
            budget: Self.words(adaptation.options.search), strategies: options.strategies.map(\.rawValue),
            searches: options.strategies.flatMap { strategy in found.filter { $0.strategy == strategy.rawValue } })
        try ResultFile.write(result, to: resultFile)
        try AtomicFile.write(result.csv, to: curvesFile)
        return result
    }

    /// The searches, ordered by seed first, so that a machine that becomes slower slows all strategies alike.
    private func jobs() -> [Job] {
        options.seeds.flatMap { seed in
            options.strategies.map { strategy in
                Job(
                    strategy: strategy, seed: seed,
                    path: FilePath.join(path, "\(strategy.rawValue)/seed-\(seed)"))
            }
        }
    }

    private func run(
        _ job: Job, _ adaptation: Adaptation, digest: String, _ searcher: Searcher
    ) throws -> StrategySearchResult {
        var configuration = StrategySearchConfiguration()
        (configuration.supernet, configuration.task) = (digest, adaptation.task.name)
        (configuration.data, configuration.search) = (adaptation.options.data, adaptation.options.search)
        configuration.search.strategy = job.strategy
        let run = try RunFolder(
            job.path, configuration: Resolved(configuration), seed: job.seed, versions: versions,
            places: adaptation.options.data.places(under: "data"))
        defer { withExtendedLifetime(run) {} }
        let file = FilePath.join(job.path, ResultFile.name)
        if let stored = try ResultFile.read(StrategySearchResult.self, file) {
            guard (stored.strategy, stored.seed) == (job.strategy.rawValue, job.seed) else {
                throw ResultError.damaged(path: file)
            }
            return stored
        }
        let found = try searcher.search(
            configuration.search, seed: job.seed, folder: job.path, digest: digest)
        let evaluations = found.entries.compactMap { entry in
            Architecture(entry.architecture).map {
                (path: $0, round: entry.round, score: entry.score, seconds: entry.seconds)
            }
        }
        guard
            let result = StrategySearchResult(
                strategy: job.strategy.rawValue, seed: job.seed, evaluations: evaluations,
                strategySeconds: found.strategySeconds)
        else { throw WorkflowError.nothingEvaluated(job.path) }
        try ResultFile.write(result, to: file)
        return result
    }

    /// What scores are, in words, and whether they are shares of one.
    private func score(_ adaptation: Adaptation, _ job: Job) throws -> (name: String, isShare: Bool) {
        let archive = try ArchitectureArchive(existing: FilePath.join(job.path, PathSearch.archiveName))
        // A task without a cross-entropy is scored by its own figure, whatever the settings say.
        let metrics = try archive.best(1).first?.metrics ?? [:]
        if adaptation.options.search.score == .loss, metrics["loss"] != nil { return ("negative cross-entropy", false) }
        guard let metric = adaptation.task.metrics.first, metric.unit == .share, metric.isHigherBetter else {
            return ("score", false)
        }
        return (metric.name, true)
    }

    /// The budget in words; nil for none.
    private static func words(_ search: SearchConfiguration) -> String? {
        let requested = search.budgetRequests.map { request in
            let amount = request.text.split(separator: " ").first.map(String.init) ?? request.text
            let of = amount.hasSuffix("%") ? " of the most" : ""
            switch request.quantity {
            case .multiplyAdds: return "\(amount)\(of) multiply-adds"
            case .parameters: return "\(amount)\(of) parameters"
            case .latency: return "\(amount)\(of) latency"
            }
        }
        let limits = [
            search.maxMacs.map { "\($0) multiply-adds" }, search.maxParams.map { "\($0) parameters" },
            search.maxLatencyMs.map { "\($0) ms latency" },
        ].compactMap(\.self)
        let all = requested + limits
        return all.isEmpty ? nil : all.joined(separator: ", ")
    }

    /// Opens the adaptation with the settings of the searches. Nothing is written.
    private func adaptation() throws -> Adaptation {
        let folder = FilePath.trim(options.adaptation)
        let file = FilePath.join(folder, RunFolder.configurationName)
        func refuse(_ missing: String) -> WorkflowError { .notAnAdaptation(folder, missing: missing) }
        guard FilePath.exists(folder) else { throw refuse("there is no such folder") }
        guard FilePath.exists(file), try Set(ConfigurationLoader.keys(of: file)).isSuperset(of: ["source", "finetune"])
        else { throw refuse("it has no \(RunFolder.configurationName) of an adaptation") }
        guard try Adaptation.stored(folder) != nil else { throw refuse("it has no \(ResultFile.name) yet") }
        let inside = FilePath.join(FilePath.real(folder) ?? folder, "")
        guard !FilePath.join(Self.real(path), "").hasPrefix(inside) else {
            throw WorkflowError.cannotCompare(
                "\(path) lies in the folder of the adaptation, which stays as it is; choose another folder with --run")
        }
        let stored = try ConfigurationLoader.load(AdaptationConfiguration.self, stored: file).value
        var settings = try ConfigurationLoader.load(
            AdaptationConfiguration.self, stored: file, overrides: options.settings
        ).value
        // Neither is trained, whatever the adaptation did.
        (settings.controls, settings.comparisons) = ([], false)
        guard stored.search.score != .linearEvaluation else { throw WorkflowError.noAdaptedSupernet(folder) }
        guard settings.search.score != .linearEvaluation else {
            throw WorkflowError.cannotCompare(
                "`search.score=linear-evaluation` looks at another supernet than the adaptation trained; score paths by "
                    + "`accuracy` or `loss`")
        }
        guard settings.search.budgets.count <= 1 else {
            throw WorkflowError.cannotCompare(
                "strategies are compared within one budget, and there are \(settings.search.budgets.count); choose one, "
                    + "such as `search.budgets=[\(settings.search.budgets[0])]` in `settings`")
        }
        // Where the files were when the adaptation ran, should it have run in another folder.
        let places = RunFolder.places(of: folder)
        func place(_ key: String, _ text: String) -> String {
            guard !FilePath.exists(text), let place = places[key]?.path, FilePath.exists(place) else { return text }
            return place
        }
        settings.source = place("source", settings.source)
        settings.data.source = place("data.source", settings.data.source)
        let adaptation = try Adaptation(
            options: settings, task: settings.task.task(settings.data, open: open), path: folder, versions: versions,
            progress: progress)
        guard FilePath.exists(adaptation.adaptedFile) else {
            throw refuse("\(adaptation.adaptedFile) is missing")
        }
        try adaptation.record.requireUnchanged()
        return adaptation
    }

    /// The path from the root of a folder that need not be there yet.
    private static func real(_ path: String) -> String {
        if let real = FilePath.real(path) { return real }
        let (folder, name) = (FilePath.folder(of: path), FilePath.name(of: path))
        return folder == path || name.isEmpty ? path : FilePath.join(real(folder), name)
    }
}

/// The settings on which the result of a search depends.
private struct StrategySearchConfiguration: Configuration {
    /// The digest of the supernet.
    var supernet = ""
    var task = ""
    var data = DataConfiguration()
    var search = SearchConfiguration()

    static var resumeIgnoredKeys: [String] { DataConfiguration.keysWithoutEffect }
}

/// Searches the supernet of a finished adaptation, one search after the other. What all of them need is made when the first
/// one begins: images, the supernet, and latencies where a budget or an objective asks for them.
private final class Searcher {
    private let adaptation: Adaptation
    private let folder: String
    private let strategies: [SearchConfiguration.Strategy]
    private let progress: ProgressReporter
    private var parts: (judge: SharedWeightsJudge, check: BudgetCheck)?

    /// - Parameters:
    ///   - adaptation: the finished adaptation, with the settings of the searches.
    ///   - folder: the path of the folder of the comparison, which keeps latencies.
    ///   - strategies: the strategies that are compared.
    ///   - progress: the reporter that shows progress.
    init(
        adaptation: Adaptation, folder: String, strategies: [SearchConfiguration.Strategy],
        _ progress: ProgressReporter
    ) {
        (self.adaptation, self.folder, self.strategies) = (adaptation, folder, strategies)
        self.progress = progress
    }

    /// Runs a search, or continues it.
    func search(
        _ search: SearchConfiguration, seed: UInt64, folder: String, digest: String
    ) throws -> PathSearch.Found {
        let (judge, check) = try parts ?? prepare()
        parts = (judge, check)
        // No search is quicker for what was computed for another.
        try judge.finish()
        return try pathSearch(
            search, folder, seed: seed, context: adaptation.context(digest: digest),
            phase: "\(search.strategy.rawValue), seed \(seed)")(
                .asked(seed: Adaptation.searchSeed(seed), beginning: adaptation.beginning(seed: seed, within: check)),
                judge,
                within: check)
    }

    /// Frees the memory that was used.
    func finish() throws { try parts?.judge.finish() }

    private func prepare() throws -> (judge: SharedWeightsJudge, check: BudgetCheck) {
        let judge = try adaptation.judgeOfFinished(Device.configured(adaptation.options.device))
        // One budget and one table of latencies for all: those of a strategy that needs latencies, if any does.
        let searches = strategies.map { strategy in
            var search = adaptation.options.search
            search.strategy = strategy
            return search
        }
        let search = searches.first(where: \.needsLatency) ?? adaptation.options.search
        try takeLatencies(search)
        let check = try pathSearch(search, folder, seed: adaptation.options.seed).budgets(
            judge.supernet.description, device: judge.supernet.store.device)[0].check
        // The first search is not to pay for what libtorch does but once.
        _ = try judge.scores(of: [adaptation.sourcePath])
        return (judge, check)
    }

    /// Takes over the latencies that the adaptation measured, so that its budget is the same.
    private func takeLatencies(_ search: SearchConfiguration) throws {
        let own = FilePath.join(folder, PathSearch.latencyName)
        let measured = FilePath.join(adaptation.path, "search/\(PathSearch.latencyName)")
        guard search.needsLatency, search.latencyTable == nil, !FilePath.exists(own), FilePath.exists(measured) else {
            return
        }
        try AtomicFile.write(InputFile.readAll(measured), to: own)
    }

    private func pathSearch(
        _ search: SearchConfiguration, _ folder: String, seed: UInt64, context: String = "", phase: String = "search"
    ) throws -> PathSearch {
        PathSearch(
            folder: folder, context: context, options: search, costs: try adaptation.costs(),
            imageSize: adaptation.options.data.imageSize, seed: seed, progress: progress, phase: phase,
            isAccuracy: false)
    }
}
