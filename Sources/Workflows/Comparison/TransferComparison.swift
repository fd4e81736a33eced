import Datasets
import Experiments
import Results
import Support
import Tasks

/// Compares ways of transfer: adapts pre-trained supernets to several tasks with several seeds, each beside its
/// controls. Sources are trained in `sources/NAME/seed-N` and adapted in `TASK/SOURCE/seed-N`. Call the value to run
/// it, or to continue an interrupted run; finished trainings are not run again.
public struct TransferComparison {
    /// The result of one adaptation.
    public typealias Outcome = TransferOutcome

    /// The settings of the comparison.
    public let options: TransferComparisonConfiguration
    /// The path of the folder.
    public let path: String
    private let versions: [String: String]
    private let progress: ProgressReporter
    private let open: TaskData

    private struct SourceJob: Sendable {
        let options: StudyConfiguration
        let path: String
    }

    private struct Job: Sendable {
        let target: TransferComparisonConfiguration.Target
        let source: String
        let seed: UInt64
        let options: AdaptationConfiguration
        let path: String
    }

    /// Sets up a comparison. Nothing is trained before it is called.
    ///
    /// - Parameters:
    ///   - options: the settings of the comparison.
    ///   - path: the path of the folder.
    ///   - versions: versions of whatever results may depend on, such as that of libtorch, for the record.
    ///   - progress: the reporter that shows progress.
    ///   - open: the functions that open data by name or path.
    public init(
        options: TransferComparisonConfiguration, path: String, versions: [String: String], progress: ProgressReporter,
        open: TaskData
    ) {
        self.options = options
        self.path = FilePath.trim(path)
        self.versions = versions
        self.progress = progress
        self.open = open
    }

    /// The path of the file of all results.
    public var resultFile: String { FilePath.join(path, "results.json") }

    /// The path of the folder of an adaptation.
    public func folder(task: String, source: String, seed: UInt64) -> String {
        FilePath.join(path, "\(task)/\(source)/seed-\(seed)")
    }

    /// Trains the sources and adapts them, or continues.
    ///
    /// - Parameter workers: the number of trainings at a time, each with one thread.
    /// - Returns: the results in the order of tasks, sources and seeds.
    /// - Throws: `ConfigurationError` for invalid settings, before anything is trained; what training throws.
    public func callAsFunction(workers: Int) throws -> [Outcome] {
        let sources = try sourceJobs()
        // Settings and data are checked before hours are spent, and data is fetched or rendered before several workers
        // ask for it.
        for target in options.tasks {
            for source in target.sources {
                let base: AdaptationConfiguration =
                    if let file = file(source) { try .adapting(file) } else { try .adapting(source, study(source)) }
                let settings = try ConfigurationLoader.load(
                    AdaptationConfiguration.self, over: base, files: [],
                    overrides: settings(source, target, seed: options.seeds[0])
                ).value
                _ = try settings.task.task(settings.data, open: open)
            }
        }
        for source in Set(sources.map(\.options.data.source)) { _ = try open.classes(source) }
        let folder = try Comparison.claim(path, options, runs: sources.map { "\($0.path)/\(SupernetTraining.name)" })
        defer { withExtendedLifetime(folder) {} }
        let (open, versions) = (open, versions)
        try run(sources, workers, "sources") { job, _ in try Self.train(job, open: open, versions: versions) }
        let jobs = try self.jobs()
        let outcomes = try run(jobs, workers, "adaptations") { job, _ in
            try Self.adapt(job, open: open, versions: versions)
        }
        let ordered = jobs.compactMap { job in
            outcomes.first { ($0.task, $0.source, $0.seed) == (job.target.name, job.source, job.seed) }
        }.sorted { place($0) < place($1) }
        try ResultFile.write(ordered, to: resultFile)
        return ordered
    }

    private func place(_ outcome: Outcome) -> (Int, Int, Int) {
        (
            options.tasks.firstIndex { $0.name == outcome.task } ?? 0,
            options.sources.firstIndex { $0.name == outcome.source } ?? 0,
            options.seeds.firstIndex(of: outcome.seed) ?? 0
        )
    }

    @discardableResult
    private func run<Job: Sendable, Done: Sendable>(
        _ jobs: [Job], _ workers: Int, _ phase: String,
        _ work: @escaping @Sendable (Job, @Sendable () -> Bool) throws -> Done?
    ) throws -> [Done] {
        var done: [Done] = []
        func report() { progress.update(ProgressState(phase: phase, step: done.count, steps: jobs.count)) }
        report()
        try WorkerPool.run(jobs, workers: workers, work: work) {
            done.append($1)
        } waiting: {
            report()
        }
        progress.finish()
        return done
    }

    private func sourceJobs() throws -> [SourceJob] {
        try options.seeds.flatMap { seed in
            try options.sources.filter { $0.from == nil }.map { source in
                let folder = sourcePath(source.name, seed)
                return SourceJob(
                    options: try ConfigurationLoader.load(
                        StudyConfiguration.self, continuing: FilePath.join(folder, Study.settingsName),
                        overrides: source.settings + ["seed=\(seed)"]
                    ).value, path: folder)
            }
        }
    }

    private func sourcePath(_ name: String, _ seed: UInt64) -> String {
        file(name) ?? FilePath.join(path, "sources/\(name)/seed-\(seed)")
    }

    /// The file of a source that is not trained; nil for one that is.
    private func file(_ name: String) -> String? { options.sources.first { $0.name == name }?.from }

    private static func train(_ job: SourceJob, open: TaskData, versions: [String: String]) throws -> Bool {
        let study = try Study(
            job.options, path: job.path, open: open, versions: versions,
            progress: ProgressReporter(output: NoOutput()))
        try SupernetTraining(study)()
        if !job.options.method.isSupervised && job.options.search.score.needsClassifier {
            try LinearProbing(study)()
        }
        try ArchitectureSearch(study)()
        return true
    }

    /// The adaptations, ordered by seed first.
    private func jobs() throws -> [Job] {
        try options.seeds.flatMap { seed in
            try options.tasks.flatMap { target in
                try target.sources.map { source in
                    let folder = folder(task: target.name, source: source, seed: seed)
                    return Job(
                        target: target, source: source, seed: seed,
                        options: try ConfigurationLoader.load(
                            AdaptationConfiguration.self, over: .adapting(sourcePath(source, seed)),
                            continuing: FilePath.join(folder, RunFolder.configurationName),
                            overrides: settings(source, target, seed: seed) + ["seed=\(seed)"]
                        ).value, path: folder)
                }
            }
        }
    }

    /// The settings of an adaptation. A source that was trained without labels is adapted by linear evaluation, unless
    /// settings say otherwise.
    private func settings(
        _ name: String, _ target: TransferComparisonConfiguration.Target, seed: UInt64
    ) throws -> [String] {
        let source = options.sources.first { $0.name == name }
        let isSupervised = try source?.from != nil || study(name).method.isSupervised
        let place = options.seeds.firstIndex(of: seed) ?? 0
        let folds = target.folds.map { ["data.folds=\($0)", "data.fold=\(place % $0 + 1)"] } ?? []
        return (isSupervised ? [] : ["search.score=linear-evaluation"])
            + options.settings + (source?.adaptation ?? []) + folds + target.settings
    }

    private func study(_ name: String) throws -> StudyConfiguration {
        let source = options.sources.first { $0.name == name }
        return try ConfigurationLoader.load(StudyConfiguration.self, files: [], overrides: source?.settings ?? []).value
    }

    private static func adapt(_ job: Job, open: TaskData, versions: [String: String]) throws -> Outcome {
        let adaptation = try Adaptation(
            options: job.options, task: job.options.task.task(job.options.data, open: open), path: job.path,
            versions: versions, progress: ProgressReporter(output: NoOutput()))
        return Outcome(
            task: job.target.name, source: job.source, seed: job.seed, isUnsupervised: adaptation.isUnsupervised,
            result: try adaptation())
    }

    /// The adaptation of an outcome, to read the files in its folder; nil for an outcome of other settings.
    public func adaptation(_ outcome: Outcome) throws -> Adaptation? {
        guard
            let job = try jobs().first(where: {
                ($0.target.name, $0.source, $0.seed) == (outcome.task, outcome.source, outcome.seed)
            })
        else { return nil }
        return try Adaptation(
            options: job.options, task: job.options.task.task(job.options.data, open: open), path: job.path,
            versions: versions, progress: ProgressReporter(output: NoOutput()))
    }
}
