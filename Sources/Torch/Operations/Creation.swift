import CTorch

extension Tensor {
    /// Copies `values` into a new tensor of the given shape on the CPU, or on `device`.
    ///
    /// - Throws: `TorchError` if the shape does not hold exactly that many values.
    public convenience init<Element: TensorElement>(
        _ values: [Element], shape: [Int]? = nil, device: Device = .cpu
    ) throws {
        let shape = shape ?? [values.count]
        let count = try Self.elementCount(of: shape)
        guard count == values.count else {
            throw TorchError(
                .invalidArgument, operation: "Tensor(_:shape:)", shapes: [shape],
                message: "\(values.count) values do not fill a shape of \(count)")
        }
        let made = try Tensor.empty(shape, dtype: Element.dtype)
        try made.withUnsafeMutableBytes { target in
            values.withUnsafeBytes { target.copyMemory(from: $0) }
        }
        let placed = device.kind == .cpu ? made : try made.to(device)
        self.init(sharing: placed)
    }

    /// Creates one more reference to a tensor.
    convenience init(sharing other: Tensor) {
        // A copy through the dispatcher would be recorded; a counted copy of the handle is not.
        guard let handle = ct_loaded().pointee.tensor_retain(other.handle) else {
            preconditionFailure("counting a reference to a tensor lost it")
        }
        self.init(owning: handle)
    }

    /// The product of the sizes.
    ///
    /// - Throws: `TorchError` if one is negative or the product overflows.
    static func elementCount(of shape: [Int]) throws -> Int {
        try shape.reduce(1) { product, size in
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow else {
                throw TorchError(
                    .invalidArgument, operation: "shape", shapes: [shape], message: "not a shape that can be had")
            }
            return next
        }
    }

    /// A tensor of one value without dimensions.
    public convenience init<Element: TensorElement>(_ value: Element, device: Device = .cpu) throws {
        try self.init([value], shape: [], device: device)
    }

    /// A tensor over memory that stays where it is.
    ///
    /// - Parameters:
    ///   - memory: the first element. Must stay valid until `release` is called.
    ///   - shape: the size of each dimension.
    ///   - strides: elements between neighbours in each dimension; contiguous if nil.
    ///   - dtype: the type of the elements in memory.
    ///   - release: called once, from any thread, when the memory is no longer needed.
    public static func borrowing(
        _ memory: UnsafeMutableRawPointer, shape: [Int], strides: [Int]? = nil, dtype: DType,
        release: @escaping @Sendable () -> Void
    ) throws -> Tensor {
        _ = try elementCount(of: shape)
        let box = Unmanaged.passRetained(Release(release))
        var made: ct_tensor?
        let status = try Runtime.api().tensor_from_memory(
            memory, shape.map(Int64.init), strides?.map(Int64.init), Int32(shape.count), dtype.rawValue,
            { context in
                guard let context else { return }
                Unmanaged<Release>.fromOpaque(context).takeRetainedValue().body()
            }, box.toOpaque(), &made)
        guard status == CT_OK, let made else {
            throw TorchError.last(status, operation: "Tensor.borrowing", shapes: [shape])
        }
        return Tensor(owning: made)
    }

    private final class Release: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// A tensor whose elements are whatever was in memory.
    public static func empty(
        _ shape: [Int], dtype: DType = .float32, device: Device = .cpu, format: MemoryFormat = .contiguous
    ) throws -> Tensor {
        try device.validate()
        return try Op.empty(
            .ints(shape), .dtype(dtype), .none, .device(device), .none, .memoryFormat(format))
    }

    /// A tensor of one repeated value.
    public static func full(
        _ shape: [Int], _ value: Double, dtype: DType = .float32, device: Device = .cpu
    ) throws -> Tensor {
        try device.validate()
        return try Op.full(.ints(shape), .double(value), .dtype(dtype), .none, .device(device))
    }

    /// A new tensor of zeros, laid out contiguously.
    public static func zeros(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) throws -> Tensor {
        try full(shape, 0, dtype: dtype, device: device)
    }

    /// A new tensor of ones, laid out contiguously.
    public static func ones(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) throws -> Tensor {
        try full(shape, 1, dtype: dtype, device: device)
    }

    /// The integers from `start` up to, not including, `end`, as int64.
    public static func range(_ start: Int = 0, to end: Int, by step: Int = 1, device: Device = .cpu) throws -> Tensor {
        try device.validate()
        return try Op.arange(.int(start), .int(end), .int(step), .dtype(.int64), .none, .device(device))
    }

    /// The identity matrix of the given size.
    public static func identity(_ size: Int, dtype: DType = .float32, device: Device = .cpu) throws -> Tensor {
        try device.validate()
        return try Op.eye(.int(size), .dtype(dtype), .none, .device(device))
    }

    /// Zeros of the type, shape, place and layout of another tensor.
    public static func zeros(like other: Tensor) throws -> Tensor {
        try Op.zero(.tensor(Op.emptyLike(.tensor(other))))
    }
}
