import CTorch

extension Tensor {
    /// The value of a tensor of one element. Waits for the device.
    public func item() throws -> Double {
        var value = 0.0
        try check(ct_loaded().pointee.tensor_item_double(handle, &value), "item of \(shape)")
        return value
    }

    /// The value of an integer tensor of one element. Waits for the device.
    public func integer() throws -> Int {
        var value: Int64 = 0
        try check(ct_loaded().pointee.tensor_item_int(handle, &value), "integer of \(shape)")
        return Int(value)
    }

    /// All elements in the order of the dimensions, whatever the layout. Waits for the device.
    ///
    /// - Throws: `TorchError` unless `type` is the tensor's own element type.
    public func array<Element: TensorElement>(_ type: Element.Type = Element.self) throws -> [Element] {
        guard dtype == Element.dtype else {
            throw TorchError(
                .invalidArgument, operation: "array", shapes: [shape],
                message: "elements are \(dtype), not \(Element.dtype); convert with to(_:) first")
        }
        return try detached().to(.cpu).contiguous().withUnsafeBytes { Array($0.bindMemory(to: Element.self)) }
    }

    /// The elements' bytes, in the order of memory. The tensor must be on the CPU and dense.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        try withUnsafeMutableBytes { try body(UnsafeRawBufferPointer($0)) }
    }

    /// The elements' bytes, in the order of memory, to be written. The tensor must be on the CPU and dense.
    public func withUnsafeMutableBytes<Result>(
        _ body: (UnsafeMutableRawBufferPointer) throws -> Result
    ) throws -> Result {
        guard device.kind == .cpu, isContiguous() || isContiguous(.channelsLast) else {
            throw TorchError(
                .invalidArgument, operation: "withUnsafeBytes", shapes: [shape],
                message: "needs a dense tensor on the CPU; use to(.cpu) and contiguous() first")
        }
        var data: UnsafeMutableRawPointer?
        try check(ct_loaded().pointee.tensor_data(handle, &data), "withUnsafeBytes")
        return try withExtendedLifetime(self) {
            try body(UnsafeMutableRawBufferPointer(start: data, count: elementCount * dtype.byteCount))
        }
    }

    /// A copy in another element type; the tensor itself if it has that type already.
    public func to(_ dtype: DType) throws -> Tensor {
        dtype == self.dtype ? self : try Op.to(.tensor(self), .dtype(dtype))
    }

    /// A copy on another device; the tensor itself if it lives there already.
    public func to(_ device: Device) throws -> Tensor {
        if device == self.device { return self }
        try device.validate()
        return try Op.to(.tensor(self), .none, .none, .device(device))
    }

    /// A dense copy in the given order; the tensor itself if it is dense in that order already.
    public func contiguous(_ format: MemoryFormat = .contiguous) throws -> Tensor {
        isContiguous(format) ? self : try Op.contiguous(.tensor(self), .memoryFormat(format))
    }

    /// A copy with memory of its own.
    public func cloned() throws -> Tensor { try Op.clone(.tensor(self)) }

    /// Overwrites this tensor's elements by those of `source`, converted and repeated as need be.
    public func copyInPlace(from source: Tensor) throws {
        try Op.copy.run(.tensor(self), .tensor(source))
    }

    /// Overwrites every element with a value.
    public func fillInPlace(_ value: Double) throws {
        try Op.fill.run(.tensor(self), .double(value))
    }
}
