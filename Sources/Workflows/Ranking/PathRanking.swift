import Architectures
import Archives
import Datasets
import Experiments
import Metrics
import Rankings
import Results
import SearchStrategies
import Support
import Tasks
import Torch
import Training

/// What the phase's result depends on.
struct RankRunConfiguration: PhaseConfiguration {
    var seed: UInt64 = 1
    var precision = Precision.bfloat16
    var device = "cpu"
    var task = TaskConfiguration()
    var data = DataConfiguration()
    var search = SearchConfiguration()
    /// Digest of the supernet that ranks.
    var supernet = ""
    /// Digest of its classifier; empty where it has one of its own, or none is needed.
    var classifier = ""

    static var resumeIgnoredKeys: [String] {
        DataConfiguration.keysWithoutEffect
            + ["cache-megabytes", "evaluations", "initial", "round", "strategy"].map { "search.\($0)" }
    }
}

/// Ranks the architectures of a truth table by a study's supernet, so that the ranking can be judged. Paths are scored on
/// the half of the validation images that the truth was not measured on.
public struct PathRanking {
    /// What the phase leaves in `result.json`.
    public typealias Result = RankingResult

    /// Whose supernet ranks.
    public let study: Study
    /// The truth.
    public let truth: BenchmarkTable
    /// Where the truth was read from.
    public let truthPath: String
    /// Name of the truth, for the folder.
    public let name: String

    /// Sets up a ranking; nothing is evaluated before it is called.
    ///
    /// - Parameters:
    ///   - study: whose supernet ranks.
    ///   - truthPath: of the table.
    /// - Throws: `BenchmarkTableError`, `FileError`.
    public init(_ study: Study, truth truthPath: String) throws {
        self.study = study
        self.truthPath = truthPath
        truth = try BenchmarkTable.read(truthPath)
        let stem = FilePath.name(of: truthPath).split(separator: ".").first.map(String.init) ?? "truth"
        // From wherever it is named: a folder has no name in `.`.
        name = stem == "truth" ? FilePath.name(of: FilePath.folder(of: NamedPlace(truthPath).path)) : stem
    }

    /// Folder of the ranking: `rank/TRUTH-SCORE` in the study's.
    public var folder: String { study.folder("rank/\(name)-\(study.options.search.score.rawValue)") }
    private var resultFile: String { folder + "/result.json" }

    /// Evaluates, or continues, or returns what an earlier call finished.
    ///
    /// - Throws: `BenchmarkTableError.otherSpace`; `WorkflowError.needsProbe`; what reading the supernet or evaluating throws.
    @discardableResult
    public func callAsFunction() throws -> Result {
        let scored = try ScoredSupernet(study)
        let description = scored.file.card.supernet
        try truth.validate(description.space, path: truthPath)
        try refuseOtherSpace(description)
        let architectures = truth.entries.map(\.architecture)
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
    /// Zero-cost proxies of the table's architectures, from the file beside it where that has them all.
    ///
    /// - Throws: what computing them throws.
    public func proxies() throws -> ProxyScores {
        let beside = FilePath.join(FilePath.folder(of: truthPath), ProxyScores.fileName)
        let own = folder + "/" + ProxyScores.fileName
        for path in [beside, own] {
            if let stored = try ProxyScores.read(path), stored.covers(truth) { return stored }
        }
        let computed = try ProxyScores.measure(
            truth.entries.map(\.architecture), SupernetTraining(study).description(), data: study.task.data,
            options: study.options.data, progress: study.progress)
        try computed.write(to: own)
        return computed
    }

    /// The settings beside the table, where there are any.
    private func truthConfiguration() throws -> BenchmarkConfiguration? {
        let file = FilePath.join(FilePath.folder(of: truthPath), "config.yaml")
        guard FilePresence.exists(file) else { return nil }
        return try ConfigurationLoader.load(BenchmarkConfiguration.self, stored: file).value
    }

    /// Architectures of two spaces may look alike; what their candidates are called tells.
    private func refuseOtherSpace(_ description: SupernetDescription) throws {
        guard let its = try truthConfiguration()?.space,
            // A space from a file that is not here any more cannot be compared.
            its.definition.file.map(FilePresence.exists) ?? true
        else { return }
        let other = try its.description(channels: description.channels)
        guard other.backbone == description.backbone else {
            throw BenchmarkTableError.otherSpace(
                path: truthPath, space: description.space.name,
                "by the config.yaml beside it, its networks are of the space '\(other.space.name)'"
                    + (other.space.name == description.space.name ? " with other sizes" : ""))
        }
    }

    /// What keeps the images of ranking and truth from being known to be disjoint; nil where they are.
    ///
    /// - Throws: `ConfigurationError` if the settings beside the table cannot be read.
    public func dataWarning() throws -> String? {
        guard let its = try truthConfiguration()?.data else {
            return
                "there is no config.yaml beside \(truthPath): whether its images are other than those that paths were "
                + "scored on is not known"
        }
        let own = study.options.data
        let same = (own.source, own.list, own.validationFraction) == (its.source, its.list, its.validationFraction)
        return same
            ? nil
            : "the truth was measured on another split than the study's (data.source, data.list or "
                + "data.validation-fraction differ): images may count on both sides"
    }
}
