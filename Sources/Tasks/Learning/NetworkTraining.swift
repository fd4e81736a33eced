import Architectures
import Datasets
import Distributed
import Experiments
import NN
import Networks
import Results
import Support
import Torch
import Training

/// The training of one stand-alone network on a task, from the data to a self-contained file and a final score on the
/// test images. It is used to train a network by itself, to fine-tune or retrain the network that a search found, and
/// for each row of an adaptation.
public struct NetworkTraining {
    /// The result that a finished run writes to `result.json`.
    public typealias Result = NetworkResult

    /// The network, its images and its training settings.
    public let setup: NetworkSetup
    /// The folder that everything is written to.
    public let run: RunFolder
    /// The record of the images, kept in the run's folder or in that of the study that it is part of.
    public let record: DataRecord
    private let progress: ProgressReporter

    /// Sets up a run. Nothing is trained or written before it is called.
    ///
    /// - Parameters:
    ///   - setup: the network, its images and its training settings.
    ///   - run: the folder that everything is written to.
    ///   - record: the record of the images, which the folder keeps.
    ///   - progress: the reporter that shows progress.
    public init(_ setup: NetworkSetup, run: RunFolder, record: DataRecord, progress: ProgressReporter) {
        (self.setup, self.run, self.record, self.progress) = (setup, run, record, progress)
    }

    /// The path of the trained network, a `NetworkFile`.
    public var networkFile: String { FilePath.join(run.path, Self.networkName) }
    /// The path of the result, whose presence marks a run as finished.
    public var resultFile: String { FilePath.join(run.path, ResultFile.name) }
    /// The name of the file of weights in the folder of a training.
    public static let networkName = "network.safetensors"

    /// Trains the network, continues an interrupted training, or returns the result of a finished one.
    ///
    /// - Throws: `ChangedDataError` if the images differ from those that the run began with; what training throws.
    public func callAsFunction() throws -> NetworkResult {
        try record.open(told: { progress.print("the images changed: \($0)") })
        if let finished = try ResultFile.read(NetworkResult.self, resultFile) {
            _ = try setup.ranks?.shared(NetworkSetup.isFinished)
            return finished
        }
        _ = try setup.ranks?.shared("")
        let validationSet = try setup.task.validationSet()
        let training = try setup.loader()
        let validation = try setup.data.evaluationLoader(validationSet)
        let method = try setup.method(batches: training.batchCount)
        let trainer = try setup.train.trainer(
            of: method, batches: training.batchCount, phase: setup.phase, settings: setup.settings, criterion: "score",
            log: setup.log, run: run, ranks: setup.ranks, progress: progress)
        let summary = try trainer.train(on: training, validating: validation)
        try setup.ranks?.finish()
        if case .byDomain(_, let images) = setup.task.normalization {
            try method.recalibrate(setup.data.evaluationLoader(images).batches(epoch: 0))
        }
        return try finish(method, summary, validation, count: validationSet.count)
    }

    /// Writes the network and computes the final score. This is the only time that the test images are read.
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
        let test = try (setup.readsTest ? setup.task.data.test : nil).map {
            ($0.count, try setup.data.evaluationLoader($0))
        }
        let validated = try measure(validation, .validation, count)
        let tested = try test.map { try measure($1, .test, $0) }
        var result = NetworkResult(
            architecture: setup.architecture, cost: try card.cost(),
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

/// The setup of a training of one network: the task, the layers, the images and the training settings.
public struct NetworkSetup {
    /// The seeds of a training's random choices.
    public struct Seeds: Sendable {
        /// The seed of initial values.
        public var initial: UInt64
        /// The seed of the order and the augmentation of images.
        public var images: UInt64
        /// The seed of the random choices of steps, such as mixing.
        public var steps: UInt64

        /// Derives the seeds of a network that is trained by itself or was found by a study.
        public static func network(_ seed: UInt64) -> Seeds {
            Seeds(
                initial: SeededGenerator(seed: seed, RandomStream.networkInitial).state,
                images: SeededGenerator(seed: seed, RandomStream.trainingImages).state, steps: seed)
        }

        /// Derives the seeds of one of many short trainings, in which the order of images follows from the seed itself.
        public static func brief(_ seed: UInt64) -> Seeds {
            Seeds(initial: SeededGenerator(seed: seed, RandomStream.networkInitial).state, images: seed, steps: seed)
        }

        /// Derives the seeds of a row of an adaptation.
        public static func adaptation(_ seed: UInt64) -> Seeds {
            Seeds(
                initial: SeededGenerator(seed: seed, RandomStream.adaptedInitial).state,
                images: SeededGenerator(seed: seed, RandomStream.adaptedImages).state,
                steps: SeededGenerator(seed: seed, RandomStream.adaptedSteps).state)
        }
    }

    /// The task with its data, already split.
    public var task: any RecognitionTask
    /// The layers without choices, from [channels, H, W] to [features].
    public var layer: Layer
    /// The channels of the images.
    public var channels: Int
    /// The path of a supernet that the layers belong to; nil for none.
    public var architecture: Architecture?
    /// The settings by which images are prepared.
    public var data: DataConfiguration
    /// The training settings.
    public var train: TrainConfiguration
    /// The intervals at which logs, evaluations and checkpoints are written.
    public var log = LogConfiguration()
    /// The precision of the backbone.
    public var precision: Precision
    /// The device that computes.
    public var device: Device
    /// The seeds of all random choices.
    public var seeds: Seeds
    /// The section of a configuration that `train` is read from.
    public var section: String
    /// The name of the phase in the progress line.
    public var phase: String
    /// The number of epochs that were spent before this training, where they are counted in the result.
    public var epochsBefore = 0.0
    /// A closure that returns the weights to start from, which replace initial values by key; nil for none.
    public var weights: (() throws -> [(key: String, tensor: Tensor)])?
    /// A closure that makes the network whose outputs are learned; nil for none.
    public var teacher: (() throws -> NetworkTeacher)?
    /// Whether the final score reads the test images; not for one of several networks of which one is chosen.
    public var readsTest = true
    /// The path of the file of the weights, for messages; nil for none.
    public var weightsPath: String?
    /// The keys by which a user sets `train`, for messages.
    public var settings: SettingNames

    /// The processes that train together; nil for one alone.
    public var ranks = Ranks.current

    /// Creates a setup, whose other properties have default values.
    ///
    /// - Parameters:
    ///   - task: the task with its data, already split.
    ///   - layer: the layers without choices.
    ///   - channels: the channels of the images.
    ///   - data: the settings by which images are prepared.
    ///   - train: the training settings.
    ///   - precision: the precision of the backbone.
    ///   - device: the device that computes.
    ///   - seeds: the seeds of all random choices.
    ///   - section: the section of a configuration that `train` is read from.
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
    /// - Throws: `TrainingError.batches` for a batch size that the task cannot use.
    public func loader() throws -> BatchLoader {
        let size = task.batchSize(atMost: train.batchSize)
        return try data.trainingLoader(
            DataConfiguration.sample(task.data.train, train.images), batchSize: size, setting: settings.batchSize,
            sampling: namingBatchSize(settings.batchSize) { try task.sampling(batchSize: size) },
            share: ranks.map { BatchShare($0.rank, of: $0.size) }, seed: seeds.images)
    }

    /// Builds the network with its initial values or the weights to start from, and its training method.
    ///
    /// - Parameter batches: the number of steps in an epoch.
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
                steps: train.epochs * batches, section: section, ranks: ranks), teacher: teacher?()
        ) { try network(0) }
    }

    /// The card of the network's file.
    ///
    /// - Parameter features: the number of features that the backbone gives.
    public func card(features: Int) -> NetworkFile.Card {
        .describing(task, layer, channels: channels, features: features, data)
    }

    static let isFinished = "finished"

    /// Takes part in a training whose files rank 0 writes.
    ///
    /// - Throws: `RanksError` if another process ends; what training throws.
    public func follow() throws {
        guard let ranks, try ranks.shared("") != Self.isFinished else { return }
        let training = try loader()
        let method = try method(batches: training.batchCount)
        let trainer = try train.trainer(
            of: method, batches: training.batchCount, phase: phase, settings: settings, criterion: "score", log: log,
            run: nil, ranks: ranks, progress: ProgressReporter(output: NoOutput()))
        _ = try trainer.train(on: training, validating: training)
        try ranks.finish()
    }

    /// Trains in memory and scores the validation images.
    ///
    /// - Parameters:
    ///   - training: the batches to learn from.
    ///   - scored: the batches of the validation images.
    ///   - isCancelled: a closure that is called before each step and stops the training by returning true.
    /// - Returns: the score and the seconds of training; nil if it was cancelled.
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
    /// Creates the card of a network that was trained on a task.
    ///
    /// - Parameters:
    ///   - task: the task.
    ///   - layer: the layers without choices.
    ///   - channels: the channels of the images.
    ///   - features: the number of features that the layers give.
    ///   - data: the settings by which images were prepared.
    public static func describing(
        _ task: any RecognitionTask, _ layer: Layer, channels: Int, features: Int, _ data: DataConfiguration
    ) -> NetworkFile.Card {
        let (mean, std) = data.normalization
        let head = task.networkHead(features: features)
        return NetworkFile.Card(
            task: task.name,
            network: NetworkDescription(channels: channels, classes: head.linearOutputs, backbone: layer),
            head: head.kind == .linear ? nil : head, classNames: task.outputNames ?? [], imageSize: data.imageSize,
            mean: mean, std: std, steps: data.steps, orientation: data.orientation,
            base: head.kind == .map ? data.augmentation.base ?? data.imageSize.longer : nil)
    }
}

/// A progress output that shows nothing, for trainings that run side by side.
public struct NoOutput: ProgressOutput {
    /// Nil, as there is no terminal.
    public var columns: Int? { nil }

    /// Creates the output.
    public init() {}

    /// Ignores the text.
    public func write(_ text: String) {}
}
