import Datasets
import Experiments
import NN
import Torch
import Training

/// What a training learns by: a task's loss on batches, which may be mixed, in some precision on some device. Stand-alone
/// networks and supernets learn by the same.
public struct TaskObjective {
    /// The task whose loss it is.
    public let task: any RecognitionTask
    /// Label smoothing and mixing.
    public let train: TrainConfiguration
    /// What backbones compute in; heads and losses compute in float32.
    public let precision: Precision
    /// Where batches are moved to; must be the network's.
    public let device: Device
    /// The seed of every random choice of a step.
    public let seed: UInt64
    /// The number of steps of the whole training.
    public let steps: Int

    /// A batch as a step learns from it.
    public struct Step {
        /// The images [N, C, H, W], mixed or not.
        public let images: Tensor
        /// What they are to be recognised as.
        public let targets: Targets
        /// The progress of the training, 0 at its start and 1 at its end.
        public let progress: Double
        /// The lengths of the parts that batch norm normalises by themselves; nil for all images together.
        let parts: [Int]?
    }

    /// An objective.
    ///
    /// - Parameters:
    ///   - task: whose loss is learned by.
    ///   - train: label smoothing and mixing.
    ///   - precision: what backbones compute in.
    ///   - device: where batches are moved to.
    ///   - seed: of every random choice of a step.
    ///   - steps: of the whole training.
    ///   - section: where a user gives the settings of `train`, for messages.
    /// - Throws: `TrainingError.badOption` for mixing where the task has no classes.
    public init(
        _ task: any RecognitionTask, train: TrainConfiguration, precision: Precision, device: Device, seed: UInt64,
        steps: Int, section: String = "train"
    ) throws {
        try train.requireMixable(task, section: section)
        (self.task, self.train, self.precision) = (task, train, precision)
        (self.device, self.seed, self.steps) = (device, seed, max(steps, 1))
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
        return Step(images: images, targets: targets, progress: Double(step) / Double(steps), parts: parts)
    }

    /// The loss of a step.
    ///
    /// - Parameters:
    ///   - step: a batch as it was prepared.
    ///   - head: what stands on the features.
    ///   - mode: what batch norm does in this pass.
    ///   - features: gives features [N, F] of images [N, C, H, W].
    /// - Throws: what network and head throw.
    public func loss(
        _ step: Step, head: any TaskHead, _ mode: Mode, features: (Tensor) throws -> Tensor
    ) throws -> TaskLoss {
        try head.loss(
            self.features(of: step.images, parts: step.parts, features), step.targets, mode, progress: step.progress)
    }

    /// Features in the objective's precision, [N, F], float32; each part that is normalised for itself runs apart.
    public func features(
        of images: Tensor, parts: [Int]? = nil, _ network: (Tensor) throws -> Tensor
    ) throws -> Tensor {
        try withPrecision(precision, on: device) {
            guard let parts else { return try network(images) }
            return try .concatenated(images.split(parts).map { try network($0.contiguous(.channelsLast)) })
        }.to(.float32)
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
