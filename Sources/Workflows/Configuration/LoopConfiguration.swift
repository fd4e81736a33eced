import Experiments
import NN
import Training

/// Length and steps of one phase of learning.
public struct LoopConfiguration: Configuration {
    /// Passes over the training images.
    public var epochs = 20
    /// Training images of a pass, drawn class by class; 0 for all.
    public var images = 0
    /// Images a step.
    public var batchSize = 128
    /// How the rate falls.
    public enum Decay: String, Codable, Sendable, CaseIterable {
        /// Along a cosine to 0.
        case cosine
        /// To a tenth at each of the milestones.
        case steps
        /// Not at all, where another phase goes on from here.
        case none
    }

    /// The highest rate; it warms up to it.
    public var learningRate = 0.1
    /// How the rate falls: `cosine` to 0, `steps`, to a tenth at each of the milestones, or `none`.
    public var decay = Decay.cosine
    /// steps: the epochs at whose beginning the rate falls.
    public var milestones: [Int] = []
    /// Epochs, or parts of them, in which the rate rises.
    public var warmUpEpochs = 0.0
    /// The share of the last step's velocity that SGD keeps.
    public var momentum = 0.9
    /// Whether SGD looks ahead as Nesterov's method does.
    public var nesterov = false
    /// Times each weight, added to its gradient; biases and normalisation have none where `decay-all` is off.
    public var weightDecay = 1e-4
    /// Whether biases and normalisation decay, too.
    public var decayAll = false
    /// Gradients are scaled down to this common norm, 0 for never.
    public var clipNorm = 0.0

    /// 20 epochs of SGD with momentum.
    public init() {}

    /// Refuses values out of range, all at once.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require((1...100_000).contains(epochs), "epochs", "must be in 1...100000, is \(epochs)")
        check.require((0...100_000_000).contains(images), "images", "must be in 0...100000000, is \(images)")
        check.require((2...65_536).contains(batchSize), "batch-size", "must be in 2...65536, is \(batchSize)")
        for (name, value) in [
            ("learning-rate", learningRate), ("warm-up-epochs", warmUpEpochs), ("weight-decay", weightDecay),
            ("clip-norm", clipNorm),
        ] {
            check.require(value >= 0 && value.isFinite, name, "must not be negative, is \(value)")
        }
        // Steps are counted by whole numbers.
        check.require(
            warmUpEpochs <= 100_000 || !warmUpEpochs.isFinite, "warm-up-epochs",
            "must be at most 100000, is \(warmUpEpochs)")
        check.require((0..<1).contains(momentum), "momentum", "must be at least 0 and below 1, is \(momentum)")
        check.require(
            (decay == .steps) == !milestones.isEmpty, "milestones",
            decay == .steps ? "must name at least one epoch where decay is `steps`" : "needs decay: steps")
        check.require(
            milestones == milestones.sorted() && milestones.allSatisfy { (1..<max(epochs, 2)).contains($0) },
            "milestones", "must rise and lie within the \(epochs) epochs, are \(milestones)")
        check.require(!nesterov || momentum > 0, "nesterov", "needs momentum above 0")
        try check.finish()
    }

    func optimizer(_ store: ParameterStore) throws -> SGD {
        let groups =
            decayAll
            ? [ParameterGroup(store.parameters.map { ($0.key, $0.tensor) })] : ParameterGroup.splitByDecay(store)
        return try SGD(groups, momentum: momentum, nesterov: nesterov, weightDecay: weightDecay)
    }

    func trainerOptions(batches: Int, log: LogConfiguration, criterion: String = "accuracy") throws -> Trainer.Options {
        let warmUp = Int((warmUpEpochs * Double(batches)).rounded())
        let fall: Schedule =
            switch decay {
            case .cosine: .cosine(ticks: max(epochs * batches - warmUp, 1), floor: 0)
            case .steps: .milestones(milestones.map { $0 * batches - warmUp }, factor: 0.1)
            case .none: .constant
            }
        var options = Trainer.Options(
            epochs: epochs, learningRate: learningRate,
            schedule: .warmUp(ticks: warmUp, start: 0.01, then: fall),
            retention: try CheckpointRetention(
                last: log.keepLast, best: log.keepBest, higherIsBetter: criterion != "loss"))
        options.clipNorm = clipNorm
        options.logEvery = log.every
        options.checkpointEvery = log.checkpointEvery
        options.evaluateEvery = log.evaluateEvery
        options.criterion = criterion
        return options
    }
}
