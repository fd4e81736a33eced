import Torch

private enum NumberOperator {
    static let norms = Operator("aten::_foreach_norm", "Scalar")
}

extension [(key: String, tensor: Tensor)] {
    /// The keys of the tensors that hold a value which is infinite or not a number, in their order. Tensors of whole
    /// numbers hold none. Waits for the device, once for each that the tensors are on.
    ///
    /// - Throws: `TorchError`.
    public func keysWithoutNumbers() throws -> [String] {
        let floating = filter { $0.tensor.dtype.isFloatingPoint && $0.tensor.elementCount > 0 }
        guard let first = floating.first else { return [] }
        return try withoutGradients {
            // The largest magnitude is infinite or not a number where any element is.
            let largest = try NumberOperator.norms.list(.tensors(floating.map(\.tensor)), .double(.infinity))
            let whole = try Tensor.stacked(
                try largest.compactMap { try $0?.to(.float64).to(first.tensor.device) }
            ).isFinite().array(Bool.self)
            return zip(floating, whole).compactMap { $1 ? nil : $0.key }
        }
    }
}
