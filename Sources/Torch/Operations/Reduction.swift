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
    /// - Parameters:
    ///   - dimensions: those over which it is taken; nil for all.
    ///   - correction: subtracted from the count; 1 gives the unbiased variance.
    ///   - keep: whether the dimensions stay, with size 1.
    public func variance(_ dimensions: [Int]? = nil, correction: Int = 1, keep: Bool = false) throws -> Tensor {
        try Op.varianceOver(
            .tensor(self), dimensions.map { .ints($0) } ?? .none, .int(correction), .bool(keep))
    }
    /// The largest element.
    public func max(_ dimensions: [Int]? = nil, keep: Bool = false) throws -> Tensor {
        try Op.amax(.tensor(self), .ints(dimensions ?? []), .bool(keep))
    }
    /// The smallest element.
    public func min(_ dimensions: [Int]? = nil, keep: Bool = false) throws -> Tensor {
        try Op.amin(.tensor(self), .ints(dimensions ?? []), .bool(keep))
    }
    /// The position of the largest element along a dimension, as int64.
    public func argmax(_ dimension: Int, keep: Bool = false) throws -> Tensor {
        try Op.argmax(.tensor(self), .int(dimension), .bool(keep))
    }
    /// The position of the smallest element along a dimension, as int64.
    public func argmin(_ dimension: Int, keep: Bool = false) throws -> Tensor {
        try Op.argmin(.tensor(self), .int(dimension), .bool(keep))
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
    /// Each element plus all that come before it along a dimension; the shape stays.
    public func cumulativeSum(_ dimension: Int) throws -> Tensor {
        try Op.cumulativeSum(.tensor(self), .int(dimension))
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
