/// Element by element, with PyTorch's broadcasting and type promotion.
extension Tensor {
    /// Adds two tensors.
    public static func + (left: Tensor, right: Tensor) throws -> Tensor { try Op.add(.tensor(left), .tensor(right)) }
    /// Difference of two tensors; bool ones are refused.
    public static func - (left: Tensor, right: Tensor) throws -> Tensor {
        try Op.subtract(.tensor(left), .tensor(right))
    }
    /// Product element by element; `matrixProduct(_:)` is the other one.
    public static func * (left: Tensor, right: Tensor) throws -> Tensor {
        try Op.multiply(.tensor(left), .tensor(right))
    }
    /// Quotient element by element; that of integers is float32.
    public static func / (left: Tensor, right: Tensor) throws -> Tensor { try Op.divide(.tensor(left), .tensor(right)) }

    /// Adds a number to every element. A tensor of integers becomes float32, here and in what follows.
    public static func + (left: Tensor, right: Double) throws -> Tensor {
        try Op.addScalar(.tensor(left), .double(right))
    }
    /// Subtracts a number from every element.
    public static func - (left: Tensor, right: Double) throws -> Tensor {
        try Op.addScalar(.tensor(left), .double(-right))
    }
    /// Multiplies every element by a number.
    public static func * (left: Tensor, right: Double) throws -> Tensor {
        try Op.multiplyScalar(.tensor(left), .double(right))
    }
    /// Divides every element by a number.
    public static func / (left: Tensor, right: Double) throws -> Tensor {
        try Op.divideScalar(.tensor(left), .double(right))
    }
    /// Adds a number to every element.
    public static func + (left: Double, right: Tensor) throws -> Tensor { try right + left }
    /// Multiplies every element by a number.
    public static func * (left: Double, right: Tensor) throws -> Tensor { try right * left }
    /// Subtracts every element from a number.
    public static func - (left: Double, right: Tensor) throws -> Tensor {
        try Op.reverseSubtract(.tensor(right), .double(left))
    }
    /// Every element with its sign turned.
    public static prefix func - (operand: Tensor) throws -> Tensor { try Op.negate(.tensor(operand)) }

    /// Adds `scale * other` to this tensor itself.
    public func addInPlace(_ other: Tensor, scale: Double = 1) throws {
        // Integer tensors refuse a factor that is a floating-point number, even 1.
        try Op.addInPlace.run(.tensor(self), .tensor(other), scale == 1 ? .int(1) : .double(scale))
    }
    /// Multiplies the elements of this tensor by those of another, in place.
    public func multiplyInPlace(_ other: Tensor) throws { try Op.multiplyInPlace.run(.tensor(self), .tensor(other)) }
    /// Multiplies this tensor itself by a number.
    public func multiplyInPlace(_ factor: Double) throws { try Op.scaleInPlace.run(.tensor(self), .double(factor)) }

    /// Every element to the given power; negative elements to a fractional one are NaN.
    public func power(_ exponent: Double) throws -> Tensor { try Op.power(.tensor(self), .double(exponent)) }
    /// Every element without its sign.
    public func absolute() throws -> Tensor { try Op.absolute(.tensor(self)) }
    /// Raises e to the power of every element; integers give float32.
    public func exponential() throws -> Tensor { try Op.exponential(.tensor(self)) }
    /// Takes the natural logarithm of every element.
    public func logarithm() throws -> Tensor { try Op.logarithm(.tensor(self)) }
    /// The square root; NaN below 0. Its gradient at 0 is infinite.
    public func squareRoot() throws -> Tensor { try Op.squareRoot(.tensor(self)) }

    /// The largest integers that are not above.
    public func floored() throws -> Tensor { try Op.floor(.tensor(self)) }
    /// The nearest integers; halves go to the even one.
    public func rounded() throws -> Tensor { try Op.round(.tensor(self)) }

    /// Applies the rectifier, max(x, 0), to every element.
    public func relu() throws -> Tensor { try Op.relu(.tensor(self)) }
    /// Applies the logistic function, 1 / (1 + exp(-x)), to every element; integers give float32.
    public func sigmoid() throws -> Tensor { try Op.sigmoid(.tensor(self)) }
    /// Takes x * min(max(x + 3, 0), 6) / 6 of every element (Howard et al., "Searching for MobileNetV3", 2019); floats
    /// only.
    public func hardSwish() throws -> Tensor { try Op.hardSwish(.tensor(self)) }
    /// Takes min(max(x + 3, 0), 6) / 6 of every element, in 0...1 (Howard et al., "Searching for MobileNetV3", 2019);
    /// floats only.
    public func hardSigmoid() throws -> Tensor { try Op.hardSigmoid(.tensor(self)) }
    /// The hyperbolic tangent, in -1...1; integers give float32.
    public func tanh() throws -> Tensor { try Op.tanh(.tensor(self)) }
    /// Limits every element; nil leaves that side open.
    public func clamped(min low: Double? = nil, max high: Double? = nil) throws -> Tensor {
        try Op.clamp(.tensor(self), low.map { .double($0) } ?? .none, high.map { .double($0) } ?? .none)
    }
    /// The smaller of two elements; NaN where either is.
    public func minimum(_ other: Tensor) throws -> Tensor { try Op.minimum(.tensor(self), .tensor(other)) }
    /// The larger of two elements; NaN where either is.
    public func maximum(_ other: Tensor) throws -> Tensor { try Op.maximum(.tensor(self), .tensor(other)) }
    /// Takes the softmax, exp(x) over its sum along `dimension`: shares that sum to 1 there.
    public func softmax(_ dimension: Int) throws -> Tensor { try Op.softmax(.tensor(self), .int(dimension)) }
    /// The logarithm of `softmax(_:)`, without the underflow of taking one after the other.
    public func logSoftmax(_ dimension: Int) throws -> Tensor { try Op.logSoftmax(.tensor(self), .int(dimension)) }

    /// A bool tensor: where elements equal those of `other`.
    public func equals(_ other: Tensor) throws -> Tensor { try Op.equal(.tensor(self), .tensor(other)) }
    /// A bool tensor: where elements equal a number.
    public func equals(_ value: Double) throws -> Tensor { try Op.equalScalar(.tensor(self), .double(value)) }
    /// A bool tensor: where elements are above those of `other`; never at NaN.
    public func isGreater(than other: Tensor) throws -> Tensor { try Op.greater(.tensor(self), .tensor(other)) }
    /// A bool tensor: where elements are above a number; never at NaN.
    public func isGreater(than value: Double) throws -> Tensor { try Op.greaterScalar(.tensor(self), .double(value)) }
    /// A bool tensor: where elements are below those of `other`; never at NaN.
    public func isLess(than other: Tensor) throws -> Tensor { try Op.less(.tensor(self), .tensor(other)) }
    /// A bool tensor: where elements are below a number; never at NaN.
    public func isLess(than value: Double) throws -> Tensor { try Op.lessScalar(.tensor(self), .double(value)) }
    /// A bool tensor: where both elements are true, or not 0.
    public func logicalAnd(_ other: Tensor) throws -> Tensor { try Op.logicalAnd(.tensor(self), .tensor(other)) }
    /// A bool tensor: where the element is false, or 0.
    public func logicalNot() throws -> Tensor { try Op.logicalNot(.tensor(self)) }
    /// Elements of `self` where `condition`, a bool tensor, holds, and of `other` elsewhere.
    public func chosen(where condition: Tensor, else other: Tensor) throws -> Tensor {
        try Op.select(.tensor(condition), .tensor(self), .tensor(other))
    }
    /// Makes a bool tensor that is false where an element is infinite or not a number.
    public func isFinite() throws -> Tensor { try Op.isFinite(.tensor(self)) }
    /// Whether |self - other| <= absolute + relative * |other| everywhere. What is not a number is close to nothing, an
    /// infinity only to itself.
    public func isClose(to other: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8) throws -> Bool {
        try Op.isClose(.tensor(self), .tensor(other), .double(relative), .double(absolute)).all().integer() == 1
    }
}

/// Products and factors of matrices, over the last two dimensions.
extension Tensor {
    /// The matrix product over the last two dimensions, the others broadcast.
    public func matrixProduct(_ other: Tensor) throws -> Tensor { try Op.matrixProduct(.tensor(self), .tensor(other)) }
    /// Einstein's summation, such as `Tensor.einsum("nc,ck->nk", [q, queue])`.
    public static func einsum(_ equation: String, _ tensors: [Tensor]) throws -> Tensor {
        try Op.einsum(.string(equation), .tensors(tensors))
    }
    /// X with self X = B.
    public func solved(_ right: Tensor) throws -> Tensor { try Op.solve(.tensor(self), .tensor(right)) }
    /// The lower factor L with self = L L^T.
    public func cholesky() throws -> Tensor { try Op.cholesky(.tensor(self)) }
}
