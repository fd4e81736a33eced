import Architectures
import Datasets
import Experiments
import Foundation
import Rankings
import Results
import Support
import Tasks

/// Compares training methods: trains supernets by several methods on several spaces with several seeds, and judges the
/// ranking of each by the benchmark table of its space. Each training is a study of its own in `SPACE/METHOD/seed-N`.
/// Call the value to run it, or to continue an interrupted run; finished trainings are not run again.
public struct RankingComparison {
    /// The result of one training under one score of paths.
    public typealias Outcome = RankingOutcome
    /// The result that the comparison writes to `results.json`.
    public typealias Result = RankingComparisonResult

    private struct Job: Sendable {
        let space: RankingComparisonConfiguration.Space
        let method: RankingComparisonConfiguration.Case
        let seed: UInt64
        let options: [SearchConfiguration.Score: StudyConfiguration]
        let data: OpenedDataset
        let path: String

        /// The space as a supernet; nil without settings.
        func description() throws -> SupernetDescription? {
            try options.values.first.map { options in
                let study = try Study(
                    options, path: path, open: .given(data), progress: ProgressReporter(output: NoOutput()))
                return try SupernetTraining(study).description()
            }
        }
    }

    /// The settings of the comparison.
    public let options: RankingComparisonConfiguration
    /// The path of the folder.
    public let path: String
    private let versions: [String: String]
    private let progress: ProgressReporter
    private let open: (String) throws -> OpenedDataset

    /// Sets up a comparison. Nothing is trained before it is called.
    ///
    /// - Parameters:
    ///   - options: the settings of the comparison.
    ///   - path: the path of the folder.
    ///   - versions: versions of whatever results may depend on, such as that of libtorch, for the record.
    ///   - progress: the reporter that shows progress.
    ///   - open: the function that opens a data set by name or path.
    public init(
        options: RankingComparisonConfiguration, path: String, versions: [String: String], progress: ProgressReporter,
        open: @escaping (String) throws -> OpenedDataset
    ) {
        self.options = options
        self.path = FilePath.trim(path)
        self.versions = versions
        self.progress = progress
        self.open = open
    }

    /// The path of the file of all results.
    public var resultFile: String { FilePath.join(path, "results.json") }

    /// Trains the supernets and judges their rankings, or continues.
    ///
    /// - Parameter workers: the number of trainings at a time, each with one thread.
    /// - Throws: `ConfigurationError` for invalid settings of a training and `WorkflowError.unusableTable` for a table that cannot
    ///   judge, before anything is trained; what training and judging throws.
    public func callAsFunction(workers: Int) throws -> Result {
        let jobs = try jobs()
        // A table by which nothing can be judged is told of before hours are spent.
        let trivial = try trivial(jobs)
        let folder = try Comparison.claim(path, options, runs: jobs.map { "\($0.path)/\(SupernetTraining.name)" })
        defer { withExtendedLifetime(folder) {} }
        var outcomes: [[Outcome]] = []
        var done = 0
        func report() { progress.update(ProgressState(phase: "study", step: done, steps: jobs.count)) }
        report()
        let versions = versions
        try WorkerPool.run(jobs, workers: workers) { job, _ in
            try Self.run(job, versions: versions)
        } finished: { job, outcome in
            done += 1
            outcomes.append(outcome)
            let best = outcome.compactMap { $0.quality["all"]?.tau?.value }.max()
            progress.print(
                "\(job.space.name), \(job.method.name), seed \(job.seed): "
                    + (best.map { "tau \(String(format: "%.3f", $0))" } ?? "no tau"))
        } waiting: {
            report()
        }
        progress.finish()
        let result = Result(outcomes: ordered(outcomes.flatMap { $0 }), trivial: trivial)
        // What a finished comparison says stays as it is, with the baselines of its version.
        if let stored = try ResultFile.read(Result.self, resultFile),
            Self.inOldWords(stored.outcomes) == Self.inOldWords(result.outcomes)
        {
            return stored
        }
        try ResultFile.write(result, to: resultFile)
        return result
    }

    /// The trainings, ordered by seed first.
    private func jobs() throws -> [Job] {
        // A table that cannot be read is told of before hours are spent.
        for space in options.spaces { _ = try BenchmarkTable.read(space.truth) }
        var opened: [String: OpenedDataset] = [:]
        return try options.seeds.enumerated().flatMap { number, seed in
            try options.spaces.flatMap { space in
                try options.methods.filter { number < $0.seeds ?? options.seeds.count }.map { method in
                    let settings = options.settings + space.settings + method.settings + ["seed=\(seed)"]
                    let scores = method.scores ?? [.accuracy]
                    let folder = FilePath.join(path, "\(space.name)/\(method.name)/seed-\(seed)")
                    let all = try scores.map { score in
                        let resolved = try ConfigurationLoader.load(
                            StudyConfiguration.self, continuing: FilePath.join(folder, Study.settingsName),
                            overrides: settings + ["search.score=\(score.rawValue)"]
                        )
                        return (score, resolved.value)
                    }
                    let source = all[0].1.data.source
                    let data = try opened[source] ?? open(source)
                    opened[source] = data
                    return Job(
                        space: space, method: method, seed: seed, options: Dictionary(all) { first, _ in first },
                        data: data, path: folder)
                }
            }
        }
    }

    private static func run(_ job: Job, versions: [String: String]) throws -> [Outcome] {
        let scores = job.method.scores ?? [.accuracy]
        return try scores.compactMap { score in
            guard let options = job.options[score] else { return nil }
            let study = try Study(
                options, path: job.path, open: .given(job.data), versions: versions,
                progress: ProgressReporter(output: NoOutput()))
            let supernet = try SupernetTraining(study)()
            var seconds = supernet.seconds
            if score.needsClassifier && !options.method.isSupervised {
                seconds += try LinearProbing(study)().seconds
            }
            let ranking = try PathRanking(study, table: job.space.truth)
            let found = try ranking()
            let trial = RankingTrial(
                table: ranking.table, scores: RankingResult.scores(of: [found]), proxies: [])
            func quality(_ measure: RankingTrial.Measure) throws -> [String: RankingQuality] {
                var found: [String: RankingQuality] = [:]
                for (name, half) in halves {
                    do {
                        let judged = try trial.judge(by: measure, half: half, resamples: 200)
                        found[name] = judged.rankers.first { $0.kind == .supernet }?.quality
                    } catch RankingError.constant {
                        // A supernet whose features have collapsed is a result, not a reason to stop the others.
                        continue
                    }
                }
                return found
            }
            return Outcome(
                space: job.space.name, method: job.method.name, seed: job.seed, score: score.rawValue,
                quality: try quality(.accuracy), qualityByLoss: try quality(.loss),
                shifts: try shifts(SupernetTraining(study).folder), seconds: seconds)
        }
    }

    /// Outcomes without the figures that earlier versions did not have.
    private static func inOldWords(_ outcomes: [Outcome]) -> [Outcome] {
        outcomes.map { outcome in
            var outcome = outcome
            for name in outcome.quality.keys { outcome.quality[name]?.tauA = nil }
            for name in outcome.qualityByLoss.keys { outcome.qualityByLoss[name]?.tauA = nil }
            return outcome
        }
    }

    private static let halves: [(String, BenchmarkRow.Half?)] = [
        ("all", nil), ("choose", .choose), ("report", .report),
    ]

    /// The means of the shifts over the last quarter of training.
    private static func shifts(_ folder: String) throws -> [String: Double] {
        let rows = try MetricsLog.read(FilePath.join(folder, RunFolder.metricsName))
        let late = rows.filter { $0.step * 4 > (rows.last?.step ?? 0) * 3 }
        var shifts: [String: Double] = [:]
        for name in ["feature-shift", "feature-shift-last", "parameter-shift", "sign-agreement"] {
            let values = late.compactMap { $0.values[name] }
            if !values.isEmpty { shifts[name] = values.reduce(0, +) / Double(values.count) }
        }
        return shifts
    }

    private func trivial(_ jobs: [Job]) throws -> [String: [String: RankingJudgement]] {
        var found: [String: [String: RankingJudgement]] = [:]
        for space in options.spaces {
            let table = try BenchmarkTable.read(space.truth)
            let beside = FilePath.join(FilePath.folder(of: space.truth), ProxyScores.fileName)
            let proxies = try ProxyScores.read(beside)?.lists(for: table) ?? []
            let structures = try jobs.first { $0.space.name == space.name }?.description().map(table.structures) ?? []
            let trial = RankingTrial(table: table, scores: nil, proxies: proxies, structures: structures)
            for (name, half) in Self.halves {
                do { found[space.name, default: [:]][name] = try trial.judge(by: .accuracy, half: half) } catch let
                    error
                    as RankingError
                {
                    throw WorkflowError.unusableTable(space.truth, half: name, error)
                }
            }
        }
        return found
    }

    private func ordered(_ outcomes: [Outcome]) -> [Outcome] {
        let spaces = options.spaces.map(\.name)
        let methods = options.methods.map(\.name)
        func place(_ outcome: Outcome) -> (Int, Int, UInt64, String) {
            (
                spaces.firstIndex(of: outcome.space) ?? 0, methods.firstIndex(of: outcome.method) ?? 0, outcome.seed,
                outcome.score
            )
        }
        return outcomes.sorted { place($0) < place($1) }
    }
}
