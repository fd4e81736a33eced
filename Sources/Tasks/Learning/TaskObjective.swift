import Datasets
import Distributed
import NN
import Networks
import Support
import Torch
import Training

/// The objective of a training: a task's loss on batches, with mixing, precision, device and seed. Stand-alone networks
/// and supernets use the same.
public struct TaskObjective {
    /// The task whose loss is minimised.
    public let task: any RecognitionTask
    /// The training settings, of which label smoothing and mixing are used.
    public let train: TrainConfiguration
    /// The precision of backbones; heads and losses compute in float32.
    public let precision: Precision
    /// The device that batches are moved to, which must be that of the network.
    public let device: Device
    /// The seed of every random choice of a step.
    public let seed: UInt64
    /// The number of steps of the whole training.
    public let steps: Int
    /// The processes that share each batch; nil for one alone.
    public let ranks: Ranks?

    /// A batch that is prepared for a training step.
    public struct Step {
        /// The images [N, C, H, W], which may be mixed.
        public let images: Tensor
        /// The targets of the images.
        public let targets: Targets
        /// The size of each image without padding.
        public let sizes: [ImageSize]
        /// The progress of the training, from 0 at its start to 1 at its end.
        public let progress: Double
        /// The mode of the passes of the step: training, with dropout. What is dropped follows from the seed and the number
        /// of the step, and from the order of its passes, so that a training may go on at any step.
        public let mode: Mode
        /// The lengths of the parts that batch norm normalises separately; nil for all images together.
        let parts: [Int]?
    }

    /// Creates an objective.
    ///
    /// - Parameters:
    ///   - task: the task whose loss is minimised.
    ///   - train: the training settings, of which label smoothing and mixing are used.
    ///   - precision: the precision of backbones.
    ///   - device: the device that batches are moved to.
    ///   - seed: the seed of every random choice of a step.
    ///   - steps: the number of steps of the whole training.
    ///   - section: the section of a configuration that `train` is read from, for messages.
    ///   - ranks: the processes that share each batch; nil for one alone.
    /// - Throws: `TrainingError.badOption` if `train` mixes images and the task has no classes.
    public init(
        _ task: any RecognitionTask, train: TrainConfiguration, precision: Precision, device: Device, seed: UInt64,
        steps: Int, section: String = "train", ranks: Ranks? = nil
    ) throws {
        try train.requireMixable(task, section: section)
        (self.task, self.train, self.precision) = (task, train, precision)
        (self.device, self.seed, self.steps, self.ranks) = (device, seed, max(steps, 1), ranks)
    }

    /// Moves a batch to the device, and mixes it where the settings say so.
    ///
    /// - Parameters:
    ///   - batch: images and labels.
    ///   - step: the number of the step.
    /// - Throws: `TorchError`.
    public func prepare(_ batch: Batch, step: Int) throws -> Step {
        var images = try batch.images(on: device)
        var targets = try Targets(batch, on: device, smoothing: train.labelSmoothing)
        if let mix = try train.mixing(batch, seed: seed, step: step), let classes = task.mixableClasses {
            images = try mix.mixed(images: images)
            targets.mixed = try mix.mixed(targets: targets.numbers.oneHot(classes).to(.float32))
        }
        var parts: [Int]?
        if case .byDomain(let first, _) = task.normalization {
            let source = batch.indices.prefix(batch.count).count { $0 < first }
            // Batch norm has no statistics of a single image.
            if source > 1, batch.count - source > 1 { parts = [source, batch.count - source] }
        }
        targets.seed = SeededGenerator(seed: seed, RandomStream.drawnBoxes, UInt64(max(step, 0))).state
        // Each process drops other features of its images.
        let part = UInt64(ranks?.rank ?? 0) << 40
        let dropped = SeededGenerator(seed: seed, RandomStream.dropout, UInt64(max(step, 0)) | part).state
        return Step(
            images: images, targets: targets, sizes: batch.frames(view: 0).map(\.seen),
            progress: Double(step) / Double(steps),
            mode: mode(try Generator(seed: dropped, device: device)), parts: parts)
    }

    /// The statistics of a batch for what is not to learn, those of all of it where processes share it; running ones stay.
    public var batchStatistics: BatchNormPolicy {
        ranks.map { .synchronised(momentum: 0, group: $0.group.name) } ?? .batch
    }

    /// Training with dropout; where processes share a batch, with the batch-norm statistics of all of it.
    private func mode(_ dropout: Generator) -> Mode {
        guard let ranks else { return .training(dropout) }
        return Mode(batchNorm: .synchronised(momentum: 0.1, group: ranks.group.name), dropout: dropout)
    }

    /// Computes the loss of a step.
    ///
    /// - Parameters:
    ///   - step: the prepared batch.
    ///   - head: the head on the features.
    ///   - mode: the mode of this pass, which says what batch norm does.
    ///   - maps: a closure that computes features [N, F] of images [N, C, H, W], and the maps on the way.
    /// - Throws: what the network or the head throws.
    public func loss(
        _ step: Step, head: any TaskHead, _ mode: Mode, maps: (Tensor) throws -> FeatureMaps
    ) throws -> TaskLoss {
        guard step.parts == nil else { return try loss(step, head: head, mode, features: { try maps($0).output }) }
        let made = try self.maps(of: step.images, sizes: step.sizes, maps)
        let auxiliary = try withPrecision(precision, on: device) { try head.auxiliary(made, mode) }
        return try head.loss(of: made, auxiliary: auxiliary, step.targets, mode, progress: step.progress)
    }

    /// Computes the features of images and the maps on the way, in the objective's precision.
    ///
    /// - Parameters:
    ///   - images: the images [N, C, H, W].
    ///   - sizes: the size of each without padding; empty where all fill the batch.
    ///   - network: a closure that computes them.
    /// - Throws: what the network throws.
    public func maps(
        of images: Tensor, sizes: [ImageSize], _ network: (Tensor) throws -> FeatureMaps
    ) throws -> FeatureMaps {
        var made = try withPrecision(precision, on: device) { try network(images) }
        made.sizes = sizes
        return made
    }

    /// Computes the loss of a step of features that come without maps.
    ///
    /// - Parameters:
    ///   - step: the prepared batch.
    ///   - head: the head on the features.
    ///   - mode: the mode of this pass, which says what batch norm does.
    ///   - features: a closure that computes features [N, F] of images [N, C, H, W].
    /// - Throws: what the network or the head throws.
    public func loss(
        _ step: Step, head: any TaskHead, _ mode: Mode, features: (Tensor) throws -> Tensor
    ) throws -> TaskLoss {
        try head.loss(
            self.features(of: step.images, parts: step.parts, features), step.targets, mode, progress: step.progress)
    }

    /// Computes features [N, F] in the objective's precision; parts that batch norm normalises separately are computed
    /// one after another.
    public func features(
        of images: Tensor, parts: [Int]? = nil, _ network: (Tensor) throws -> Tensor
    ) throws -> Tensor {
        try withPrecision(precision, on: device) {
            guard let parts else { return try network(images) }
            return try .concatenated(images.split(parts).map { try network($0.contiguous(.channelsLast)) })
        }
    }
}

extension TrainConfiguration {
    /// Refuses mixing where a task has no classes that could be mixed.
    ///
    /// - Parameters:
    ///   - task: what is to be learned.
    ///   - section: where a user gives these settings, for the message.
    /// - Throws: `TrainingError.badOption`.
    public func requireMixable(_ task: any RecognitionTask, section: String) throws {
        guard !mixes || task.mixableClasses != nil else {
            throw TrainingError.badOption(
                "\(section).\(mixup > 0 ? "mixup" : "cutmix")",
                "mixes classes, and the labels of the task `\(task.name)` are none; set it to 0")
        }
    }
}
