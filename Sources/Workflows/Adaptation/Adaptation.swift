import Architectures
import Archives
import Datasets
import Experiments
import Foundation
import Methods
import NN
import Networks
import Results
import Supernets
import Support
import Tasks
import Torch
import Training

/// Adapts architecture and weights together (G. Wang, L. Lin, R. Chen, G. Wang, J. Zhang, "Joint Learning of Neural
/// Transfer and Architecture Adaptation for Image Recognition", IEEE TNNLS 2021): the supernet of a source study learns the
/// target, its paths are ranked there, and the best one learns on with the weights that it was ranked with.
///
/// ```
/// supernet/          the supernet with the target's head:   adapted.safetensors
/// search/            the ranking on the target:             archive.sqlite
/// joint/             the found path, on from those weights: network.safetensors, result.json, examples.json
/// weights-only/ …    the controls, at the same cost
/// ```
///
/// In the unsupervised variant there is no `supernet/`: paths of the source's supernet are compared by linear evaluation.
public struct Adaptation {
    /// What one way of learning the target gave.
    public typealias Outcome = NetworkResult
    /// What an adaptation leaves in `result.json`.
    public typealias Result = AdaptationResult

    /// What the search gives: the path, what finding it took, and the weights that it was ranked with.
    struct Found {
        var path: Architecture
        var evaluations: Int
        /// Of the evaluations, in whole paths: what they have in common is computed once.
        var work: Double
        var weights: [(key: String, tensor: Tensor)]
    }

    /// The name of the method itself among the outcomes.
    public static let joint = AdaptationResult.joint

    /// All settings.
    public let options: AdaptationConfiguration
    /// The target.
    public let task: any RecognitionTask
    /// The folder.
    public let path: String
    let versions: [String: String]
    let progress: ProgressReporter
    let source: SupernetFile
    /// What its folder keeps of its data.
    public let record: DataRecord
    /// The path that is best on the source.
    public let sourcePath: Architecture

    /// Sets up an adaptation; nothing is trained before it is called.
    ///
    /// - Parameters:
    ///   - options: all settings.
    ///   - task: the target.
    ///   - path: the folder.
    ///   - versions: what the result may depend on.
    ///   - changedData: what becomes of an adaptation whose images are others than it began with.
    ///   - progress: where progress is shown.
    /// - Throws: `WorkflowError.missingPhase` where a study has no supernet or no search; `WorkflowError.noOrigin` for a
    ///   supernet's file that names no best path; `SpaceError` where the supernet is for other images;
    ///   `SpaceError.impossibleBudget`.
    public init(
        options: AdaptationConfiguration, task: any RecognitionTask, path: String, versions: [String: String] = [:],
        changedData: ChangedDataPolicy = .refused, progress: ProgressReporter = ProgressReporter()
    ) throws {
        var options = options
        options.data = try options.data.prepared(for: task.data.train)
        self.options = options
        self.task = task
        self.path = FilePath.trim(path)
        self.versions = versions
        self.progress = progress
        record = DataRecord(
            folder: path, of: task.data, root: options.data.source, changes: changedData)
        let opened = try AdaptationSource(options.source)
        (source, sourcePath) = (opened.supernet, opened.path)
        _ = try task.validationSet()
        let channels = try options.data.evaluationLoader(task.data.train).imageShape[0]
        guard source.card.supernet.channels == channels else {
            throw SpaceError.invalid(
                space: source.card.supernet.space.name,
                [
                    "the source's supernet takes images of \(source.card.supernet.channels) channels, the target has "
                        + "\(channels); set data.channels"
                ])
        }
        // Refused before anything is trained: mixing and batches that the task cannot use, an impossible budget.
        try options.supernet.requireMixable(task, section: "supernet")
        try options.finetune.requireMixable(task, section: "finetune")
        _ = try supernetLoader()
        _ = try networkSetup(task, sourcePath, device: .cpu).loader()
        try PathSearch.refuseImpossible(options.search, costs())
    }

    /// The supernet that is adapted.
    public var supernet: SupernetDescription { source.card.supernet }

    /// Whether the supernet learns nothing of the target: paths are compared by linear evaluation.
    public var isUnsupervised: Bool { options.search.score == .linearEvaluation }

    /// Which batch-norm statistics paths are compared with. Domains that are normalised apart have no common ones that could
    /// be recalibrated: each batch, which is then of one domain, is taken by its own.
    var statistics: StatisticsPolicy {
        if case .byDomain = task.normalization { return .batch }
        return options.search.statistics
    }

    private var comparisons: [TaskComparison] { options.comparisons ? task.comparisons : [] }

    /// Names of all that is trained, in the order of the table.
    public var rows: [String] {
        [Self.joint] + options.controls.map(\.rawValue) + comparisons.map(\.name)
    }

    /// Adapts, or continues, or returns what an earlier call finished.
    ///
    /// - Throws: `RunFolderError` if the folder was made with other settings; `ChangedDataError` where the images are others
    ///   than it began with; what training and evaluating throws.
    @discardableResult
    public func callAsFunction() throws -> Result {
        let run = try RunFolder(
            path, configuration: Resolved(options), seed: options.seed, versions: versions, places: places())
        try record.open(told: { progress.print("the images changed: \($0)") })
        let device = try Device.configured(options.device)
        let original = try source.supernet(device: device)
        let found = try search(device)
        let before = costBefore(evaluations: found.work)
        var outcomes = [
            Self.joint: try learn(
                Self.joint, found.path, epochs: options.finetune.epochs, before: before, device
            ) { found.weights }
        ]
        // What the method spent before fine-tuning, the others spend on fine-tuning.
        let epochs = options.finetune.epochs + Int(before.rounded())
        for control in options.controls {
            let architecture = control == .weightsOnly ? sourcePath : found.path
            outcomes[control.rawValue] = try learn(control.rawValue, architecture, epochs: epochs, before: 0, device) {
                switch control {
                case .weightsOnly: try original.state(of: architecture)
                case .architectureOnly: []
                case .mismatchedWeights: try MismatchedWeights.state(of: original, architecture, seed: options.seed)
                }
            }
        }
        for other in comparisons {
            outcomes[other.name] = try learn(
                other.name, found.path, as: other.task, epochs: epochs, before: 0, device
            ) { try original.state(of: found.path) }
        }
        let names = source.card.supernet.space.names
        let result = Result(
            sourcePath: sourcePath, sourceCandidates: names(sourcePath), path: found.path,
            candidates: names(found.path), evaluations: found.evaluations, outcomes: outcomes,
            leftOut: options.data.skipBadImages ? record.leftOut : nil)
        // What a finished adaptation says stays as it is, in the words of its version.
        if try Self.stored(path).map({ $0.says(result) }) != true {
            try ResultFile.write(result, to: FilePath.join(path, ResultFile.name))
        }
        withExtendedLifetime(run) {}
        return result
    }

    /// What an earlier call finished; nil where nothing was.
    ///
    /// - Parameter path: the folder of an adaptation.
    /// - Throws: `ResultError.damaged` for a file that cannot be read.
    public static func stored(_ path: String) throws -> Result? {
        try ResultFile.read(Result.self, FilePath.join(path, "result.json"))
    }

    /// What a reader is shown of a row's outputs on the test images, or on the validation images where there are none; empty
    /// where the row was not trained.
    ///
    /// - Parameter row: one of `rows`.
    /// - Throws: `ResultError.damaged` for a file that cannot be read.
    public func examples(_ row: String) throws -> [Examples] {
        try ExamplesFile.read(in: folder(row))
    }

    /// The folder of a row.
    public func folder(_ row: String) -> String {
        let folder = FilePath.join(path, row)
        // What version 0.8 called it.
        let earlier = FilePath.join(path, "broken-pair")
        let isEarlier = row == AdaptationControl.mismatchedWeights.rawValue && FilePath.exists(earlier)
        return isEarlier && !FilePath.exists(folder) ? earlier : folder
    }

    /// How many images paths are ranked on.
    public var rankedImages: Int {
        let all = task.data.validation?.count ?? 0
        return options.search.images > 0 ? min(options.search.images, all) : all
    }

    /// Passes over the training images that the supernet's training and the search are worth. An image that is only
    /// looked at costs a third of one that is learned from.
    ///
    /// - Parameter evaluations: of whole paths; what paths have in common is computed once.
    func costBefore(evaluations: Double) -> Double {
        let search = options.search
        var looked = rankedImages
        if statistics == .recalibrate { looked += min(search.recalibrationImages, task.data.train.count) }
        if isUnsupervised { looked += min(search.fitImages, task.data.train.count) }
        let epochs = isUnsupervised ? 0 : options.supernet.epochs
        return Double(epochs) + evaluations * Double(looked) / 3
            / Double(options.imagesPerEpoch(of: task))
    }

    /// What the settings name that are paths, by their keys. The source is known by its supernet.
    private func places() throws -> [String: NamedPlace] {
        var places = try options.data.places(under: "data")
        places["source"] = NamedPlace(options.source, digest: try FileDigest.text(of: source.path))
        if let domain = try? options.task.options(as: DomainAdaptationTask.Options.self).sourceDomain,
            !domain.isEmpty, FilePath.exists(domain)
        {
            places["task.source-domain"] = NamedPlace(domain)
        }
        return places
    }

    /// The cost of every candidate, the task's head included.
    func costs() throws -> CostTable { try task.costs(supernet, options.data) }
}
