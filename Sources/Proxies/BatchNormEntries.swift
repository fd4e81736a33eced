import NN
import Torch

/// The tensors of one batch norm, found in a store by their keys.
struct BatchNormEntries {
    let weight: Tensor?
    let bias: Tensor?
    let runningMean: Tensor
    let runningVariance: Tensor

    /// Resets scale, shift and running statistics to their initial values.
    func reset() throws {
        try weight?.fillInPlace(1)
        try bias?.fillInPlace(0)
        try runningMean.fillInPlace(0)
        try runningVariance.fillInPlace(1)
    }
}

extension ParameterStore {
    /// The batch norms of the store, in the order in which they were built.
    var batchNorms: [BatchNormEntries] {
        let suffix = "running_var"
        return entries.filter { $0.role == .buffer && $0.key.hasSuffix(suffix) }.compactMap { variance in
            let path = variance.key.dropLast(suffix.count)
            return self["\(path)running_mean"].map {
                BatchNormEntries(
                    weight: self["\(path)weight"], bias: self["\(path)bias"], runningMean: $0,
                    runningVariance: variance.tensor)
            }
        }
    }
}
