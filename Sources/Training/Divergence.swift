import NN
import Torch

/// A training that has left the numbers.
public struct Divergence: Sendable, Equatable, CustomStringConvertible {
    /// Where that shows.
    public enum Sign: Sendable, Equatable {
        /// The loss of training.
        case loss
        /// A figure of the validation images, by its name.
        case validation(String)
        /// Tensors of the network, by their keys: weights, or statistics of batch norm.
        case tensors([String])
    }

    /// Where it shows.
    public var sign: Sign
    /// Finished steps when it was noticed.
    public var step: Int
    /// The rate of the last step.
    public var learningRate: Double
    /// What a user can change.
    public var settings: SettingNames

    /// A divergence.
    ///
    /// - Parameters:
    ///   - sign: where it shows.
    ///   - step: finished steps when it was noticed.
    ///   - learningRate: the rate of the last step.
    ///   - settings: what a user can change.
    public init(_ sign: Sign, step: Int, learningRate: Double, settings: SettingNames) {
        (self.sign, self.step, self.learningRate, self.settings) = (sign, step, learningRate, settings)
    }

    /// What happened, when, and which settings to change.
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

    /// Refuses a training whose loss or tensors are no longer numbers. Losses alone do not tell: statistics of batch norm
    /// may be infinite, and an average may hold what the weights have left behind.
    ///
    /// - Parameters:
    ///   - loss: of training.
    ///   - state: all that a checkpoint or a network's file would hold.
    ///   - step: finished steps.
    ///   - learningRate: the rate of the last step.
    ///   - settings: what a user can change.
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
