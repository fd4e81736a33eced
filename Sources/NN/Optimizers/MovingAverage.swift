import Torch

/// Moves each of `averages` towards the tensor of the same position: m = momentum * m + (1 - momentum) * x, all in one
/// fused call. Any subset of two aligned stores may be given, as a supernet's mean teacher does with a path.
public func movingAverage(_ averages: [Tensor], towards current: [Tensor], momentum: Double) throws {
    guard averages.count == current.count else {
        throw TorchError(
            .invalidArgument, operation: "movingAverage",
            message: "\(averages.count) averages were given \(current.count) current tensors")
    }
    guard !averages.isEmpty else { return }
    try withoutGradients {
        try MovingAverageOperator.lerp.run(.tensors(averages), .tensors(current), .double(1 - momentum))
    }
}

private enum MovingAverageOperator {
    static let lerp = Operator("aten::_foreach_lerp_", "Scalar")
}
