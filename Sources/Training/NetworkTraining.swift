import Architectures
import Datasets
import Experiments
import Foundation
import NN
import Networks
import Support
import Torch

/// The whole of `supernet train`: data, network, training, and one final score on the test split.
public struct NetworkTraining {
    /// All settings of a run, as its configuration file holds them.
    public typealias Options = NetworkTrainingConfiguration

    /// What a finished run leaves in `result.json`.
    public struct Result: Codable, Sendable, Equatable {
        /// Learned values of the network.
        public var parameters: Int
        /// For one image.
        public var multiplyAdds: Int
        /// Steps of the whole run, those before an interruption included.
        public var steps: Int
        /// Of training alone.
        public var trainingSeconds: Double
        /// On the validation split, of the network that is written: the averaged one, where there is one.
        public var validation: ClassificationScore
        /// Nil where the data has no test split.
        public var test: ClassificationScore?
        /// Accuracy when the logits of an image and of its mirror image are averaged, at twice the cost; nil where
        /// training does not mirror images.
        public var mirroredValidation: Double?
        /// The same on the test split.
        public var mirroredTest: Double?
        /// The images that could not be read and were left out; nil where such an image stops the run.
        public var leftOut: [UnreadableImages.Entry]?
    }

    /// The settings of the run.
    public let options: Options
    /// The splits in use: a validation split is always among them.
    public let data: OpenedDataset
    /// Where everything that the run writes lies.
    public let run: RunFolder
    /// What the run's folder, or that of the study that it is part of, keeps of its data.
    public let record: DataRecord
    private let settings: SettingNames
    private let progress: ProgressReporter

    /// Sets up a run; nothing is trained or written before it is called. Where `data` has no validation split, one is
    /// drawn from its training images, class by class, the same whatever the seed.
    ///
    /// - Parameters:
    ///   - options: the settings of the run.
    ///   - data: the images.
    ///   - isCut: whether `data` is what the settings leave of a data set already, as a study's is: cut again, a share would
    ///     be a share of a share, and validation images without test images would pass for a test.
    ///   - run: where everything that the run writes lies.
    ///   - section: where a user gives the settings of `options.train`, for messages that name them.
    ///   - progress: where progress is shown.
    ///   - record: of the study that the run is part of; nil for a run by itself.
    ///   - changedData: what becomes of a run by itself whose images are others than it began with.
    /// - Throws: what the split throws if the images are too few to part.
    public init(
        options: Options, data: OpenedDataset, isCut: Bool = false, run: RunFolder, section: String = "train",
        progress: ProgressReporter, record: DataRecord? = nil, changedData: ChangedDataPolicy = .refused
    ) throws {
        self.options = options
        settings = SettingNames(section: section)
        self.run = run
        self.progress = progress
        self.data = isCut ? data : try options.data.withValidation(data)
        self.record =
            record
            ?? DataRecord(
                folder: run.path, of: self.data, root: options.data.source, changes: changedData)
    }

    /// Path of the finished network, a `NetworkFile`.
    public var networkFile: String { run.path + "/network.safetensors" }
    /// Path of the JSON of `Result`. Its presence is what marks a run as finished.
    public var resultFile: String { run.path + "/result.json" }

    /// Trains, or continues, or returns what an earlier call finished.
    ///
    /// - Throws: `ChangedDataError` where the images are others than the run began with; what training throws.
    public func callAsFunction() throws -> Result {
        try record.open(told: { progress.print("the images changed: \($0)") })
        if let finished = try storedResult() { return finished }
        guard let validationSet = data.validation else { throw TrainingError.nothingToScore }
        guard let device = Device(options.train.device) else {
            throw TrainingError.badOption("train.device", "must be cpu, cuda or cuda:N, is `\(options.train.device)`")
        }
        try device.validate()
        let training = try loader(data.train, training: true)
        let validation = try loader(validationSet, training: false)
        let origin = try origin()
        let description =
            try origin?.card.network
            ?? options.network.description(channels: training.imageShape[0], classes: data.classNames.count)
        let method = try makeMethod(
            description, weights: options.network.inherit ? origin?.network.store.state : nil, device: device)
        let trainer = try Trainer(
            method: method, optimizer: options.train.optimizer(method.store),
            options: loopOptions(batches: training.batchCount), run: run,
            progress: progress)
        let summary = try trainer.train(on: training, validating: validation)
        return try finish(method, summary, validation: validation, of: validationSet, device: device)
    }

    /// The final score: the one time that the test split is read.
    private func finish(
        _ method: SupervisedMethod<ClassificationNetwork>, _ summary: Trainer.Summary, validation: BatchLoader,
        of validationSet: any ImageDataset, device: Device
    ) throws -> Result {
        let network = method.averaged
        func score(
            _ loader: BatchLoader, of set: any ImageDataset, _ phase: String, mirrored: Bool = false
        ) throws -> ClassificationScore {
            let steps = set.count
            defer { progress.finish() }
            return try .measure(
                network, loader.batches(epoch: 0), classes: data.classNames.count,
                precision: options.train.precision, device: device, mirrored: mirrored
            ) { progress.update(ProgressState(phase: phase, step: $0, steps: steps, imagesPerStep: 1)) }
        }
        try NetworkFile.write(network, card(network), to: networkFile)
        let test = try data.test.map { ($0, try loader($0, training: false)) }
        var result = Result(
            parameters: network.store.parameterCount,
            multiplyAdds: try network.description.cost(imageSize: imageSize).multiplyAdds, steps: summary.steps,
            trainingSeconds: summary.seconds, validation: try score(validation, of: validationSet, "validate"),
            test: try test.map { try score($0.1, of: $0.0, "test") })
        if options.data.augmentation.mirrors {
            result.mirroredValidation = try score(validation, of: validationSet, "validate", mirrored: true).accuracy
            result.mirroredTest = try test.map { try score($0.1, of: $0.0, "test", mirrored: true).accuracy }
        }
        if options.data.skipBadImages { result.leftOut = record.leftOut }
        try ResultFile.write(result, to: resultFile, pretty: false)
        return result
    }

    private func storedResult() throws -> Result? {
        guard FileManager.default.fileExists(atPath: resultFile) else { return nil }
        do {
            return try JSONDecoder().decode(Result.self, from: Data(InputFile.readAll(resultFile)))
        } catch is DecodingError {
            throw TrainingError.badResult(path: resultFile)
        }
    }

    /// Of the images that the network sees, in pixels.
    public var imageSize: ImageSize { options.data.imageSize }

    private func card(_ network: ClassificationNetwork) -> NetworkFile.Card {
        let (mean, std) = options.data.normalization
        return NetworkFile.Card(
            network: network.description, classNames: data.classNames, imageSize: imageSize, mean: mean, std: std,
            steps: options.data.steps, orientation: options.data.orientation)
    }

    private func loader(_ dataset: any ImageDataset, training: Bool) throws -> BatchLoader {
        guard training else { return try options.data.evaluationLoader(dataset) }
        return try options.data.trainingLoader(
            dataset, batchSize: options.train.batchSize, setting: settings.batchSize,
            seed: SeededGenerator(seed: options.seed, 0xDA7A).state)
    }

    /// The network whose architecture is taken, if it is another's.
    private func origin() throws -> NetworkFile? {
        guard !options.network.from.isEmpty else { return nil }
        let file = try NetworkFile.read(options.network.from)
        guard file.card.classNames == data.classNames else {
            throw TrainingError.badOption(
                "network.from", "is a network for the classes \(file.card.classNames), the data has \(data.classNames)")
        }
        return file
    }

    private func makeMethod(
        _ description: NetworkDescription, weights: [(key: String, tensor: Tensor)]?, device: Device
    ) throws -> SupervisedMethod<ClassificationNetwork> {
        let keepsClassifier = options.network.inheritClassifier
        return try StateError.naming(options.network.from) {
            try options.train.method(
                description, weights: weights?.filter { keepsClassifier || !$0.key.hasPrefix("fc.") },
                strict: keepsClassifier, seed: options.seed, device: device)
        }
    }

    private func loopOptions(batches: Int) throws -> Trainer.Options {
        var loop = Trainer.Options(
            epochs: options.train.epochs, learningRate: options.train.learningRate,
            schedule: options.train.schedule(batches: batches),
            retention: try CheckpointRetention(
                last: options.log.keepLast, best: options.log.keepBest, higherIsBetter: true))
        loop.clipNorm = options.train.clipNorm
        loop.settings = settings
        loop.logEvery = options.log.every
        loop.checkpointEvery = options.log.checkpointEvery
        loop.evaluateEvery = options.log.evaluateEvery
        return loop
    }
}
