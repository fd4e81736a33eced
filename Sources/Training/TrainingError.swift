import Datasets
import Torch

/// An error that ends a training or an evaluation.
public enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The loss, a weight or a statistic is not a number or infinite.
    case diverged(Divergence)
    /// No batch of the first pass has two readable images: the number of images and the key of the batch size.
    case nothingToLearn(images: Int, batchSize: String)
    /// There are too few images: how many there are and how many are needed, for what purpose, and what to do.
    case tooFewImages(found: Int, needed: Int, purpose: String, advice: String)
    /// The outputs of a network for an image are not finite; the image is named where it is known.
    case outputsWithoutNumbers(image: String?)
    /// Batches cannot be made; the key of the batch size is given where a user can set it.
    case batches(BatchLoaderError, batchSize: String?)
    /// A setting is out of range: its name and the reason.
    case badOption(String, String)
    /// No image of a set could be read.
    case nothingToScore
    /// A checkpoint cannot be continued from: its path and the reason.
    case badCheckpoint(path: String, reason: String)

    /// The error for fewer than two images where two are needed: `nothingToScore` for none, otherwise `tooFewImages`.
    public static func needsTwo(_ found: Int, purpose: String, advice: String) -> TrainingError {
        found == 0 ? .nothingToScore : .tooFewImages(found: found, needed: 2, purpose: purpose, advice: advice)
    }

    /// A message that says what happened, and which setting to change or which file to delete.
    public var description: String {
        switch self {
        case .diverged(let divergence): return divergence.description
        case .nothingToLearn(let images, let batchSize):
            return
                "there are too few readable training images (of \(images)) to learn from: batch norm needs at least 2 "
                + "in a batch; give more images, or raise `\(batchSize)` where images were left out of every batch"
        case .tooFewImages(let found, let needed, let purpose, let advice):
            return
                "there are too few readable images \(purpose): \(found), and at least \(needed) are needed; \(advice)"
        case .outputsWithoutNumbers(let image):
            return
                "what the network gives for \(image ?? "some images") is not a number: its weights are of a training that "
                + "diverged, or suit images that are prepared in another way; train it again with a lower learning rate"
        case .batches(let error, let batchSize):
            switch error {
            case .options, .outOfMemory:
                return "\(error)" + (batchSize.map { "; the batch size is `\($0)`" } ?? "")
            case .threads: return "\(error); the number of threads is `data.threads`"
            case .noSamples, .noReadableSample, .shape, .augmentation: return "\(error)"
            }
        case .badOption(let name, let reason): return "\(name) \(reason)"
        case .nothingToScore: return "there is no readable image to score"
        case .badCheckpoint(let path, let reason):
            return "\(path) cannot be continued from: \(reason); delete it to go on from the one before"
        }
    }
}

/// A report that a training diverged: a loss, a metric or a tensor is infinite or not a number.
public struct Divergence: Sendable, Equatable, CustomStringConvertible {
    /// The place where a divergence was noticed.
    public enum Sign: Sendable, Equatable {
        /// The loss of training.
        case loss
        /// A figure of the validation images, by its name.
        case validation(String)
        /// Tensors of the network, by their keys: weights, or statistics of batch norm.
        case tensors([String])
    }

    /// The place where it was noticed.
    public var sign: Sign
    /// The number of finished steps when it was noticed.
    public var step: Int
    /// The learning rate of the last step.
    public var learningRate: Double
    /// The names of the settings that a user can change.
    public var settings: SettingNames

    /// Creates a report.
    ///
    /// - Parameters:
    ///   - sign: the place where it was noticed.
    ///   - step: the number of finished steps when it was noticed.
    ///   - learningRate: the learning rate of the last step.
    ///   - settings: the names of the settings that a user can change.
    public init(_ sign: Sign, step: Int, learningRate: Double, settings: SettingNames) {
        (self.sign, self.step, self.learningRate, self.settings) = (sign, step, learningRate, settings)
    }

    /// A message that says what happened, at which step, and which settings to change.
    public var description: String {
        let what =
            switch sign {
            case .loss: "the loss is no longer a number"
            case .validation(let name): "the validation images' \(name) is no longer a number"
            case .tensors(let keys):
                "the tensor `\(keys.first ?? "")`\(keys.count > 1 ? " and \(keys.count - 1) more hold" : " holds") values "
                    + "that are infinite or no longer numbers"
            }
        return "\(what) at step \(step), with a learning rate of \(learningRate); lower `\(settings.learningRate)`, "
            + (settings.warmUp.map { "lengthen `\($0)`, " } ?? "") + "or set `\(settings.clipNorm)`"
    }

    /// Checks that the loss and all tensors are finite. The loss alone does not suffice: batch-norm statistics may be
    /// infinite, and a weight average may hold values that the weights no longer have.
    ///
    /// - Parameters:
    ///   - loss: the training loss.
    ///   - state: the tensors that a checkpoint or a network's file would hold.
    ///   - step: the number of finished steps.
    ///   - learningRate: the learning rate of the last step.
    ///   - settings: the names of the settings that a user can change.
    /// - Throws: `TrainingError.diverged`; `TorchError`.
    static func refuse(
        loss: Double, state: [(key: String, tensor: Tensor)], step: Int, learningRate: Double, settings: SettingNames
    ) throws {
        func diverged(_ sign: Sign) -> TrainingError {
            .diverged(Divergence(sign, step: step, learningRate: learningRate, settings: settings))
        }
        guard loss.isFinite else { throw diverged(.loss) }
        let keys = try state.keysWithoutNumbers()
        guard keys.isEmpty else { throw diverged(.tensors(keys)) }
    }
}

/// The keys by which a user sets the options of a training, for messages that say which one to change.
public struct SettingNames: Sendable, Hashable {
    /// The key of the highest learning rate.
    public var learningRate: String
    /// The key of the batch size.
    public var batchSize: String
    /// The key of the norm at which gradients are clipped.
    public var clipNorm: String
    /// The key of the length of the warm-up; nil where there is no warm-up.
    public var warmUp: String?

    /// Creates the keys within a section of a configuration.
    ///
    /// - Parameter section: the name of the section, such as `train` or `supernet`.
    public init(section: String) {
        learningRate = "\(section).learning-rate"
        batchSize = "\(section).batch-size"
        clipNorm = "\(section).clip-norm"
        warmUp = "\(section).warm-up-epochs"
    }
}

/// Runs a closure and adds to an error about batches the key of the batch size.
///
/// - Parameters:
///   - batchSize: the key of the batch size; nil where a user cannot set it.
///   - body: the closure that makes batches.
/// - Throws: `TrainingError.batches` in place of a `BatchLoaderError`; other errors of `body` unchanged.
public func namingBatchSize<Result>(_ batchSize: String?, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as BatchLoaderError {
        throw TrainingError.batches(error, batchSize: batchSize)
    }
}
