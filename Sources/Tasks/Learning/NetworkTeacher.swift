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

    /// Computes the outputs [N, K], float32, for images [N, C, H, W], without gradients.
    func outputs(of images: Tensor, _ objective: TaskObjective) throws -> Tensor {
        try withoutGradients {
            let mode = Mode.evaluation
            return try network.head.outputs(
                objective.features(of: images) { try network.backbone($0, mode) }, mode)
        }
    }
}
