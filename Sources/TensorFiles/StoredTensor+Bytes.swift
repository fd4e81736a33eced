extension StoredTensor {
    /// Lends the elements in row-major order: the mapped file itself where the tensor is contiguous, a copy otherwise.
    /// Whether they are those that were written, ``StorageRegion/verify()`` of ``storage`` tells.
    ///
    /// Elements are little-endian, and the address need not be a multiple of the element size. The buffer must not be
    /// used after `body` returns.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        if isContiguous {
            return try storage.withUnsafeBytes { bytes in
                let start = byteCount == 0 ? 0 : byteOffset
                return try body(UnsafeRawBufferPointer(rebasing: bytes[start..<start + byteCount]))
            }
        }
        return try contiguousBytes().withUnsafeBytes(body)
    }

    /// A copy of the elements in row-major order, unverified as ``withUnsafeBytes(_:)`` lends them.
    public func contiguousBytes() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            gather(into: UnsafeMutableRawBufferPointer(buffer))
            count = byteCount
        }
    }

    /// Copies the elements in row-major order into `buffer`.
    ///
    /// - Throws: ``TensorFileFault/byteCountMismatch(expected:actual:)`` unless `buffer` has exactly ``byteCount``
    ///   bytes; ``TensorFileFault/checksumMismatch(expected:actual:)`` for bytes that are not those that were written.
    public func copyBytes(to buffer: UnsafeMutableRawBufferPointer) throws {
        guard buffer.count == byteCount else {
            throw storage.file.error(key: name, .byteCountMismatch(expected: byteCount, actual: buffer.count))
        }
        try storage.verify()
        gather(into: buffer)
    }

    /// A copy of the elements as Swift numbers, in row-major order.
    ///
    /// - Throws: ``TensorFileFault/elementTypeMismatch(expected:actual:)`` if the file holds another type;
    ///   ``TensorFileFault/checksumMismatch(expected:actual:)`` for bytes that are not those that were written.
    public func elements<Element: StoredElement>(as type: Element.Type = Element.self) throws -> [Element] {
        guard Element.elementTypes.contains(elementType) else {
            throw storage.file.error(
                key: name, .elementTypeMismatch(expected: Element.elementTypes, actual: elementType))
        }
        try storage.verify()
        return [Element](unsafeUninitializedCapacity: elementCount) { buffer, count in
            gather(into: UnsafeMutableRawBufferPointer(buffer))
            count = elementCount
        }
    }

    /// Writes ``byteCount`` bytes to the front of `target`, which must have room for them.
    private func gather(into target: UnsafeMutableRawBufferPointer) {
        guard let destination = target.baseAddress, byteCount > 0 else { return }
        storage.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            gather(from: base + byteOffset, into: destination)
        }
    }

    /// Walks the outer dimensions like the wheels of an odometer and copies one gapless run at each stop.
    private func gather(from source: UnsafeRawPointer, into destination: UnsafeMutableRawPointer) {
        let width = elementType.byteSize
        let (outerRank, run) = contiguousSuffix
        let runBytes = run * width
        // The stride of a dimension of extent 1 is arbitrary and never stepped along.
        let steps = zip(shape, strides).prefix(outerRank).map { $0 == 1 ? 0 : $1 * width }
        var counter = [Int](repeating: 0, count: outerRank)
        var from = 0
        var to = 0
        while true {
            (destination + to).copyMemory(from: source + from, byteCount: runBytes)
            to += runBytes
            var dimension = outerRank - 1
            while dimension >= 0 {
                counter[dimension] += 1
                from += steps[dimension]
                if counter[dimension] < shape[dimension] { break }
                from -= steps[dimension] * shape[dimension]
                counter[dimension] = 0
                dimension -= 1
            }
            if dimension < 0 { return }
        }
    }
}

/// A Swift number whose bytes are those of an ``ElementType`` on a little-endian machine.
public protocol StoredElement: BitwiseCopyable {
    /// The element types that may be read as this number.
    static var elementTypes: [ElementType] { get }
}

extension UInt8: StoredElement {
    /// The types of one unsigned byte: integers, booleans, and 8-bit floats as their bit patterns.
    public static var elementTypes: [ElementType] {
        [.uint8, .bool, .float8e5m2, .float8e4m3fn, .float8e8m0fnu, .float8e4m3fnuz, .float8e5m2fnuz]
    }
}

extension Int8: StoredElement {
    /// The type of 8-bit signed integers.
    public static var elementTypes: [ElementType] { [.int8] }
}

extension Int16: StoredElement {
    /// The type of 16-bit signed integers.
    public static var elementTypes: [ElementType] { [.int16] }
}

extension Int32: StoredElement {
    /// The type of 32-bit signed integers.
    public static var elementTypes: [ElementType] { [.int32] }
}

extension Int64: StoredElement {
    /// The type of 64-bit signed integers.
    public static var elementTypes: [ElementType] { [.int64] }
}

extension UInt32: StoredElement {
    /// The type of 32-bit unsigned integers.
    public static var elementTypes: [ElementType] { [.uint32] }
}

extension UInt64: StoredElement {
    /// The type of 64-bit unsigned integers.
    public static var elementTypes: [ElementType] { [.uint64] }
}

extension Float: StoredElement {
    /// The type of 32-bit floats; narrower floats are not widened.
    public static var elementTypes: [ElementType] { [.float32] }
}

extension Double: StoredElement {
    /// The type of 64-bit floats; narrower floats are not widened.
    public static var elementTypes: [ElementType] { [.float64] }
}

extension UInt16: StoredElement {
    /// The types of 16 unsigned bits: integers, and 16-bit floats as their bit patterns.
    public static var elementTypes: [ElementType] { [.uint16, .float16, .bfloat16] }
}
