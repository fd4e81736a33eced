import Datasets
import Distributed
import Experiments
import NN
import Support
import Torch

/// The settings of a training of a network, a supernet or a probe: its length, its optimiser and its regularisation.
/// Every phase that trains has a section of these keys.
public struct TrainConfiguration: Configuration {
    /// The decay of the learning rate from its highest value.
    public enum Decay: String, Codable, Sendable, CaseIterable {
        /// The rate follows a cosine to 0.
        case cosine
        /// The rate falls to 0 by the power 0.9 of the share of steps that is left, as in most work on segmentation.
        case poly
        /// The rate falls to a tenth at each of the milestones.
        case steps
        /// The rate stays, for a phase that another one continues.
        case none
    }

    /// The number of passes over the training images.
    public var epochs = 20
    /// The number of training images of a pass, drawn class by class; 0 for all.
    public var images = 0
    /// The number of images in a step.
    public var batchSize = 128
    /// The highest learning rate, which the warm-up leads to.
    public var learningRate = 0.1
    /// The learning rate of the task's head as a multiple of `learning-rate`: 10 is usual in segmentation for a new head on
    /// a trained backbone.
    public var headRate = 1.0
    /// The decay of the learning rate: `cosine` to 0, `poly` to 0 by the power 0.9 of the steps left, `steps` to a tenth at each of the milestones, or `none`.
    public var decay = Decay.cosine
    /// The epochs at whose beginning the rate falls, where `decay` is `steps`.
    public var milestones: [Int] = []
    /// The number of epochs, or a fraction of one, in which the rate rises from 1 % of `learningRate` to all of it.
    public var warmUpEpochs = 0.0
    /// The share of the last step's velocity that SGD keeps, in 0..<1.
    public var momentum = 0.9
    /// Whether SGD uses Nesterov momentum; needs `momentum` above 0.
    public var nesterov = false
    /// The weight decay: this times each weight is added to its gradient. Biases and normalisation parameters are
    /// exempt where `decay-all` is off.
    public var weightDecay = 1e-4
    /// Whether weight decay includes biases and normalisation parameters.
    public var decayAll = false
    /// The share of each target that goes to all classes alike, in 0..<1; for tasks with classes.
    public var labelSmoothing = 0.1
    /// The parameter of mixup's beta distribution, 0 for none.
    public var mixup = 0.0
    /// The parameter of cutmix's beta distribution, 0 for none.
    public var cutmix = 0.0
    /// The share of batches that are mixed, in 0...1; needs mixup or cutmix. With both on, each is equally likely.
    public var mixProbability = 0.0
    /// The decay of the moving average of the weights in each step; 0 for no average. Where there is an average, it is
    /// what is evaluated and kept.
    public var averageDecay = 0.0
    /// The norm at which all gradients together are clipped; 0 for no clipping.
    public var clipNorm = 0.0

    /// Creates the default settings: twenty epochs of SGD with momentum.
    public init() {}

    /// Checks that all values are in range.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require((1...100_000).contains(epochs), "epochs", "must be in 1...100000, is \(epochs)")
        check.require((0...100_000_000).contains(images), "images", "must be in 0...100000000, is \(images)")
        check.require((2...65_536).contains(batchSize), "batch-size", "must be in 2...65536, is \(batchSize)")
        for (name, value) in [
            ("learning-rate", learningRate), ("head-rate", headRate), ("warm-up-epochs", warmUpEpochs),
            ("weight-decay", weightDecay),
            ("mixup", mixup), ("cutmix", cutmix), ("clip-norm", clipNorm),
        ] {
            check.require(value >= 0 && value.isFinite, name, "must not be negative, is \(value)")
        }
        // Steps are counted by whole numbers.
        check.require(
            warmUpEpochs <= 100_000 || !warmUpEpochs.isFinite, "warm-up-epochs",
            "must be at most 100000, is \(warmUpEpochs)")
        for (name, value) in [
            ("momentum", momentum), ("label-smoothing", labelSmoothing), ("average-decay", averageDecay),
        ] {
            check.require((0..<1).contains(value), name, "must be at least 0 and below 1, is \(value)")
        }
        check.require(
            (decay == .steps) == !milestones.isEmpty, "milestones",
            decay == .steps ? "must name at least one epoch where decay is `steps`" : "needs decay: steps")
        check.require(
            milestones == milestones.sorted() && milestones.allSatisfy { (1..<max(epochs, 2)).contains($0) },
            "milestones", "must rise and lie within the \(epochs) epochs, are \(milestones)")
        check.require((0...1).contains(mixProbability), "mix-probability", "must be in 0...1, is \(mixProbability)")
        check.require(
            mixProbability > 0 || !mixes, "mix-probability",
            "must be above 0 where mixup or cutmix is on: at 0 no batch is mixed")
        check.require(
            mixProbability == 0 || mixes, "mix-probability",
            "needs mixup or cutmix above 0: there is nothing to mix with")
        check.require(!nesterov || momentum > 0, "nesterov", "needs momentum above 0")
        try check.finish()
    }

    /// Whether batches are mixed.
    public var mixes: Bool { mixup > 0 || cutmix > 0 }

    /// The defaults of training a stand-alone network: warm-up, Nesterov momentum, a stronger weight decay and a weight
    /// average.
    public static var network: TrainConfiguration {
        var train = TrainConfiguration()
        (train.warmUpEpochs, train.nesterov, train.weightDecay, train.averageDecay) = (1, true, 5e-4, 0.998)
        return train
    }
}

// MARK: - What follows from the settings

extension TrainConfiguration {
    /// Creates an SGD optimiser over the parameters of a store.
    ///
    /// - Parameters:
    ///   - store: the parameters.
    ///   - isOfHead: whether a key is of the task's head, whose rate may be another.
    /// - Throws: `TorchError`.
    public func optimizer(_ store: ParameterStore, isOfHead: (String) -> Bool = { _ in false }) throws -> SGD {
        let all =
            decayAll
            ? [ParameterGroup(store.parameters.map { ($0.key, $0.tensor) })] : ParameterGroup.splitByDecay(store)
        let groups = headRate == 1 ? all : all.flatMap { $0.scaled(by: headRate, isOfHead) }
        return try SGD(groups, momentum: momentum, nesterov: nesterov, weightDecay: weightDecay)
    }

    /// The factor of the learning rate at each step.
    ///
    /// - Parameter batches: the number of steps in an epoch.
    public func schedule(batches: Int) -> Schedule {
        let warmUp = Int((warmUpEpochs * Double(batches)).rounded())
        let fall: Schedule =
            switch decay {
            case .cosine: .cosine(ticks: max(epochs * batches - warmUp, 1), floor: 0)
            case .poly: .polynomial(ticks: max(epochs * batches - warmUp, 1), power: 0.9)
            case .steps: .milestones(milestones.map { $0 * batches - warmUp }, factor: 0.1)
            case .none: .constant
            }
        return .warmUp(ticks: warmUp, start: 0.01, then: fall)
    }

    /// Creates a trainer of a method with these settings.
    ///
    /// - Parameters:
    ///   - method: the training method, which computes gradients.
    ///   - batches: the number of steps in an epoch.
    ///   - phase: the name of the phase, for progress.
    ///   - settings: the names of these settings, for messages.
    ///   - criterion: the validation metric by which checkpoints are compared; lower is better for `loss`, higher for
    ///     all others.
    ///   - log: the intervals at which logs, evaluations and checkpoints are written.
    ///   - instruments: the observers of the training, whose figures go into the log.
    ///   - run: the folder of logs and checkpoints; nil to train in memory alone.
    ///   - ranks: the processes that train together; nil for one alone.
    ///   - progress: the reporter that shows progress.
    /// - Throws: `TrainingError.badOption` for intervals that make no sense; `TorchError`.
    public func trainer(
        of method: any Method, batches: Int, phase: String, settings: SettingNames, criterion: String,
        log: LogConfiguration = LogConfiguration(), instruments: [any Instrument] = [], run: RunFolder?,
        ranks: Ranks? = nil, progress: ProgressReporter
    ) throws -> Trainer {
        var options = Trainer.Options(
            epochs: epochs, learningRate: learningRate, schedule: schedule(batches: batches),
            retention: try CheckpointRetention(
                last: log.keepLast, best: log.keepBest, higherIsBetter: criterion != "loss"))
        (options.clipNorm, options.criterion) = (clipNorm, criterion)
        (options.logEvery, options.checkpointEvery, options.evaluateEvery) = (
            log.every, log.checkpointEvery, log.evaluateEvery
        )
        (options.phase, options.settings) = (phase, settings)
        return try Trainer(
            method: method, optimizer: optimizer(method.store, isOfHead: method.isOfHead), options: options,
            instruments: instruments, run: run, ranks: ranks, progress: progress)
    }

    /// Draws how a batch is mixed, from a seed and the step; nil for a batch that is not mixed.
    ///
    /// - Parameters:
    ///   - batch: images and labels.
    ///   - seed: the seed of the method.
    ///   - step: the number of the step.
    /// - Throws: `AugmentationError` for settings out of range.
    public func mixing(_ batch: Batch, seed: UInt64, step: Int) throws -> MixParameters? {
        guard mixProbability > 0, mixes else { return nil }
        var generator = SeededGenerator(seed: seed, RandomStream.mixing, UInt64(step))
        guard generator.chance(mixProbability) else { return nil }
        let useMixup = cutmix <= 0 || (mixup > 0 && generator.chance(0.5))
        if useMixup { return try .mixup(alpha: mixup, count: batch.count, using: &generator) }
        return try .cutmix(
            alpha: cutmix, count: batch.count, width: batch.width, height: batch.height, using: &generator)
    }
}

/// The intervals at which logs, evaluations and checkpoints are written, and how many checkpoints are kept.
public struct LogConfiguration: Configuration {
    /// The number of steps between two rows of the log.
    public var every = 50
    /// The number of steps between two checkpoints.
    public var checkpointEvery = 100
    /// The number of epochs between two evaluations on the validation split.
    public var evaluateEvery = 1
    /// The number of newest checkpoints that are kept.
    public var keepLast = 2
    /// The number of best checkpoints that are kept, by validation accuracy.
    public var keepBest = 0

    /// Creates the default intervals: a row every 50 steps, a checkpoint every 100, of which the newest two are kept.
    public init() {}

    /// Checks that intervals are at least 1.
    public func validate() throws {
        var check = ConfigurationCheck()
        for (name, value) in [
            ("every", every), ("checkpoint-every", checkpointEvery), ("evaluate-every", evaluateEvery),
        ] {
            check.require(value >= 1, name, "must be at least 1, is \(value)")
        }
        try check.finish()
    }
}
