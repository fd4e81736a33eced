import Architectures
import Datasets
import Distributed
import Experiments
import Foundation
import Methods
import Results
import Supernets
import Support
import Synchronization
import Tasks
import Torch
import Training

/// A study: from images to a network in one folder, phase by phase, each in a run folder of its own. Call the value to
/// run all phases, or create and call a phase such as ``SupernetTraining`` by itself.
///
/// ```
/// study.yaml   all settings
/// supernet/    the supernet:         supernet.safetensors
/// probe/       its linear probe:     probe.safetensors (where the supernet learned without labels)
/// search/      the ranking:          archive.sqlite, network.safetensors (weights inherited)
/// finetune/    the network, trained on from the weights that it inherited
/// retrain/     the network, trained from scratch
/// ```
///
/// A finished phase is not run again, and an interrupted one continues.
public struct Study {
    /// The settings of the study.
    public private(set) var options: StudyConfiguration
    /// The task with its images, split as the settings say.
    public let task: any RecognitionTask
    /// A space that was defined in code; nil for the space of the settings.
    public let space: SupernetDescription?
    /// The path of the study's folder.
    public let path: String
    /// The versions of whatever the result may depend on, for the record of each start.
    public let versions: [String: String]
    /// The reporter that shows progress.
    public let progress: ProgressReporter
    /// The record of the images, which the folder keeps.
    public let record: DataRecord
    private let place: StudyPlace

    /// Sets up a study of the images that the settings name. Nothing is trained or written before a phase is called.
    ///
    /// - Parameters:
    ///   - options: the settings of the study.
    ///   - path: the path of the study's folder.
    ///   - space: a space that is defined in code; nil for the space of the settings.
    ///   - open: the functions that open data by name or path.
    ///   - versions: versions of whatever the result may depend on, such as that of libtorch, for the record.
    ///   - changedData: the policy for images that differ from those that the study began with.
    ///   - progress: the reporter that shows progress.
    /// - Throws: `DatasetError` for images that cannot be found; what splitting throws if there are too few images.
    public init(
        _ options: StudyConfiguration, path: String, space: SupernetDescription? = nil, open: TaskData = TaskData(),
        versions: [String: String] = [:], changedData: ChangedDataPolicy = .refused,
        progress: ProgressReporter = ProgressReporter()
    ) throws {
        try self.init(
            options, task: options.task.task(options.data, open: open), path: path, space: space, versions: versions,
            changedData: changedData, progress: progress)
    }

    /// Sets up a study of a task that is already opened, such as one that a program defines.
    ///
    /// - Parameters:
    ///   - options: the settings of the study, of which `task` and `data.source` are only recorded.
    ///   - task: the task, with a validation part.
    ///   - path: the path of the study's folder.
    ///   - space: a space that is defined in code; nil for the space of the settings.
    ///   - versions: versions of whatever the result may depend on, such as that of libtorch, for the record.
    ///   - changedData: the policy for images that differ from those that the study began with.
    ///   - progress: the reporter that shows progress.
    /// - Throws: `TrainingError.tooFewImages` for fewer than two validation images; `TrainingError.badOption` for mixing
    ///   of images where the task has no classes.
    public init(
        _ options: StudyConfiguration, task: any RecognitionTask, path: String, space: SupernetDescription? = nil,
        versions: [String: String] = [:], changedData: ChangedDataPolicy = .refused,
        progress: ProgressReporter = ProgressReporter()
    ) throws {
        _ = try task.validationSet()
        if !options.method.isSupervised { try task.requirePooled("method.name", options.method.name) }
        if options.search.score == .contrastive || options.search.score == .linearEvaluation {
            try task.requirePooled("search.score", options.search.score.rawValue)
        }
        if options.search.needsLatency { try task.requirePredictableLatency("search") }
        // Refused before hours are spent on the phases before.
        for (section, train) in [
            ("supernet", options.supernet), ("probe", options.probe), ("finetune", options.finetune),
            ("retrain", options.retrain),
        ] {
            try train.requireMixable(task, section: section)
        }
        var options = options
        options.data = try options.data.prepared(for: task)
        options.method = try options.method.suiting(options.data)
        (self.options, self.task, self.space) = (options, task, space)
        self.path = FilePath.trim(path)
        place = StudyPlace(self.path)
        (self.versions, self.progress) = (versions, progress)
        record = DataRecord(folder: path, of: task.data, root: options.data.source, changes: changedData)
    }

    /// Returns a study of the same split images with other settings.
    func with(_ options: StudyConfiguration) -> Study {
        var other = self
        other.options = options
        return other
    }

    /// The name of the file of settings in a study's folder.
    public static let settingsName = "study.yaml"
    /// The number of validation images on which a supernet or probe is evaluated during training.
    static let watchedImages = 1024

    /// Creates or opens the study's folder, which then cannot be renamed while any copy of this study exists. Every
    /// phase does so first.
    ///
    /// - Throws: `RunFolderError` for a folder that holds other things, or that is being set aside; `FileError`.
    public func claim() throws { try place.claim() }

    /// Renames the study in a folder to `<path>.old-1` (or the next free number), so that a new one can begin.
    ///
    /// - Parameter path: the path of the study's folder.
    /// - Returns: the new path; nil where there was no study.
    /// - Throws: `RunFolderError` for a folder that holds other things, or that another process uses; `FileError`.
    public static func setAside(_ path: String) throws -> String? { try RunGroup.setAside(path, StudyPlace.layout) }

    /// The names of the phases and of their folders, in their order.
    public static let phases =
        [SupernetTraining.name, LinearProbing.name, ArchitectureSearch.name]
        + [NetworkPhase.Start.finetune, .retrain].map(\.rawValue)

    /// Runs every phase that is not finished: the supernet, a probe where it is trained without labels, the search, and
    /// the training of the found network.
    ///
    /// - Parameter start: whether the network is fine-tuned from its inherited weights or trained from scratch.
    /// - Returns: the result of the found network, whose file is in the folder of its phase.
    /// - Throws: `SpaceError.impossibleBudget` before the first phase; what the phases throw.
    @discardableResult
    public func callAsFunction(_ start: NetworkPhase.Start = .finetune) throws -> NetworkResult {
        try ArchitectureSearch(self).refuseImpossibleBudget()
        try SupernetTraining(self)()
        if !options.method.isSupervised { try LinearProbing(self)() }
        try ArchitectureSearch(self)()
        return try NetworkPhase(self, start).training()()
    }

    /// Takes part in the trainings of a study whose files rank 0 writes, until it has no more.
    ///
    /// - Parameter ranks: the processes, of which this is not the first.
    /// - Throws: `RanksError` if rank 0 ends before; what training throws.
    public func follow(_ ranks: Ranks) throws {
        try ranks.follow { words in
            switch try SharedTraining(words) {
            case .supernet: try SupernetTraining(self).follow()
            case .probe: try LinearProbing(self).follow(ranks)
            case .network(let shared): try NetworkSetup(shared, task: task, device: device(), ranks: ranks).follow()
            }
        }
    }

    /// The path of the folder of a phase.
    public func folder(_ phase: String) -> String { FilePath.join(path, phase) }

    /// Opens the device that the settings name.
    ///
    /// - Throws: `TrainingError.badOption`, or `TorchError` where there is no such device.
    func device() throws -> Device { try .configured(options.device) }

    /// Creates the loader of augmented training batches for a phase.
    ///
    /// - Parameters:
    ///   - train: the training settings, which give the numbers of images in an epoch and in a batch.
    ///   - section: the section of a configuration that `train` is read from, for messages.
    ///   - stream: the random stream of order and augmentation.
    ///   - views: the views that the method learns from; nil for one view by the data's augmentation.
    /// - Throws: `TrainingError.batches` for a batch size that the task cannot use.
    func trainingLoader(
        _ train: TrainConfiguration, section: String, stream: UInt64, views: ImageViews? = nil
    ) throws -> BatchLoader {
        let size = views == nil ? task.batchSize(atMost: train.batchSize) : train.batchSize
        let setting = "\(section).batch-size"
        return try options.data.trainingLoader(
            DataConfiguration.sample(task.data.train, train.images), augmentation: views?.augmentation,
            batchSize: size, setting: setting, views: views?.count ?? 1,
            sampling: views == nil ? namingBatchSize(setting) { try task.sampling(batchSize: size) } : .shuffled,
            share: Ranks.current.map { BatchShare($0.rank, of: $0.size) },
            seed: seed(stream))
    }

    /// Opens the run folder of a phase. Its settings and the study's images must be those that it was started with.
    ///
    /// - Parameters:
    ///   - phase: the name of the phase.
    ///   - configuration: the settings of the phase.
    ///   - more: the files and folders that settings of this phase name, by key.
    /// - Throws: `RunFolderError`; what `DataRecord.open` throws.
    func run<T: Configuration>(
        _ phase: String, _ configuration: T, places more: [String: NamedPlace] = [:]
    ) throws -> RunFolder {
        try claim()
        let run = try RunFolder(
            folder(phase), configuration: Resolved(configuration), seed: options.seed, versions: versions,
            places: places.merging(more) { $1 })
        progress.record = run.progressFile
        try holdImages()
        // Only now: settings that a phase refused must not be those of the next command.
        try AtomicFile.write(try Resolved(options).yaml(), to: FilePath.join(path, Self.settingsName))
        return run
    }

    /// Checks that the study's images are those that it began with.
    ///
    /// - Throws: what `DataRecord.open` throws.
    func holdImages() throws {
        let supernet = SupernetTraining(self).supernetFile
        try record.open(
            learned: { FilePath.exists(supernet) ? try SupernetFile.read(supernet).card.classNames : [] },
            told: { progress.print("the images changed: \($0)") })
    }

    /// The files and folders that settings of all phases name, by key.
    private var places: [String: NamedPlace] {
        get throws { try options.data.places(under: "data").merging(options.space.places(under: "space")) { $1 } }
    }
}

/// The folder of a study, which is claimed when the first phase begins and held while the study exists.
final class StudyPlace: Sendable {
    private let path: String
    private let group = Mutex<RunGroup?>(nil)

    /// The layout of a study's folder.
    static let layout = RunGroup.Layout(
        record: Study.settingsName, runs: Study.phases,
        others: [
            "rank", "report.html", "contact-sheet.png", DataRecord.manifestName, DataRecord.leftOutName,
        ])

    init(_ path: String) { self.path = path }

    /// Claims the folder, if that has not been done.
    func claim() throws {
        try group.withLock { group in
            guard group == nil else { return }
            group = try RunGroup(path, Self.layout)
        }
    }
}
