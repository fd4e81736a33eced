import Architectures
import Archives
import Datasets
import Experiments
import Files
import Foundation
import Methods
import NN
import Networks
import Seeding
import Supernets
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
/// joint/             the found path, on from those weights: network.safetensors
/// weights-only/ …    the controls, at the same cost
/// ```
public struct Adaptation {
    /// What one way of learning the target gave.
    public struct Outcome: Codable, Sendable, Equatable {
        /// Its path.
        public var architecture: Architecture
        /// Exact costs of the backbone.
        public var cost: Cost
        /// Passes over the target's training images, those of the supernet and the search included.
        public var epochs: Double
        /// Of training alone.
        public var seconds: Double
        /// On the validation images.
        public var validation: TaskScore
        /// On the test images, read once; nil where the target has none.
        public var test: TaskScore?
    }

    /// What an adaptation leaves in `result.json`.
    public struct Result: Codable, Sendable, Equatable {
        /// The path that is best on the source.
        public var sourcePath: Architecture
        /// Names of its candidates.
        public var sourceCandidates: [String]
        /// The path that is best on the target.
        public var path: Architecture
        /// Names of its candidates.
        public var candidates: [String]
        /// Paths that were evaluated.
        public var evaluations: Int
        /// By name, `joint` and the controls.
        public var outcomes: [String: Outcome]
    }

    /// Name of the method among the outcomes.
    public static let joint = "joint"

    /// All settings.
    public let options: AdaptationConfiguration
    /// The target.
    public let task: any RecognitionTask
    /// The folder.
    public let path: String
    let versions: [String: String]
    let progress: ProgressReporter
    let source: SupernetFile
    /// The path that is best on the source.
    public let sourcePath: Architecture

    /// Sets up an adaptation; nothing is trained before it is called.
    ///
    /// - Parameters:
    ///   - options: all settings.
    ///   - task: the target.
    ///   - path: the folder.
    ///   - versions: what the result may depend on.
    ///   - progress: where progress is shown.
    /// - Throws: `WorkflowError.missingPhase` where the source has no supernet or no search; `SpaceError` where its
    ///   supernet is for other images; `SpaceError.impossibleBudget`.
    public init(
        options: AdaptationConfiguration, task: any RecognitionTask, path: String, versions: [String: String] = [:],
        progress: ProgressReporter = ProgressReporter()
    ) throws {
        self.options = options
        self.task = task
        self.path = path
        self.versions = versions
        self.progress = progress
        let supernet = options.source + "/\(SupernetTraining.name)/supernet.safetensors"
        guard FilePresence.exists(supernet) else {
            throw WorkflowError.missingPhase(
                file: supernet, command: "supernet train --config FILE --run \(options.source)")
        }
        source = try SupernetFile.read(supernet)
        let found = options.source + "/\(ArchitectureSearch.name)/result.json"
        guard let search = try PhaseResult.read(ArchitectureSearch.Result.self, found) else {
            throw WorkflowError.missingPhase(file: found, command: "supernet search \(options.source)")
        }
        sourcePath = search.architecture
        let channels = try options.data.evaluationLoader(task.data.train).imageShape[0]
        guard source.card.supernet.channels == channels else {
            throw SpaceError.invalid(
                space: source.card.supernet.space.name,
                [
                    "the source's supernet takes images of \(source.card.supernet.channels) channels, the target has "
                        + "\(channels); set data.channels"
                ])
        }
        // An impossible budget is refused before anything is trained.
        var exact = options.search.budget
        exact.latency = nil
        _ = try BudgetCheck(
            exact, costs: CostTable(source.card.supernet, imageSize: options.data.imageSize, classes: 0))
    }

    /// Adapts, or continues, or returns what an earlier call finished.
    ///
    /// - Throws: `RunFolderError` if the folder was made with other settings; what training and evaluating throws.
    @discardableResult
    public func callAsFunction() throws -> Result {
        let run = try RunFolder(path, configuration: Resolved(options), seed: options.seed, versions: versions)
        let device = try device()
        let supernet = try trainSupernet(device)
        let (best, evaluations) = try search(supernet, device)
        let names = source.card.supernet.space.names
        var outcomes = [
            Self.joint: try learn(Self.joint, best, epochs: options.finetune.epochs, before: costBefore, device) {
                try supernet.supernet.state(of: best)
                    + supernet.store.state.filter { $0.key.hasPrefix("fc.") }
            }
        ]
        // What the method spent before fine-tuning, the others spend on fine-tuning.
        let epochs = options.finetune.epochs + Int(costBefore.rounded())
        let original = try source.supernet(device: device)
        for control in options.controls {
            let architecture = control == .weightsOnly ? sourcePath : best
            outcomes[control.rawValue] = try learn(control.rawValue, architecture, epochs: epochs, before: 0, device) {
                switch control {
                case .weightsOnly: try original.state(of: architecture)
                case .architectureOnly: []
                case .brokenPair: try BrokenPair.state(of: original, architecture, seed: options.seed)
                }
            }
        }
        let result = Result(
            sourcePath: sourcePath, sourceCandidates: names(sourcePath), path: best, candidates: names(best),
            evaluations: evaluations, outcomes: outcomes)
        try PhaseResult.write(result, FilePath.join(path, "result.json"))
        withExtendedLifetime(run) {}
        return result
    }

    /// Passes over the training images that the supernet's training and the search are worth. An image that is only
    /// looked at costs a third of one that is learned from.
    var costBefore: Double {
        let images = Double(max(task.data.train.count, 1))
        let validation = Double(task.data.validation?.count ?? 0)
        let looked = Double(options.search.evaluations) * (Double(options.search.recalibrationImages) + validation)
        return Double(options.supernet.epochs) + looked / 3 / images
    }

    private func device() throws -> Device {
        guard let device = Device(options.device) else {
            throw TrainingError.badOption("device", "must be cpu, cuda or cuda:N, is `\(options.device)`")
        }
        try device.validate()
        return device
    }

    func settings(_ device: Device, stream: UInt64) -> MethodSettings {
        var settings = MethodSettings()
        (settings.precision, settings.device) = (options.precision, device)
        settings.seed = SeededGenerator(seed: options.seed, stream).state
        return settings
    }
}
