import Architectures
import Datasets
import Experiments
import Rankings
import Results
import Support
import Tasks
import Torch
import Training

/// The settings on which the phase's result depends.
struct RankRunConfiguration: PhaseConfiguration {
    var seed: UInt64 = 1
    var precision = Precision.bfloat16
    var device = "cpu"
    var task = TaskConfiguration()
    var data = DataConfiguration()
    var search = SearchConfiguration()
    /// The digest of the supernet that ranks.
    var supernet = ""
    /// The digest of its probe; empty where the supernet has a head of its own, or none is needed.
    var classifier = ""

    static var resumeIgnoredKeys: [String] {
        DataConfiguration.keysWithoutEffect
            + ["cache-megabytes", "evaluations", "initial", "round", "strategy"].map { "search.\($0)" }
    }
}

/// The ranking of a benchmark table's architectures by a study's supernet, so that the ranking can be judged. Paths are
/// scored on the half of the validation images that the table was not measured on. It needs ``SupernetTraining``, and
/// after training without labels also ``LinearProbing``. Call the value to run the ranking, or to continue an
/// interrupted run.
public struct PathRanking {
    /// The result that the phase writes to `result.json`.
    public typealias Result = RankingResult

    /// The study whose supernet ranks.
    public let study: Study
    /// The benchmark table.
    public let table: BenchmarkTable
    /// The path that the table was read from.
    public let tablePath: String
    /// The name of the table, for the folder.
    public let name: String

    /// Sets up a ranking and reads the table. Nothing is evaluated before it is called.
    ///
    /// - Parameters:
    ///   - study: the study whose supernet ranks.
    ///   - tablePath: the path of the table, a CSV file.
    /// - Throws: `BenchmarkTableError`, `FileError`.
    public init(_ study: Study, table tablePath: String) throws {
        self.study = study
        self.tablePath = tablePath
        table = try BenchmarkTable.read(tablePath)
        let stem = FilePath.name(of: tablePath).split(separator: ".").first.map(String.init) ?? "truth"
        // From wherever it is named: a folder has no name in `.`.
        name = stem == "truth" ? FilePath.name(of: FilePath.folder(of: NamedPlace(tablePath).path)) : stem
    }

    /// The path of the ranking's folder, `rank/TABLE-SCORE` in that of the study.
    public var folder: String { study.folder("rank/\(name)-\(study.options.search.score.rawValue)") }
    private var resultFile: String { folder + "/result.json" }

    /// Runs the ranking, continues an interrupted one, or returns the result of a finished one.
    ///
    /// - Throws: `BenchmarkTableError.otherSpace` if the table is of another space; `WorkflowError.needsProbe` if the
    ///   score needs a classifier and there is none; what reading the supernet or evaluating throws.
    @discardableResult
    public func callAsFunction() throws -> Result {
        let scored = try ScoredSupernet(study)
        let description = scored.file.card.supernet
        try table.validate(description.space, path: tablePath)
        try refuseOtherSpace(description)
        let architectures = table.entries.map(\.architecture)
        var configuration = study.configuration(of: RankRunConfiguration.self)
        configuration.search = study.options.search
        (configuration.supernet, configuration.classifier) = (scored.digest, scored.probeDigest)
        try study.claim()
        let run = try RunFolder(
            folder, configuration: Resolved(configuration), seed: study.options.seed, versions: study.versions,
            places: study.options.data.places(under: "data"))
        try study.holdImages()
        // A table that has grown since is ranked on; one that was cut is ranked as it is.
        if let stored = try ResultFile.read(Result.self, resultFile) {
            let known = Dictionary(stored.paths.map { ($0.architecture, $0) }, uniquingKeysWith: { first, _ in first })
            let paths = architectures.compactMap { known[$0] }
            if paths.count == architectures.count { return Result(paths: paths, seconds: stored.seconds) }
        }
        let device = try study.device()
        let judge = try scored.judge(on: ValidationHalves(study.task.validationSet()).ranking, device: device)
        let search = PathSearch(
            folder: folder, context: scored.context, isSame: scored.isContext, options: study.options.search,
            costs: try scored.costs(), imageSize: study.options.data.imageSize, seed: study.options.seed,
            progress: study.progress, phase: "rank", isAccuracy: ArchitectureSearch(study).isByAccuracy)
        let found = try search(.given(architectures), judge)
        let paths = try architectures.map { architecture -> RankingResult.Path in
            guard let entry = try found.archive.entry(architecture.description) else {
                throw WorkflowError.noNumbers("the path \(architecture)")
            }
            return RankingResult.Path(architecture: architecture, score: entry.score, metrics: entry.metrics)
        }
        let result = RankingResult(paths: paths, seconds: found.entries.reduce(0) { $0 + $1.seconds })
        try ResultFile.write(result, to: resultFile)
        withExtendedLifetime(run) {}
        try judge.finish()
        return result
    }
}

extension PathRanking {
    /// The zero-cost proxies of the table's architectures, read from the file beside the table where it has them all,
    /// and otherwise computed.
    ///
    /// - Throws: what computing them throws.
    public func proxies() throws -> ProxyScores {
        let beside = FilePath.join(FilePath.folder(of: tablePath), ProxyScores.fileName)
        let own = folder + "/" + ProxyScores.fileName
        for path in [beside, own] {
            if let stored = try ProxyScores.read(path), stored.covers(table) { return stored }
        }
        let computed = try ProxyScores.measure(
            table.entries.map(\.architecture), SupernetTraining(study).description(), data: study.task.data,
            options: study.options.data, progress: study.progress)
        try computed.write(to: own)
        return computed
    }

    /// The settings beside the table; nil where there are none.
    private func tableConfiguration() throws -> BenchmarkConfiguration? {
        let file = FilePath.join(FilePath.folder(of: tablePath), "config.yaml")
        guard FilePath.exists(file) else { return nil }
        return try ConfigurationLoader.load(BenchmarkConfiguration.self, stored: file).value
    }

    /// Checks that the table is of the supernet's space, as architectures of two spaces may look alike.
    private func refuseOtherSpace(_ description: SupernetDescription) throws {
        guard let its = try tableConfiguration()?.space,
            // A space from a file that is not here any more cannot be compared.
            its.definition.file.map(FilePath.exists) ?? true
        else { return }
        let other = try its.description(channels: description.channels)
        guard other.backbone == description.backbone else {
            throw BenchmarkTableError.otherSpace(
                path: tablePath, space: description.space.name,
                "by the config.yaml beside it, its networks are of the space '\(other.space.name)'"
                    + (other.space.name == description.space.name ? " with other sizes" : ""))
        }
    }

    /// A warning that the images of the ranking and of the table may overlap; nil where they are known to be disjoint.
    ///
    /// - Throws: `ConfigurationError` if the settings beside the table cannot be read.
    public func dataWarning() throws -> String? {
        guard let its = try tableConfiguration()?.data else {
            return
                "there is no config.yaml beside \(tablePath): whether its images are other than those that paths were "
                + "scored on is not known"
        }
        let own = study.options.data
        let same =
            (own.source, own.list, own.validationFraction, own.folds, own.fold)
            == (its.source, its.list, its.validationFraction, its.folds, its.fold)
        return same
            ? nil
            : "the truth was measured on another split than the study's (data.source, data.list, "
                + "data.validation-fraction, data.folds or data.fold differ): images may count on both sides"
    }
}
