import Architectures
import Datasets
import Experiments
import Foundation
import Methods
import Results
import Supernets
import Support
import Tasks
import Torch
import Training

/// From images to a network in one folder, phase by phase, each in a run folder of its own:
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
/// A phase that is finished is not run again; one that was killed goes on.
public struct Study {
    /// All settings.
    public private(set) var options: StudyConfiguration
    /// What is to be recognised, with its images, parted as the settings say.
    public let task: any RecognitionTask
    /// A space that was defined in code; nil for the one that the settings name.
    public let space: SupernetDescription?
    /// The folder.
    public let path: String
    /// What the result may depend on, for the record of each start.
    public let versions: [String: String]
    /// Where progress is shown.
    public let progress: ProgressReporter
    /// What its folder keeps of its data.
    public let record: DataRecord
    private let place: StudyPlace

    /// Sets up a study of the images that its settings name. Nothing is trained or written before a phase is called.
    ///
    /// - Parameters:
    ///   - options: all settings.
    ///   - path: the folder.
    ///   - space: a space that is defined in code, in place of the one that the settings name.
    ///   - open: opens data sets by name or path.
    ///   - versions: what the result may depend on, such as the version of libtorch.
    ///   - changedData: what becomes of a study whose images are others than it began with.
    ///   - progress: where progress is shown.
    /// - Throws: `DatasetError` for images that cannot be found; what a split throws if they are too few to part.
    public init(
        _ options: StudyConfiguration, path: String, space: SupernetDescription? = nil, open: TaskData = TaskData(),
        versions: [String: String] = [:], changedData: ChangedDataPolicy = .refused,
        progress: ProgressReporter = ProgressReporter()
    ) throws {
        try self.init(
            options, task: options.task.task(options.data, open: open), path: path, space: space, versions: versions,
            changedData: changedData, progress: progress)
    }

    /// Sets up a study of a task that is opened already, such as one of a program's own.
    ///
    /// - Parameters:
    ///   - options: all settings; `task` and `data.source` are for the record alone.
    ///   - task: what is to be recognised, with a validation part.
    ///   - path: the folder.
    ///   - space: a space that is defined in code, in place of the one that the settings name.
    ///   - versions: what the result may depend on, such as the version of libtorch.
    ///   - changedData: what becomes of a study whose images are others than it began with.
    ///   - progress: where progress is shown.
    /// - Throws: `TrainingError.tooFewImages` for a validation part of less than two; `TrainingError.badOption` for mixing
    ///   where the task has no classes.
    public init(
        _ options: StudyConfiguration, task: any RecognitionTask, path: String, space: SupernetDescription? = nil,
        versions: [String: String] = [:], changedData: ChangedDataPolicy = .refused,
        progress: ProgressReporter = ProgressReporter()
    ) throws {
        _ = try task.validationSet()
        // Refused before hours are spent on the phases before.
        for (section, train) in [
            ("supernet", options.supernet), ("probe", options.probe), ("finetune", options.finetune),
            ("retrain", options.retrain),
        ] {
            try train.requireMixable(task, section: section)
        }
        var options = options
        options.data = try options.data.prepared(for: task.data.train)
        options.method = try options.method.suiting(options.data)
        (self.options, self.task, self.space) = (options, task, space)
        self.path = FilePath.trim(path)
        place = StudyPlace(self.path)
        (self.versions, self.progress) = (versions, progress)
        record = DataRecord(folder: path, of: task.data, root: options.data.source, changes: changedData)
    }

    /// The same images, as they are parted, with other settings.
    func with(_ options: StudyConfiguration) -> Study {
        var other = self
        other.options = options
        return other
    }

    /// The name of the settings' file in a study's folder.
    public static let settingsName = "study.yaml"
    /// The number of validation images that are looked at during training.
    static let watchedImages = 1024

    /// Makes the folder, or takes that of a study to go on with; it then stays where it is while any copy of this study is
    /// in use. Every phase does so first.
    ///
    /// - Throws: `RunFolderError` for a folder that holds other things, or that is being set aside; `FileError`.
    public func claim() throws { try place.claim() }

    /// Renames the study in a folder to `<path>.old-1` (or the next free number), so that a new one can begin.
    ///
    /// - Parameter path: the folder.
    /// - Returns: the new path; nil where there was no study.
    /// - Throws: `RunFolderError` for a folder that holds other things, or in which another process is at work; `FileError`.
    public static func setAside(_ path: String) throws -> String? { try RunGroup.setAside(path, StudyPlace.layout) }

    /// The names of the phases, which are those of their folders, in their order.
    public static let phases =
        [SupernetTraining.name, LinearProbing.name, ArchitectureSearch.name]
        + [NetworkPhase.Start.finetune, .retrain].map(\.rawValue)

    /// Runs every phase that is not finished: the supernet, a probe where it learned without labels, the search, and the
    /// training of the network that was found.
    ///
    /// - Parameter start: whether the network goes on from the weights that it inherited, or begins anew.
    /// - Returns: what the network reaches; it lies in the folder of its phase.
    /// - Throws: what the phases throw.
    @discardableResult
    public func callAsFunction(_ start: NetworkPhase.Start = .finetune) throws -> NetworkResult {
        try SupernetTraining(self)()
        if !options.method.isSupervised { try LinearProbing(self)() }
        try ArchitectureSearch(self)()
        return try NetworkPhase(self, start).training()()
    }

    /// The folder of a phase.
    public func folder(_ phase: String) -> String { FilePath.join(path, phase) }

    /// The device that the settings name.
    ///
    /// - Throws: `TrainingError.badOption`, or `TorchError` where there is no such device.
    func device() throws -> Device { try .configured(options.device) }

    /// Augmented batches of the training images for a phase that learns.
    ///
    /// - Parameters:
    ///   - train: how many images a pass and a batch have.
    ///   - section: where a user gives `train`.
    ///   - stream: of order and augmentation.
    ///   - views: how a method that learns from views of its own has them made; nil for one view by the data's augmentation.
    /// - Throws: `TrainingError.batches` for a size that the task cannot use.
    func trainingLoader(
        _ train: TrainConfiguration, section: String, stream: UInt64, views: ImageViews? = nil
    ) throws -> BatchLoader {
        let size = views == nil ? task.batchSize(atMost: train.batchSize) : train.batchSize
        let setting = "\(section).batch-size"
        return try options.data.trainingLoader(
            DataConfiguration.sample(task.data.train, train.images), augmentation: views?.augmentation,
            batchSize: size, setting: setting, views: views?.count ?? 1,
            sampling: views == nil ? namingBatchSize(setting) { try task.sampling(batchSize: size) } : .shuffled,
            seed: seed(stream))
    }

    /// The run folder of a phase. Its settings, and the study's images, must be those with which it was started.
    ///
    /// - Parameters:
    ///   - phase: its name.
    ///   - configuration: its settings.
    ///   - more: what keys of the settings name that only this phase has.
    /// - Throws: `RunFolderError`; what `DataRecord.open` throws.
    func run<T: Configuration>(
        _ phase: String, _ configuration: T, places more: [String: NamedPlace] = [:]
    ) throws -> RunFolder {
        try claim()
        let run = try RunFolder(
            folder(phase), configuration: Resolved(configuration), seed: options.seed, versions: versions,
            places: places.merging(more) { $1 })
        try holdImages()
        // Only now: settings that a phase refused must not be those of the next command.
        try AtomicFile.write(try Resolved(options).yaml(), to: FilePath.join(path, Self.settingsName))
        return run
    }

    /// Holds the study's images against those that it began with.
    ///
    /// - Throws: what `DataRecord.open` throws.
    func holdImages() throws {
        let supernet = SupernetTraining(self).supernetFile
        try record.open(
            learned: { FilePresence.exists(supernet) ? try SupernetFile.read(supernet).card.classNames : [] },
            told: { progress.print("the images changed: \($0)") })
    }

    /// What the settings name that all phases share.
    private var places: [String: NamedPlace] {
        get throws { try options.data.places(under: "data").merging(options.space.places(under: "space")) { $1 } }
    }
}

extension RecognitionTask {
    /// The cost of every candidate of a supernet with the task's head.
    ///
    /// - Throws: `SpaceError` for images that the layers cannot take.
    func costs(_ description: SupernetDescription, _ data: DataConfiguration) throws -> CostTable {
        let features = try description.features(imageSize: data.imageSize)
        return try CostTable(
            description, imageSize: data.imageSize, classes: networkHead(features: features).linearOutputs)
    }
}
