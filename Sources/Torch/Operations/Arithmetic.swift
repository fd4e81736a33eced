/// Element by element, with PyTorch's broadcasting and type promotion.
extension Tensor {
    public static func + (left: Tensor, right: Tensor) throws -> Tensor { try Op.add(.tensor(left), .tensor(right)) }
    public static func - (left: Tensor, right: Tensor) throws -> Tensor {
        try Op.subtract(.tensor(left), .tensor(right))
    }
    public static func * (left: Tensor, right: Tensor) throws -> Tensor {
        try Op.multiply(.tensor(left), .tensor(right))
    }
    public static func / (left: Tensor, right: Tensor) throws -> Tensor { try Op.divide(.tensor(left), .tensor(right)) }

    public static func + (left: Tensor, right: Double) throws -> Tensor {
        try Op.addScalar(.tensor(left), .double(right))
    }
    public static func - (left: Tensor, right: Double) throws -> Tensor {
        try Op.addScalar(.tensor(left), .double(-right))
    }
    public static func * (left: Tensor, right: Double) throws -> Tensor {
        try Op.multiplyScalar(.tensor(left), .double(right))
    }
    public static func / (left: Tensor, right: Double) throws -> Tensor {
        try Op.divideScalar(.tensor(left), .double(right))
    }
    public static func + (left: Double, right: Tensor) throws -> Tensor { try right + left }
    public static func * (left: Double, right: Tensor) throws -> Tensor { try right * left }
    public static func - (left: Double, right: Tensor) throws -> Tensor {
        try Op.reverseSubtract(.tensor(right), .double(left))
    }
    public static prefix func - (operand: Tensor) throws -> Tensor { try Op.negate(.tensor(operand)) }

    /// Adds `scale * other` to this tensor itself.
    public func addInPlace(_ other: Tensor, scale: Double = 1) throws {
        // Integer tensors refuse a factor that is a floating-point number, even 1.
        try Op.addInPlace.run(.tensor(self), .tensor(other), scale == 1 ? .int(1) : .double(scale))
    }
    /// Multiplies this tensor itself.
    public func multiplyInPlace(_ other: Tensor) throws { try Op.multiplyInPlace.run(.tensor(self), .tensor(other)) }
    /// Multiplies this tensor itself by a number.
    public func multiplyInPlace(_ factor: Double) throws { try Op.scaleInPlace.run(.tensor(self), .double(factor)) }
    /// Moves this tensor itself towards `other`: self + weight * (other - self).
    public func lerpInPlace(_ other: Tensor, weight: Double) throws {
        try Op.lerpInPlace.run(.tensor(self), .tensor(other), .double(weight))
    }

    public func power(_ exponent: Double) throws -> Tensor { try Op.power(.tensor(self), .double(exponent)) }
    public func absolute() throws -> Tensor { try Op.absolute(.tensor(self)) }
    public func exponential() throws -> Tensor { try Op.exponential(.tensor(self)) }
    /// The natural logarithm.
    public func logarithm() throws -> Tensor { try Op.logarithm(.tensor(self)) }
    public func squareRoot() throws -> Tensor { try Op.squareRoot(.tensor(self)) }

    /// The largest integers that are not above.
    public func floored() throws -> Tensor { try Op.floor(.tensor(self)) }
    /// The nearest integers; halves go to the even one.
    public func rounded() throws -> Tensor { try Op.round(.tensor(self)) }

    public func relu() throws -> Tensor { try Op.relu(.tensor(self)) }
    public func sigmoid() throws -> Tensor { try Op.sigmoid(.tensor(self)) }
    public func tanh() throws -> Tensor { try Op.tanh(.tensor(self)) }
    /// x times the normal distribution function at x, exactly (Hendrycks and Gimpel, 2016).
    public func gelu() throws -> Tensor { try Op.gelu(.tensor(self)) }
    /// x * sigmoid(x).
    public func silu() throws -> Tensor { try Op.silu(.tensor(self)) }
    /// Limits every element; nil leaves that side open.
    public func clamped(min low: Double? = nil, max high: Double? = nil) throws -> Tensor {
        try Op.clamp(.tensor(self), low.map { .double($0) } ?? .none, high.map { .double($0) } ?? .none)
    }
    public func minimum(_ other: Tensor) throws -> Tensor { try Op.minimum(.tensor(self), .tensor(other)) }
    public func maximum(_ other: Tensor) throws -> Tensor { try Op.maximum(.tensor(self), .tensor(other)) }
    public func softmax(_ dimension: Int) throws -> Tensor { try Op.softmax(.tensor(self), .int(dimension)) }
    public func logSoftmax(_ dimension: Int) throws -> Tensor { try Op.logSoftmax(.tensor(self), .int(dimension)) }

    /// Bool tensors.
    public func equals(_ other: Tensor) throws -> Tensor { try Op.equal(.tensor(self), .tensor(other)) }
    public func equals(_ value: Double) throws -> Tensor { try Op.equalScalar(.tensor(self), .double(value)) }
    public func isGreater(than other: Tensor) throws -> Tensor { try Op.greater(.tensor(self), .tensor(other)) }
    public func isGreater(than value: Double) throws -> Tensor { try Op.greaterScalar(.tensor(self), .double(value)) }
    public func isLess(than other: Tensor) throws -> Tensor { try Op.less(.tensor(self), .tensor(other)) }
    public func isLess(than value: Double) throws -> Tensor { try Op.lessScalar(.tensor(self), .double(value)) }
    public func logicalAnd(_ other: Tensor) throws -> Tensor { try Op.logicalAnd(.tensor(self), .tensor(other)) }
    public func logicalNot() throws -> Tensor { try Op.logicalNot(.tensor(self)) }
    /// Elements of `self` where `condition`, a bool tensor, holds, and of `other` elsewhere.
    public func chosen(where condition: Tensor, else other: Tensor) throws -> Tensor {
        try Op.select(.tensor(condition), .tensor(self), .tensor(other))
    }
    /// False where an element is infinite or not a number.
    public func isFinite() throws -> Tensor { try Op.isFinite(.tensor(self)) }
    /// Whether |self - other| <= absolute + relative * |other| everywhere.
    public func isClose(to other: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8) throws -> Bool {
        try (try self - other).absolute().isGreater(than: try other.absolute() * relative + absolute)
            .any().integer() == 0
    }
}
