import Torch

private enum ClippingOperator {
    static let norms = Operator("aten::_foreach_norm", "Scalar")
    static let scale = Operator("aten::_foreach_mul_", "Tensor")
    static let clampMaximum = Operator("aten::_foreach_clamp_max_", "Scalar")
    static let clampMinimum = Operator("aten::_foreach_clamp_min_", "Scalar")
}

/// Scales all gradients together so that their common norm is at most `limit` (Pascanu et al., 2013). Nothing waits
/// for the device.
///
/// - Parameters:
///   - parameters: tensors whose gradients to scale; those without a gradient are passed over.
///   - limit: the largest norm allowed.
///   - order: which norm; infinity is the largest magnitude.
/// - Returns: the norm before, a tensor of one element; 0 where there are no gradients.
@discardableResult
public func clipGradients(_ parameters: [Tensor], norm limit: Double, order: Double = 2) throws -> Tensor {
    let gradients = parameters.compactMap(\.gradient)
    guard let first = gradients.first else { return try Tensor(Float(0)) }
    return try withoutGradients {
        let norms = try ClippingOperator.norms.list(.tensors(gradients), .double(order)).compactMap { $0 }
        let total = try Tensor.stacked(try norms.map { try $0.to(first.device) }).norm(order)
        // The small number is PyTorch's; it keeps a zero gradient from dividing by zero.
        let scale = try (total + 1e-6).power(-1) * limit
        try ClippingOperator.scale.run(.tensors(gradients), .tensor(scale.clamped(max: 1)))
        return total
    }
}

/// Limits every element of every gradient to -`limit`...`limit`.
public func clipGradients(_ parameters: [Tensor], value limit: Double) throws {
    let gradients = parameters.compactMap(\.gradient)
    guard !gradients.isEmpty else { return }
    try withoutGradients {
        try ClippingOperator.clampMinimum.run(.tensors(gradients), .double(-limit))
        try ClippingOperator.clampMaximum.run(.tensors(gradients), .double(limit))
    }
}
