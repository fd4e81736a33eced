extension Tensor {
    /// The view at one position of a dimension, which is dropped.
    public func select(_ index: Int, dimension: Int = 0) throws -> Tensor {
        try Op.selectIndex(.tensor(self), .int(dimension), .int(index))
    }
    /// The view of a range of a dimension.
    public func slice(_ range: Range<Int>, dimension: Int = 0, step: Int = 1) throws -> Tensor {
        try Op.slice(
            .tensor(self), .int(dimension), .int(range.lowerBound), .int(range.upperBound), .int(step))
    }
    /// The first dimension at one position, as `select`.
    public subscript(_ index: Int) -> Tensor {
        get throws { try select(index) }
    }
    /// A range of the first dimension, as `slice`.
    public subscript(_ range: Range<Int>) -> Tensor {
        get throws { try slice(range) }
    }
    /// A copy of the given positions (int64) of a dimension.
    public func indexed(by positions: Tensor, dimension: Int = 0) throws -> Tensor {
        try Op.indexSelect(.tensor(self), .int(dimension), .tensor(positions))
    }
    /// A copy at index tensors (int64 or bool), one a dimension; nil takes the whole dimension.
    public func indexed(by positions: [Tensor?]) throws -> Tensor {
        try Op.index(.tensor(self), .optionalTensors(positions))
    }
    /// Writes `values` at index tensors, one a dimension; nil takes the whole dimension.
    public func putInPlace(_ values: Tensor, at positions: [Tensor?], accumulate: Bool = false) throws {
        try Op.indexPut.run(.tensor(self), .optionalTensors(positions), .tensor(values), .bool(accumulate))
    }
    /// Along `dimension`, the elements at `positions` (int64, same rank).
    public func gathered(_ positions: Tensor, dimension: Int) throws -> Tensor {
        try Op.gather(.tensor(self), .int(dimension), .tensor(positions))
    }
    /// Along `dimension`, writes `values` at `positions` (int64, same rank).
    public func scatterInPlace(_ values: Tensor, at positions: Tensor, dimension: Int) throws {
        try Op.scatter.run(.tensor(self), .int(dimension), .tensor(positions), .tensor(values))
    }
    /// Along `dimension`, adds `values` at `positions` (int64, same rank), as often as a position occurs.
    public func scatterAddInPlace(_ values: Tensor, at positions: Tensor, dimension: Int) throws {
        try Op.scatterAdd.run(.tensor(self), .int(dimension), .tensor(positions), .tensor(values))
    }
    /// A copy with `value` where `mask`, a bool tensor, holds.
    public func masked(_ mask: Tensor, with value: Double) throws -> Tensor {
        try Op.maskedFill(.tensor(self), .tensor(mask), .double(value))
    }
    /// [..., classes] of int64: 1 at each element's own class.
    public func oneHot(_ classes: Int) throws -> Tensor { try Op.oneHot(.tensor(self), .int(classes)) }
}
