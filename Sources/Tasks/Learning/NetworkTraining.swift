import Architectures
import Datasets
import Experiments
import NN
import Networks
import Results
import Support
import Torch
import Training

/// The training of one stand-alone network on a task, from the data to a file that opens by itself and one score on the test
/// images. Every verb that ends in a network ends here: training one by itself, fine-tuning and retraining the one that a
/// search found, and each row of an adaptation.
public struct NetworkTraining {
    /// What a finished run leaves in `result.json`.
    public typealias Result = NetworkResult

    /// What is trained, from which images, and how.
    public let setup: NetworkSetup
    /// The folder of everything that the run writes.
    public let run: RunFolder
    /// What the run's folder, or that of the study that it is part of, keeps of its data.
    public let record: DataRecord
    private let progress: ProgressReporter

    /// Sets up a run; nothing is trained or written before it is called.
    ///
    /// - Parameters:
    ///   - setup: what is trained, from which images, and how.
    ///   - run: the folder of everything that the run writes.
    ///   - record: what the folder keeps of its data.
    ///   - progress: where progress is shown.
    public init(_ setup: NetworkSetup, run: RunFolder, record: DataRecord, progress: ProgressReporter) {
        (self.setup, self.run, self.record, self.progress) = (setup, run, record, progress)
    }

    /// The path of the finished network, a `NetworkFile`.
    public var networkFile: String { FilePath.join(run.path, Self.networkName) }
    /// The path of the result. Its presence is what marks a run as finished.
    public var resultFile: String { FilePath.join(run.path, ResultFile.name) }
    /// The name of the file of weights in the folder of a training.
    public static let networkName = "network.safetensors"

    /// Trains, or continues, or returns what an earlier call finished.
    ///
    /// - Throws: `ChangedDataError` where the images are others than the run began with; what training throws.
    public func callAsFunction() throws -> NetworkResult {
        try record.open(told: { progress.print("the images changed: \($0)") })
        if let finished = try ResultFile.read(NetworkResult.self, resultFile) { return finished }
        let validationSet = try setup.task.validationSet()
        let training = try setup.loader()
        let validation = try setup.data.evaluationLoader(validationSet)
        let method = try setup.method(batches: training.batchCount)
        let trainer = try setup.train.trainer(
            of: method, batches: training.batchCount, phase: setup.phase, settings: setup.settings, criterion: "score",
            log: setup.log, run: run, progress: progress)
        let summary = try trainer.train(on: training, validating: validation)
        if case .byDomain(_, let images) = setup.task.normalization {
            try method.recalibrate(setup.data.evaluationLoader(images).batches(epoch: 0))
        }
        return try finish(method, summary, validation, count: validationSet.count)
    }

    /// Writes the network and takes the final score: the one time that the test images are read.
    private func finish(
        _ method: NetworkMethod, _ summary: Trainer.Summary, _ validation: BatchLoader, count: Int
    ) throws -> NetworkResult {
        let card = setup.card(features: method.result.backbone.features)
        try NetworkFile.write(method.result.store.state, card, to: networkFile)
        func measure(
            _ loader: BatchLoader, _ part: TaskPart, _ count: Int, isMirrored: Bool = false
        ) throws -> any ScoreMeter {
            let phase = part == .test ? "test" : "validate"
            defer { progress.finish() }
            return try method.measure(loader.batches(epoch: 0), of: part, isMirrored: isMirrored) {
                progress.update(ProgressState(phase: phase, step: $0, steps: count, imagesPerStep: 1))
            }
        }
        let test = try setup.task.data.test.map { ($0.count, try setup.data.evaluationLoader($0)) }
        let validated = try measure(validation, .validation, count)
        let tested = try test.map { try measure($1, .test, $0) }
        var result = NetworkResult(
            architecture: setup.architecture, cost: try card.network.cost(imageSize: setup.data.imageSize),
            steps: summary.steps, epochs: setup.epochsBefore + Double(setup.train.epochs), seconds: summary.seconds,
            validation: try validated.score(), test: try tested?.score(),
            leftOut: setup.data.skipBadImages ? record.leftOut : nil)
        if setup.data.augmentation.mirrors, case .classes = type(of: setup.task).outputs {
            result.mirroredValidation = try measure(validation, .validation, count, isMirrored: true).score().accuracy
            result.mirroredTest = try test.map { try measure($1, .test, $0, isMirrored: true).score().accuracy } ?? nil
        }
        try ResultFile.write(
            (tested ?? validated).examples(), to: FilePath.join(run.path, ExamplesFile.name), pretty: false)
        try ResultFile.write(result, to: resultFile)
        return result
    }
}

/// What a training of one network is about: the task, the layers, the images, and how it learns.
public struct NetworkSetup {
    /// The seeds of a training's random choices.
    public struct Seeds: Sendable {
        /// The seed of initial values.
        public var initial: UInt64
        /// The seed of the order and the augmentation of images.
        public var images: UInt64
        /// The seed of what a step draws, such as mixing.
        public var steps: UInt64

        /// The seeds of a network that is trained by itself or was found by a study.
        public static func network(_ seed: UInt64) -> Seeds {
            Seeds(
                initial: SeededGenerator(seed: seed, RandomStream.networkInitial).state,
                images: SeededGenerator(seed: seed, RandomStream.trainingImages).state, steps: seed)
        }

        /// The seeds of one of many short trainings, whose images come in an order that follows from the seed itself.
        public static func brief(_ seed: UInt64) -> Seeds {
            Seeds(initial: SeededGenerator(seed: seed, RandomStream.networkInitial).state, images: seed, steps: seed)
        }

        /// The seeds of a row of an adaptation.
        public static func adaptation(_ seed: UInt64) -> Seeds {
            Seeds(
                initial: SeededGenerator(seed: seed, RandomStream.adaptedInitial).state,
                images: SeededGenerator(seed: seed, RandomStream.adaptedImages).state,
                steps: SeededGenerator(seed: seed, RandomStream.adaptedSteps).state)
        }
    }

    /// The task with its data, parted as it is to be used.
    public var task: any RecognitionTask
    /// The layers without choices, from [channels, H, W] to [features].
    public var layer: Layer
    /// The channels of the images.
    public var channels: Int
    /// The path of a supernet that the layers are; nil for none.
    public var architecture: Architecture?
    /// How images are prepared.
    public var data: DataConfiguration
    /// How the network learns.
    public var train: TrainConfiguration
    /// What is written down, and how often.
    public var log = LogConfiguration()
    /// What the backbone computes in.
    public var precision: Precision
    /// Where the network learns.
    public var device: Device
    /// The seeds of all random choices.
    public var seeds: Seeds
    /// The section of a configuration in which a user gives `train`.
    public var section: String
    /// The name of the phase, for progress.
    public var phase: String
    /// Passes over the images that were spent before, where they are part of the account.
    public var epochsBefore = 0.0
    /// Gives the weights to start from, in place of initial values, as far as they go; nil for none.
    public var weights: (() throws -> [(key: String, tensor: Tensor)])?
    /// The file that the weights are of, for messages; nil for none.
    public var weightsPath: String?
    /// The names of the settings of `train`, for messages.
    public var settings: SettingNames

    /// A training to set up further.
    ///
    /// - Parameters:
    ///   - task: the task with its data.
    ///   - layer: the layers without choices.
    ///   - channels: the channels of the images.
    ///   - data: how images are prepared.
    ///   - train: how the network learns.
    ///   - precision: what the backbone computes in.
    ///   - device: where the network learns.
    ///   - seeds: the seeds of all random choices.
    ///   - section: the section of a configuration in which a user gives `train`.
    public init(
        task: any RecognitionTask, layer: Layer, channels: Int, data: DataConfiguration, train: TrainConfiguration,
        precision: Precision, device: Device, seeds: Seeds, section: String = "train"
    ) {
        (self.task, self.layer, self.channels) = (task, layer, channels)
        (self.data, self.train, self.precision, self.device) = (data, train, precision, device)
        (self.seeds, self.section, phase) = (seeds, section, section)
        settings = SettingNames(section: section)
    }

    /// Augmented batches of the task's training images.
    ///
    /// - Throws: `TrainingError.batches` for a size that the task cannot use.
    public func loader() throws -> BatchLoader {
        let size = task.batchSize(atMost: train.batchSize)
        return try data.trainingLoader(
            DataConfiguration.sample(task.data.train, train.images), batchSize: size, setting: settings.batchSize,
            sampling: namingBatchSize(settings.batchSize) { try task.sampling(batchSize: size) }, seed: seeds.images)
    }

    /// The network with its initial values or the weights to start from, and how it learns.
    ///
    /// - Parameter batches: the steps of an epoch.
    /// - Throws: what building the network or loading its weights throws.
    public func method(batches: Int) throws -> NetworkMethod {
        func network(_ seed: UInt64) throws -> NetworkMethod.Network {
            try NetworkMethod.Network(
                layer, channels: channels, task: task,
                store: ParameterStore(seed: seed, device: device, format: .channelsLast))
        }
        let made = try network(seeds.initial)
        if let weights {
            func load() throws { try made.store.load(weights(), strict: false) }
            try weightsPath.map { try StateError.naming($0, load) } ?? load()
        }
        return try NetworkMethod(
            made,
            objective: TaskObjective(
                task, train: train, precision: precision, device: device, seed: seeds.steps,
                steps: train.epochs * batches, section: section)
        ) { try network(0) }
    }

    /// What the network's file says of it.
    ///
    /// - Parameter features: the number of features that the backbone gives.
    public func card(features: Int) -> NetworkFile.Card {
        .describing(task, layer, channels: channels, features: features, data)
    }

    /// Trains in memory, and measures the validation images.
    ///
    /// - Parameters:
    ///   - training: batches to learn from.
    ///   - scored: batches of the validation images.
    ///   - isCancelled: asked before each step.
    /// - Returns: the score, and the seconds of training; nil if it was cancelled.
    /// - Throws: what training throws.
    public func trainBriefly(
        on training: BatchLoader, scoring scored: BatchLoader, isCancelled: () -> Bool = { false }
    ) throws -> (score: Score, seconds: Double)? {
        let method = try method(batches: training.batchCount)
        let trainer = try train.trainer(
            of: method, batches: training.batchCount, phase: phase, settings: settings, criterion: "score", run: nil,
            progress: ProgressReporter(output: NoOutput()))
        guard let summary = try trainer.trainInMemory(on: training, isCancelled: isCancelled) else { return nil }
        return (try method.measure(scored.batches(epoch: 0), of: .validation).score(), summary.seconds)
    }
}

extension NetworkFile.Card {
    /// The card of a network that learned a task.
    ///
    /// - Parameters:
    ///   - task: what was learned.
    ///   - layer: the layers without choices.
    ///   - channels: the channels of the images.
    ///   - features: the number of features that the layers give.
    ///   - data: how images were prepared.
    public static func describing(
        _ task: any RecognitionTask, _ layer: Layer, channels: Int, features: Int, _ data: DataConfiguration
    ) -> NetworkFile.Card {
        let (mean, std) = data.normalization
        let head = task.networkHead(features: features)
        return NetworkFile.Card(
            task: task.name,
            network: NetworkDescription(channels: channels, classes: head.linearOutputs, backbone: layer),
            head: head.kind == .linear ? nil : head, classNames: task.outputNames ?? [], imageSize: data.imageSize,
            mean: mean, std: std, steps: data.steps, orientation: data.orientation)
    }
}

/// Trainings side by side cannot share a line.
public struct NoOutput: ProgressOutput {
    /// No terminal.
    public var columns: Int? { nil }

    /// An output that shows nothing.
    public init() {}

    /// Shows nothing.
    public func write(_ text: String) {}
}
