import Foundation
import Torch

extension Tensor {
    /// Gradient reversal (Ganin and Lempitsky, "Unsupervised Domain Adaptation by Backpropagation", 2015): what comes
    /// after learns to tell the domains apart, what comes before learns that they cannot be told apart.
    ///
    /// - Parameter strength: lambda; `reversalStrength` is its usual schedule.
    /// - Returns: the same values; on the way back, the gradient times -`strength`.
    public func gradientReversed(_ strength: Double) throws -> Tensor {
        let values = try detached()
        // The difference is 0 in value, and has the gradient -1.
        return try values + (values - self) * strength
    }
}

/// The usual strength of gradient reversal in the course of training, 2 / (1 + exp(-10 p)) - 1, which keeps out the
/// noise of a discriminator that has not learned yet (Ganin et al., "Domain-Adversarial Training of Neural Networks",
/// 2016).
///
/// - Parameters:
///   - progress: p, from 0 at the first step to 1 at the last; values beyond are taken as the nearer end.
///   - steepness: how fast it grows; 10 is the paper's.
/// - Returns: 0 at the start, close to 1 at the end.
public func reversalStrength(progress: Double, steepness: Double = 10) -> Double {
    2 / (1 + exp(-steepness * min(max(progress, 0), 1))) - 1
}
