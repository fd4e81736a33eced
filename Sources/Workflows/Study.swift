import Files
import Architectures
import Datasets
import Experiments
import Foundation
import Seeding
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
    public let options: StudyConfiguration
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

    /// Sets up a study. Nothing is trained or written before a phase is called.
    ///
    /// - Parameters:
    ///   - options: all settings.
    ///   - data: the images; a validation split is drawn from the training images where there is none.
    ///   - space: a space that is defined in code, in place of the one that the settings name.
    ///   - path: the folder.
    ///   - versions: what the result may depend on, such as the version of libtorch.
    ///   - progress: where progress is shown.
    /// - Throws: what the split throws if the images are too few to part.
    public init(
        options: StudyConfiguration, data: OpenedDataset, space: SupernetDescription? = nil, path: String,
        versions: [String: String] = [:],
        progress: ProgressReporter = ProgressReporter()
    ) throws {
        self.options = options
        self.data = try options.data.withValidation(data)
        self.space = space
        self.path = path
        self.versions = versions
        self.progress = progress
    }

    /// The name of the settings' file in a study's folder.
    public static let settingsName = "study.yaml"

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

    /// The run folder of a phase. Its settings must be those with which it was started.
    func run<T: Configuration>(_ phase: String, _ configuration: T) throws -> RunFolder {
        let run = try RunFolder(
            folder(phase), configuration: Resolved(configuration), seed: options.seed, versions: versions)
        // Only now: settings that a phase refused must not be those of the next command.
        try AtomicFile.write(try Resolved(options).yaml(), to: path + "/" + Self.settingsName)
        return run
    }

    /// Fixed batches as tensors, in channels-last order.
    func tensors(_ set: any ImageDataset, batchSize: Int, device: Device) throws -> [(images: Tensor, labels: Tensor)] {
        try Self.tensors(set, options.data, batchSize: batchSize, device: device)
    }

    /// The same for images that are not a study's.
    static func tensors(
        _ set: any ImageDataset, _ data: DataConfiguration, batchSize: Int, device: Device
    ) throws -> [(images: Tensor, labels: Tensor)] {
        let batches = try data.evaluationLoader(set, batchSize: batchSize).batches(epoch: 0)
        var made: [(images: Tensor, labels: Tensor)] = []
        while let batch = try batches.next() {
            guard batch.count > 1 else { continue }
            // A copy: the loader uses a batch's memory again.
            made.append((try batch.images().cloned().to(device), try batch.targets(on: device)))
        }
        guard !made.isEmpty else { throw TrainingError.nothingToScore }
        return made
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
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        // A loss that is no number is no reason to lose all that was measured beside it.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        try AtomicFile.write(try encoder.encode(result), to: path)
    }
}
