import Architectures
import Datasets
import Experiments
import Foundation
import Supernets
import Support
import Torch
import Training

/// From images to a network in one folder, phase by phase, each in a run folder of its own:
///
/// ```
/// study.yaml   all settings
/// supernet/    the supernet:           supernet.safetensors
/// probe/       its linear classifier:  probe.safetensors (where the supernet learned without labels)
/// search/      the ranking:            archive.sqlite, network.safetensors (weights inherited)
/// finetune/    the network, trained on from the weights that it inherited
/// retrain/     the network, trained from scratch
/// ```
///
/// A phase that is finished is not run again; one that was killed goes on.
public struct Study {
    /// All settings.
    public private(set) var options: StudyConfiguration
    /// The splits in use: a validation split is always among them.
    public let data: OpenedDataset
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

    /// Sets up a study. Nothing is trained or written before a phase is called.
    ///
    /// - Parameters:
    ///   - options: all settings.
    ///   - data: the images; a validation split is drawn from the training images where there is none.
    ///   - space: a space that is defined in code, in place of the one that the settings name.
    ///   - path: the folder.
    ///   - versions: what the result may depend on, such as the version of libtorch.
    ///   - changedData: what becomes of a study whose images are others than it began with.
    ///   - progress: where progress is shown.
    /// - Throws: what the split throws if the images are too few to part; `TrainingError.tooFewImages` for a validation part
    ///   of less than two.
    public init(
        options: StudyConfiguration, data: OpenedDataset, space: SupernetDescription? = nil, path: String,
        versions: [String: String] = [:], changedData: ChangedDataPolicy = .refused,
        progress: ProgressReporter = ProgressReporter()
    ) throws {
        self.options = options
        self.data = try options.data.withValidation(data)
        try DataConfiguration.requireValidation(self.data.validation)
        self.space = space
        self.path = FilePath.trim(path)
        place = StudyPlace(self.path)
        self.versions = versions
        self.progress = progress
        record = DataRecord(
            folder: path, of: self.data, root: options.data.source, changes: changedData)
    }

    /// The same images, as they are cut, with other settings.
    func with(_ options: StudyConfiguration) -> Study {
        var other = self
        other.options = options
        return other
    }

    /// The name of the settings' file in a study's folder.
    public static let settingsName = "study.yaml"

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

    /// Names of the phases, which are those of their folders, in their order.
    public static let phases =
        [SupernetTraining.name, LinearProbing.name, ArchitectureSearch.name]
        + [NetworkPhase.Start.finetune, .retrain].map(\.rawValue)

    /// Folder of a phase.
    public func folder(_ phase: String) -> String { path + "/" + phase }

    /// The device that the settings name.
    ///
    /// - Throws: `TrainingError.badOption`, or `TorchError` where there is no such device.
    func device() throws -> Device {
        guard let device = Device(options.device) else {
            throw TrainingError.badOption("device", "must be cpu, cuda or cuda:N, is `\(options.device)`")
        }
        try device.validate()
        return device
    }

    /// The validation images.
    func validationSet() throws -> any ImageDataset {
        guard let set = data.validation else { throw TrainingError.nothingToScore }
        return set
    }

    /// Some images of a set, drawn class by class, the same for every seed; all of them for 0 or more than there are.
    static func sample(_ set: any ImageDataset, _ count: Int) throws -> any ImageDataset {
        guard count > 0, count < set.count else { return set }
        let fraction = Double(count) / Double(set.count)
        // A split leaves something of each class, which classes of one image do not allow; then images from all over.
        return try (try? stratifiedSplit(of: set, validationFraction: fraction, seed: 1).validation)
            ?? Subset(of: set, indices: (0..<count).map { $0 * set.count / count })
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
        try AtomicFile.write(try Resolved(options).yaml(), to: path + "/" + Self.settingsName)
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

    /// Fixed batches as tensors, in channels-last order. Batches of which a single image is left are passed over, unless
    /// `least` is 1 and there is no other.
    func tensors(
        _ set: any ImageDataset, batchSize: Int, least: Int = 2, device: Device
    ) throws -> [(images: Tensor, labels: Tensor)] {
        try Self.tensors(set, options.data, batchSize: batchSize, least: least, device: device)
    }

    /// The same for images that are not a study's.
    static func tensors(
        _ set: any ImageDataset, _ data: DataConfiguration, batchSize: Int, least: Int = 2, device: Device
    ) throws -> [(images: Tensor, labels: Tensor)] {
        let setting = "search.batch-size"
        return try namingBatchSize(setting) {
            let batches = try data.evaluationLoader(set, batchSize: batchSize, setting: setting).batches(epoch: 0)
            var made: [(images: Tensor, labels: Tensor)] = []
            var single: (images: Tensor, labels: Tensor)?
            while let batch = try batches.next() {
                guard batch.count > 0 else { continue }
                // A copy: the loader uses a batch's memory again.
                let tensors = (
                    images: try batch.images().cloned().to(device), labels: try batch.targets(on: device)
                )
                if batch.isLearnable { made.append(tensors) } else { single = tensors }
            }
            if let single, made.isEmpty, least == 1 { made = [single] }
            guard !made.isEmpty else {
                throw TrainingError.needsTwo(
                    single == nil ? 0 : 1,
                    purpose: "of \(set.count) to score paths on, or to take statistics of batch norm from",
                    advice: "give more images, raise `data.validation-fraction`, or raise `search.images`, "
                        + "`search.fit-images` and `search.recalibration-images` where they say so few")
            }
            return made
        }
    }
}

/// A small JSON file that marks a phase as finished.
enum PhaseResult {
    static func read<T: Decodable>(_ type: T.Type, _ path: String) throws -> T? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return try decoder.decode(type, from: Data(InputFile.readAll(path)))
        } catch is DecodingError {
            throw TrainingError.badResult(path: path)
        }
    }

    static func write(_ result: some Encodable, _ path: String) throws {
        try ResultFile.write(result, to: path)
    }
}
