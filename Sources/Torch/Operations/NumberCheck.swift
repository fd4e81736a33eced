extension [(key: String, tensor: Tensor)] {
    /// The keys of the tensors that hold a value which is infinite or not a number, in their order. Tensors of whole
    /// numbers hold none. Where all is well, it waits for the device once.
    ///
    /// - Throws: `TorchError`.
    public func keysWithoutNumbers() throws -> [String] {
        let floating = filter { $0.tensor.dtype.isFloatingPoint && $0.tensor.elementCount > 0 }
        guard let first = floating.first else { return [] }
        return try withoutGradients {
            // One such element makes the sum one, too, and a sum takes a hundredth of the time of a look at each element.
            let whole = try Tensor.stacked(
                floating.map { try $0.tensor.sum().to(.float64).to(first.tensor.device) }
            ).isFinite().array(Bool.self)
            // The sum of large numbers may be infinite although none of them is.
            return try zip(floating, whole).compactMap { entry, isWhole in
                try isWhole || entry.tensor.isFinite().all().integer() != 0 ? nil : entry.key
            }
        }
    }
}

extension Tensor {
    /// Whether no element is infinite or not a number.
    ///
    /// - Throws: `TorchError`.
    public func allFinite() throws -> Bool { try [(key: "", tensor: self)].keysWithoutNumbers().isEmpty }
}
