/// Views and copies of the same elements in other shapes. A view shares its memory with its base.
extension Tensor {
    /// A view where the layout allows it, else a copy. One size may be -1 and is then worked out.
    public func reshaped(_ shape: [Int]) throws -> Tensor { try Op.reshape(.tensor(self), .ints(shape)) }
    /// A view; refuses where the layout does not allow one.
    public func view(_ shape: [Int]) throws -> Tensor { try Op.view(.tensor(self), .ints(shape)) }
    /// Merges dimensions `first` to `last`, both included, into one.
    public func flattened(from first: Int = 0, to last: Int = -1) throws -> Tensor {
        try Op.flatten(.tensor(self), .int(first), .int(last))
    }
    /// The dimensions in another order.
    public func permuted(_ order: [Int]) throws -> Tensor { try Op.permute(.tensor(self), .ints(order)) }
    /// A view with two dimensions swapped; by default the last two, a matrix transpose.
    public func transposed(_ first: Int = -2, _ second: Int = -1) throws -> Tensor {
        try Op.transpose(.tensor(self), .int(first), .int(second))
    }
    /// Repeats dimensions of size 1 without copying; -1 keeps a size.
    public func expanded(_ shape: [Int]) throws -> Tensor { try Op.expand(.tensor(self), .ints(shape)) }
    /// Drops a dimension of size 1.
    public func squeezed(_ dimension: Int) throws -> Tensor { try Op.squeeze(.tensor(self), .int(dimension)) }
    /// Adds a dimension of size 1.
    public func unsqueezed(_ dimension: Int) throws -> Tensor { try Op.unsqueeze(.tensor(self), .int(dimension)) }
    /// Joins tensors along a dimension that they have.
    public static func concatenated(_ tensors: [Tensor], dimension: Int = 0) throws -> Tensor {
        try Op.concatenate(.tensors(tensors), .int(dimension))
    }
    /// Joins tensors of one shape along a new dimension.
    public static func stacked(_ tensors: [Tensor], dimension: Int = 0) throws -> Tensor {
        try Op.stack(.tensors(tensors), .int(dimension))
    }
    /// Views of the given sizes along a dimension.
    public func split(_ sizes: [Int], dimension: Int = 0) throws -> [Tensor] {
        try Op.split.list(.tensor(self), .ints(sizes), .int(dimension)).compactMap { $0 }
    }
    /// Splits a dimension into at most `count` views of equal size; the last may be smaller.
    public func chunks(_ count: Int, dimension: Int = 0) throws -> [Tensor] {
        try Op.chunk.list(.tensor(self), .int(count), .int(dimension)).compactMap { $0 }
    }
    /// A copy with the order along the given dimensions turned round.
    public func flipped(_ dimensions: [Int]) throws -> Tensor { try Op.flip(.tensor(self), .ints(dimensions)) }

    /// The values with which `padded` fills the border.
    public enum Padding: String, Sendable {
        case constant, reflect, replicate, circular
    }
    /// A larger copy. `amounts` are (before, after) of the last dimension, then of the one before it, and so on.
    public func padded(_ amounts: [Int], mode: Padding = .constant, value: Double = 0) throws -> Tensor {
        try Op.pad(
            .tensor(self), .ints(amounts), .string(mode.rawValue), mode == .constant ? .double(value) : .none)
    }
}

/// Parts of a tensor, by position, by index and by mask.
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
    /// A copy with `value` where `mask`, a bool tensor, holds.
    public func masked(_ mask: Tensor, with value: Double) throws -> Tensor {
        try Op.maskedFill(.tensor(self), .tensor(mask), .double(value))
    }
    /// Encodes classes (int64) as vectors that are 1 at the class of their element: [...] to [..., classes], int64.
    public func oneHot(_ classes: Int) throws -> Tensor { try Op.oneHot(.tensor(self), .int(classes)) }
}
