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

/// The setup of a training of one network: the task, the layers, the images and the training settings.
public struct NetworkSetup {
    /// The seeds of a training's random choices.
    public struct Seeds: Codable, Sendable {
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
    /// The network whose outputs are learned; nil for none.
    public var teacher: Teacher?
    /// Whether the final score reads the test images; not for one of several networks of which one is chosen.
    public var readsTest = true
    /// The path of the file of the weights, for messages; nil for none.
    public var weightsPath: String?
    /// The keys by which a user sets `train`, for messages.
    public var settings: SettingNames

    /// The processes that train together; nil for one alone.
    public var ranks: Ranks?
    /// The name by which other processes find the task, where it is not the one that all have opened; nil where it is.
    public var otherTask: String?

    /// A network whose outputs are learned.
    public struct Teacher {
        /// Its layers, which take what the pupil takes.
        public var layer: Layer
        /// The share of the loss that is the distance from its outputs.
        public var share: Double
        /// A closure that returns its weights.
        public var weights: () throws -> [(key: String, tensor: Tensor)]

        /// A teacher of these layers and weights.
        public init(_ layer: Layer, share: Double, weights: @escaping () throws -> [(key: String, tensor: Tensor)]) {
            (self.layer, self.share, self.weights) = (layer, share, weights)
        }
    }

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
        func network(_ layer: Layer, _ seed: UInt64) throws -> NetworkMethod.Network {
            try NetworkMethod.Network(
                layer, channels: channels, task: task,
                store: ParameterStore(seed: seed, device: device, format: .channelsLast))
        }
        let made = try network(layer, seeds.initial)
        if let weights {
            func load() throws { try made.store.load(weights(), strict: false) }
            try weightsPath.map { try StateError.naming($0, load) } ?? load()
        }
        let teacher = try teacher.map { teacher in
            let made = try network(teacher.layer, 0)
            // All learn from the one of rank 0.
            let own = try ranks?.isFirst ?? true ? teacher.weights() : []
            try made.store.load(ranks?.shared(own) ?? own, strict: false)
            return NetworkTeacher(made, share: teacher.share)
        }
        return try NetworkMethod(
            made,
            objective: TaskObjective(
                task, train: train, precision: precision, device: device, seed: seeds.steps,
                steps: train.epochs * batches, section: section, ranks: ranks), teacher: teacher
        ) { try network(layer, 0) }
    }

    /// The card of the network's file.
    ///
    /// - Parameter features: the number of features that the backbone gives.
    public func card(features: Int) -> NetworkFile.Card {
        .describing(task, layer, channels: channels, features: features, data)
    }

    /// Trains to the end, from the newest checkpoint of the run's folder where there is one.
    ///
    /// - Parameters:
    ///   - validation: the batches to evaluate on; nil where another process does.
    ///   - run: the folder of log and checkpoints; nil where another process writes them.
    ///   - progress: the reporter that shows progress.
    /// - Returns: the method, whose network has learned, and a summary.
    /// - Throws: what training throws.
    func learn(
        validating validation: BatchLoader?, run: RunFolder?, progress: ProgressReporter
    ) throws -> (NetworkMethod, Trainer.Summary) {
        let training = try loader()
        let method = try method(batches: training.batchCount)
        let trainer = try train.trainer(
            of: method, batches: training.batchCount, phase: phase, settings: settings, criterion: "score", log: log,
            run: run, ranks: ranks, progress: progress)
        return (method, try trainer.train(on: training, validating: validation ?? training))
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
