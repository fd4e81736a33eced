/// Fewer dimensions. Without `dimensions`, over everything, to a tensor of one element.
extension Tensor {
    /// The sum; that of integers and bools is int64.
    ///
    /// - Parameters:
    ///   - dimensions: those summed over; nil for all.
    ///   - keep: whether the dimensions stay, with size 1.
    public func sum(_ dimensions: [Int]? = nil, keep: Bool = false) throws -> Tensor {
        guard let dimensions = dimensions ?? (keep ? Array(0..<rank) : nil) else { return try Op.sum(.tensor(self)) }
        return try Op.sumOver(.tensor(self), .ints(dimensions), .bool(keep))
    }
    /// The mean, of floating-point elements only.
    ///
    /// - Parameters:
    ///   - dimensions: those averaged over; nil for all.
    ///   - keep: whether the dimensions stay, with size 1.
    public func mean(_ dimensions: [Int]? = nil, keep: Bool = false) throws -> Tensor {
        guard let dimensions = dimensions ?? (keep ? Array(0..<rank) : nil) else { return try Op.mean(.tensor(self)) }
        return try Op.meanOver(.tensor(self), .ints(dimensions), .bool(keep))
    }
    /// Takes the variance of the elements over some or all dimensions.
    ///
    /// - Parameters:
    ///   - dimensions: those over which it is taken; nil for all.
    ///   - correction: subtracted from the count; 1 gives the unbiased variance.
    ///   - keep: whether the dimensions stay, with size 1.
    public func variance(_ dimensions: [Int]? = nil, correction: Int = 1, keep: Bool = false) throws -> Tensor {
        try Op.varianceOver(
            .tensor(self), dimensions.map { .ints($0) } ?? .none, .int(correction), .bool(keep))
    }
    /// Finds the largest element over some or all dimensions.
    public func max(_ dimensions: [Int]? = nil, keep: Bool = false) throws -> Tensor {
        try Op.amax(.tensor(self), .ints(dimensions ?? []), .bool(keep))
    }
    /// Finds the smallest element over some or all dimensions.
    public func min(_ dimensions: [Int]? = nil, keep: Bool = false) throws -> Tensor {
        try Op.amin(.tensor(self), .ints(dimensions ?? []), .bool(keep))
    }
    /// The position of the largest element along a dimension, as int64.
    public func argmax(_ dimension: Int, keep: Bool = false) throws -> Tensor {
        try Op.argmax(.tensor(self), .int(dimension), .bool(keep))
    }
    /// The `count` largest (or smallest) elements along a dimension in order, and where they stand (int64).
    public func topK(_ count: Int, dimension: Int = -1, largest: Bool = true) throws -> (
        values: Tensor, positions: Tensor
    ) {
        try pair(Op.topK.list(.tensor(self), .int(count), .int(dimension), .bool(largest), .bool(true)), "topK")
    }
    /// The elements along a dimension in order, and where they stood (int64).
    public func sorted(_ dimension: Int = -1, descending: Bool = false) throws -> (values: Tensor, positions: Tensor) {
        try pair(Op.sort.list(.tensor(self), .int(dimension), .bool(descending)), "sorted")
    }
    /// The p-norm over the given dimensions.
    public func norm(_ order: Double = 2, dimensions: [Int]? = nil, keep: Bool = false) throws -> Tensor {
        try Op.norm(.tensor(self), .double(order), dimensions.map { .ints($0) } ?? .none, .bool(keep))
    }
    /// Vectors of unit length along `dimension`; lengths under `epsilon` are taken as `epsilon`.
    public func normalized(_ dimension: Int = 1, epsilon: Double = 1e-12) throws -> Tensor {
        try self / norm(2, dimensions: [dimension], keep: true).clamped(min: epsilon)
    }
    /// Whether any element is true.
    public func any() throws -> Tensor { try Op.any(.tensor(self)) }
    /// Whether every element is true.
    public func all() throws -> Tensor { try Op.all(.tensor(self)) }

    func pair(_ results: [Tensor?], _ operation: String) throws -> (Tensor, Tensor) {
        guard results.count >= 2, let first = results[0], let second = results[1] else {
            throw TorchError(.other, operation: operation, message: "did not return two tensors")
        }
        return (first, second)
    }
}

extension [(key: String, tensor: Tensor)] {
    /// The keys of the tensors that hold a value which is infinite or not a number, in their order. Tensors of whole
    /// numbers hold none. Where all is well, it waits for the device once.
    ///
    /// - Throws: `TorchError`.
    public func keysWithoutNumbers() throws -> [String] {
        let floating = filter { $0.tensor.dtype.isFloatingPoint && $0.tensor.elementCount > 0 }
        guard let first = floating.first else { return [] }
        return try withoutGradients {
            // One such element makes the sum one, too, and a sum takes a hundredth of the time of a look at each
            // element.
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
