import NN
import Torch

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
