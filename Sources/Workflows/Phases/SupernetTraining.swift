import Architectures
import Datasets
import Experiments
import Foundation
import Methods
import NN
import Networks
import Supernets
import Support
import Torch
import Training

/// What the phase's result depends on.
struct SupernetRunConfiguration: PhaseConfiguration {
    var seed: UInt64 = 1
    var precision = Precision.bfloat16
    var device = "cpu"
    var data = DataConfiguration()
    var space = SpaceConfiguration()
    /// Digest of a space that was defined in code or in a file; empty for one that is known by its name.
    var spaceDigest = ""
    var method = MethodConfiguration()
    var train = LoopConfiguration()
    var log = LogConfiguration()
}

/// Trains the supernet of a study.
public struct SupernetTraining: StudyPhase {
    /// What the phase leaves in `result.json`.
    public struct Result: Codable, Sendable, Equatable {
        /// Learned values of all candidates, and of neck or classifier.
        public var parameters: Int
        /// The number of architectures.
        public var architectures: Double
        /// Steps of the whole phase.
        public var steps: Int
        /// Of training alone.
        public var seconds: Double
        /// The last evaluation, on the validation split.
        public var validation: [String: Double]
    }

    /// The name of the phase and of its folder.
    public static let name = "supernet"
    /// Whose phase it is.
    public let study: Study

    /// Sets up the phase; nothing is trained before it is called.
    public init(_ study: Study) { self.study = study }

    /// Path of the trained supernet.
    public var supernetFile: String { folder + "/supernet.safetensors" }
    /// Path of the mean teacher of Pi-NAS.
    public var teacherFile: String { folder + "/teacher.safetensors" }

    /// Trains, or continues, or returns what an earlier call finished.
    ///
    /// - Throws: `RunFolderError` if the folder was made with other settings; what training throws.
    @discardableResult
    public func callAsFunction() throws -> Result {
        let options = study.options
        let run = try study.run(Self.name, configuration())
        if let finished = try stored() { return finished }
        let device = try study.device()
        let description = try description()
        let method = try makeMethod(description, device: device)
        let views = (method as? PiMethod)?.options.views ?? 1
        let augmentation = options.method.name.isSupervised ? nil : options.method.views
        let images = try Study.sample(study.data.train, options.supernet.images)
        let training = try options.data.trainingLoader(
            images, augmentation: augmentation, batchSize: options.supernet.batchSize,
            setting: "supernet.batch-size", views: views,
            seed: SeededGenerator(seed: options.seed, 0xDA7A).state)
        let watched = try Study.sample(study.validationSet(), Self.watchedImages)
        let validation =
            options.method.name.isSupervised
            ? try options.data.evaluationLoader(watched)
            : try options.data.trainingLoader(
                watched, augmentation: augmentation, batchSize: min(256, watched.count), views: 2,
                seed: SeededGenerator(seed: options.seed, 0xE7A1).state)
        var loop = try options.supernet.trainerOptions(
            batches: training.batchCount, log: options.log,
            criterion: options.method.name.isSupervised ? "accuracy" : "loss")
        (loop.phase, loop.settings) = ("supernet", SettingNames(section: "supernet"))
        let trainer = try Trainer(
            method: method, optimizer: options.supernet.optimizer(method.store), options: loop,
            instruments: instruments(method, device: device), run: run, progress: study.progress)
        let summary = try trainer.train(on: training, validating: validation)
        try write(method, description)
        let result = Result(
            parameters: method.store.parameterCount, architectures: description.space.size,
            steps: summary.steps, seconds: summary.seconds, validation: summary.validation)
        try PhaseResult.write(result, resultFile)
        return result
    }

    /// Validation images that are looked at during training.
    private static let watchedImages = 1024

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

    /// The supernet's layers and choices, checked for the size of the images.
    ///
    /// - Throws: `SpaceError`.
    public func description() throws -> SupernetDescription {
        let channels = try study.options.data.evaluationLoader(study.data.train).imageShape[0]
        let description = try study.space ?? study.options.space.description(channels: channels)
        guard description.channels == channels else {
            throw SpaceError.invalid(
                space: description.space.name,
                ["it is for images of \(description.channels) channels; the data has \(channels)"])
        }
        _ = try description.features(imageSize: study.options.data.imageSize)
        return description
    }

    func makeMethod(_ description: SupernetDescription, device: Device) throws -> any Method {
        let options = study.options
        let classes = study.data.classNames.count
        let settings = study.methodSettings(device: device)
        func store(_ seed: UInt64) throws -> ParameterStore {
            try ParameterStore(seed: seed, device: device, format: .channelsLast)
        }
        let seed = SeededGenerator(seed: options.seed, 0x50BE).state
        func classifier(_ seed: UInt64) throws -> SupernetClassifier {
            try SupernetClassifier(description, classes: classes, store: store(seed))
        }
        let smoothing = options.method.labelSmoothing
        switch options.method.name {
        case .piNAS:
            func encoder(_ seed: UInt64) throws -> SupernetEncoder {
                try SupernetEncoder(description, dimension: options.method.dimension, store: store(seed))
            }
            return try PiMethod(
                encoder(seed), dimension: options.method.dimension, options: options.method.piOptions,
                settings: settings
            ) { try encoder(0) }
        case .supervisedPiNAS:
            var parts = SupervisedPiMethod.Options()
            (parts.consistency, parts.labelSmoothing) = (options.method.consistency, smoothing)
            return try SupervisedPiMethod(classifier(seed), options: parts, settings: settings) { try classifier(0) }
        case .singlePath:
            return SinglePathMethod(try classifier(seed), labelSmoothing: smoothing, settings: settings)
        case .fair:
            return FairMethod(
                try classifier(seed), update: options.method.fairUpdate, labelSmoothing: smoothing, settings: settings)
        case .sandwich:
            return SandwichMethod(
                try classifier(seed),
                costs: try CostTable(description, imageSize: options.data.imageSize, classes: classes),
                randomPaths: options.method.randomPaths, labelSmoothing: smoothing, settings: settings)
        }
    }

    private func instruments(_ method: any Method, device: Device) throws -> [any Instrument] {
        guard let supernet = Self.supernet(of: method) else { return [] }
        let images = try study.tensors(
            Study.sample(study.validationSet(), 64), batchSize: 64, device: device)[0].images
        // The stem's weights are moved by every path; a few of the other shared ones stand for the rest.
        let shared = supernet.sharedEntries.filter { $0.role == .parameter && $0.tensor.rank == 4 }
        return [
            try ParameterShift(Array(shared.prefix(4))),
            FeatureShift(
                supernet, images: images, every: 4, precision: study.options.precision, seed: study.options.seed),
        ]
    }

    private static func supernet(of method: any Method) -> Supernet? {
        if let method = method as? PiMethod { return method.encoder.supernet }
        return (method as? any SupervisedSupernetMethod)?.classifier.supernet
    }

    private func write(_ method: any Method, _ description: SupernetDescription) throws {
        let (mean, std) = study.options.data.normalization
        let card = SupernetFile.Card(
            supernet: description, method: study.options.method.name.rawValue,
            dimension: study.options.method.name.isSupervised ? nil : study.options.method.dimension,
            classNames: study.data.classNames, imageSize: study.options.data.imageSize, mean: mean, std: std,
            steps: study.options.data.steps, orientation: study.options.data.orientation)
        if let method = method as? PiMethod, method.keyEncoder !== method.encoder {
            try SupernetFile.write(method.keyEncoder.store, card, to: teacherFile)
        }
        try SupernetFile.write(method.store, card, to: supernetFile)
    }
}
