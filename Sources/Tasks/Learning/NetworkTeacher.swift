import NN
import Networks
import Torch

/// A trained network whose outputs another one learns (Hinton et al., "Distilling the Knowledge in a Neural Network",
/// 2015). It sees the same augmented images and runs with its running statistics.
public struct NetworkTeacher {
    /// The network that teaches.
    public let network: NetworkMethod.Network
    /// The share of the loss that is the distance from its outputs; the rest is the task's own. Above 0 and at most 1.
    public let share: Double

    /// Creates a teacher.
    ///
    /// - Parameters:
    ///   - network: the network that teaches, which is not changed.
    ///   - share: the share of the loss that is the distance from its outputs.
    public init(_ network: NetworkMethod.Network, share: Double) {
        (self.network, self.share) = (network, share)
    }

    /// Computes what is to be learned of the images of a step, without gradients.
    func answers(_ step: TaskObjective.Step, _ objective: TaskObjective) throws -> Tensor {
        try withoutGradients {
            let mode = Mode.evaluation
            return try network.head.answers(
                of: objective.maps(of: step.images, sizes: step.sizes) { try network.backbone.maps($0, mode) }, mode)
        }
    }
}
