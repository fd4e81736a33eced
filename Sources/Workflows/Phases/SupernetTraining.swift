import Architectures
import Datasets
import Distributed
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

/// The settings on which the phase's result depends.
struct SupernetRunConfiguration: PhaseConfiguration {
    var seed: UInt64 = 1
    var precision = Precision.bfloat16
    var device = "cpu"
    var task = TaskConfiguration()
    var data = DataConfiguration()
    var space = SpaceConfiguration()
    /// The digest of a space that was defined in code or in a file; empty for a registered one.
    var spaceDigest = ""
    var method = MethodConfiguration()
    var train = TrainConfiguration()
    var log = LogConfiguration()

    static var renamedKeys: [String: [String]] { ["method.label-smoothing": ["train.label-smoothing"]] }
}

/// The training of a study's supernet, the first phase. Call the value to run the phase, or to continue an interrupted
/// run.
public struct SupernetTraining: StudyPhase {
    /// The result that the phase writes to `result.json`.
    public typealias Result = SupernetResult

    /// The name of the phase and of its folder.
    public static let name = "supernet"
    /// The study that the phase is part of.
    public let study: Study

    /// Sets up the phase. Nothing is trained before it is called.
    public init(_ study: Study) { self.study = study }

    /// The path of the trained supernet, a `SupernetFile`.
    public var supernetFile: String { FilePath.join(folder, "supernet.safetensors") }
    /// The path of the mean teacher, a `SupernetFile`, which methods with a teacher write.
    public var teacherFile: String { FilePath.join(folder, "teacher.safetensors") }

    /// Trains the supernet, continues an interrupted training, or returns the result of a finished one.
    ///
    /// - Throws: `RunFolderError` if the folder was made with other settings; what training throws.
    @discardableResult
    public func callAsFunction() throws -> SupernetResult {
        let run = try study.run(Self.name, configuration())
        if let finished = try stored() { return finished }
        let description = try description()
        let (method, summary) = try Ranks.together(.supernet) {
            try learn(
                description, validating: validationLoader(), run: run, instruments: instruments(_:device:),
                progress: study.progress)
        }
        try write(method, description)
        let result = SupernetResult(
            parameters: method.store.parameterCount, architectures: description.space.size, steps: summary.steps,
            seconds: summary.seconds, validation: summary.validation)
        try ResultFile.write(result, to: resultFile)
        return result
    }

    /// Takes part in a training whose files rank 0 writes.
    ///
    /// - Throws: `RanksError` if another process ends; what training throws.
    func follow() throws {
        _ = try learn(
            description(), validating: nil, run: nil, instruments: { _, _ in [] },
            progress: ProgressReporter(output: NoOutput()))
    }

    /// Trains to the end, from the newest checkpoint of the run's folder where there is one.
    private func learn(
        _ description: SupernetDescription, validating validation: BatchLoader?, run: RunFolder?,
        instruments: (Supernet, Device) throws -> [any Instrument], progress: ProgressReporter
    ) throws -> (any SupernetMethod, Trainer.Summary) {
        let options = study.options
        let device = try study.device()
        let training = try loader()
        let method = try makeMethod(description, device: device, batches: training.batchCount)
        let trainer = try options.supernet.trainer(
            of: method, batches: training.batchCount, phase: "supernet", settings: SettingNames(section: "supernet"),
            criterion: options.method.isSupervised ? "score" : "loss", log: options.log,
            instruments: instruments(method.supernet, device), run: run, ranks: Ranks.current, progress: progress)
        return (method, try trainer.train(on: training, validating: validation ?? training))
    }

    private func configuration() throws -> SupernetRunConfiguration {
        let options = study.options
        var own = study.configuration(of: SupernetRunConfiguration.self)
        (own.space, own.method, own.train, own.log) = (options.space, options.method, options.supernet, options.log)
        if let space = study.space {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            own.spaceDigest = FileDigest.text(of: Array(try encoder.encode(space)))
        } else if let file = options.space.definition.file {
            own.spaceDigest = try FileDigest.text(of: file)
        }
        return own
    }

    /// Creates the loader of training batches, with the views that the method takes.
    func loader() throws -> BatchLoader {
        let options = study.options
        let views = options.method.views
        return try study.trainingLoader(
            options.supernet, section: "supernet", stream: RandomStream.trainingImages, views: views)
    }

    /// Creates the loader of batches for evaluation during training: prepared for evaluation, or with two views of each
    /// image where the method learns from views.
    private func validationLoader() throws -> BatchLoader {
        let options = study.options
        let watched = try DataConfiguration.sample(study.task.validationSet(), Study.watchedImages)
        guard let views = options.method.views else { return try options.data.evaluationLoader(watched) }
        return try options.data.trainingLoader(
            watched, augmentation: views.augmentation, batchSize: min(256, watched.count), views: 2,
            seed: study.seed(RandomStream.evaluatedViews))
    }

    /// The supernet's layers and choices, checked against the size of the images.
    ///
    /// - Throws: `SpaceError`.
    public func description() throws -> SupernetDescription {
        let channels = try study.options.data.evaluationLoader(study.task.data.train).imageShape[0]
        let description = try study.task.supernet(
            on: study.space ?? study.options.space.description(channels: channels))
        guard description.channels == channels else {
            throw SpaceError.invalid(
                space: description.space.name,
                ["it is for images of \(description.channels) channels; the data has \(channels)"])
        }
        _ = try description.features(imageSize: study.options.data.imageSize)
        return description
    }

    /// Creates the method with the initial values of its supernet.
    func makeMethod(_ description: SupernetDescription, device: Device, batches: Int) throws -> any SupernetMethod {
        let options = study.options
        return try options.method.make(
            SupernetSetup(
                description,
                objective: study.objective(
                    options.supernet, device: device, steps: options.supernet.epochs * batches, section: "supernet"),
                imageSize: options.data.imageSize))
    }

    private func instruments(_ supernet: Supernet, device: Device) throws -> [any Instrument] {
        let images = try study.options.data.tensors(
            DataConfiguration.sample(study.task.validationSet(), 64), batchSize: 64, device: device)[0].images
        // The stem's weights are moved by every path; a few of the other shared ones stand for the rest.
        let shared = supernet.sharedEntries.filter { $0.role == .parameter && $0.tensor.rank == 4 }
        return [
            try ParameterShift(Array(shared.prefix(4))),
            FeatureShift(
                supernet, images: images, every: 4, precision: study.options.precision, seed: study.options.seed),
        ]
    }

    private func write(_ method: any SupernetMethod, _ description: SupernetDescription) throws {
        let data = study.options.data
        let (mean, std) = data.normalization
        let card = SupernetFile.Card(
            supernet: description, method: study.options.method.name, task: study.task.name,
            dimension: method.embeddingDimension, classNames: study.task.outputNames ?? [], imageSize: data.imageSize,
            mean: mean, std: std, steps: data.steps, orientation: data.orientation)
        if let teacher = method.teacher { try SupernetFile.write(teacher, card, to: teacherFile) }
        try SupernetFile.write(method.store, card, to: supernetFile)
    }
}
