/// A tensor that lies in a file: its name, type, shape and strides, and the bytes it views, which are not copied.
///
/// The constructor proves that no element lies outside the storage, so nothing that a file says can make a later read
/// leave it.
public struct StoredTensor: Sendable, Hashable {
    /// The largest number of dimensions, as in PyTorch's iterators and NumPy.
    public static let maximumRank = 64

    /// The largest size, in bytes, to which a view that repeats elements may unfold when it is copied out (256 MiB).
    /// Four bytes with strides of zero could otherwise ask for any amount of memory.
    public static let maximumExpandedByteCount = 1 << 28

    /// The tensor's key in the file; nested keys are joined with dots.
    public let name: String

    /// The type of the elements.
    public let elementType: ElementType

    /// The extents, outermost first; `[]` for a scalar.
    public let shape: [Int]

    /// The distance between neighbours along each dimension, in elements; never negative.
    public let strides: [Int]

    /// The bytes that this tensor, and perhaps others, view.
    public let storage: StorageRegion

    /// The offset of the first element, in bytes from the start of ``storage``.
    public let byteOffset: Int

    /// The number of elements: the product of the shape.
    public let elementCount: Int

    /// Describes elements of `storage`, checking that all of them lie within it.
    ///
    /// - Parameters:
    ///   - name: the tensor's key in the file; nested keys are joined with dots.
    ///   - elementType: the type of the elements.
    ///   - shape: the extents, outermost first; `[]` for a scalar.
    ///   - strides: the strides in elements; row-major where nil.
    ///   - storage: the bytes that the tensor, and perhaps others, view.
    ///   - storageOffset: the offset of the first element, in elements.
    /// - Throws: ``TensorFileError`` for extents that are negative or too large, and for elements outside `storage`.
    public init(
        name: String, elementType: ElementType, shape: [Int], strides: [Int]? = nil, storage: StorageRegion,
        storageOffset: Int = 0
    ) throws {
        func fail(_ fault: TensorFileFault) -> TensorFileError { storage.file.error(key: name, fault) }

        let size = try elementType.byteCount(of: shape).get(or: fail)
        let strides = strides ?? Self.rowMajorStrides(of: shape)
        guard strides.count == shape.count else { throw fail(.rankMismatch(shape: shape, strides: strides)) }
        guard storageOffset >= 0, strides.allSatisfy({ $0 >= 0 }) else {
            throw fail(.negativeExtent(strides + [storageOffset]))
        }
        guard let end = Self.endOfView(shape: shape, strides: strides, offset: storageOffset) else {
            throw fail(.sizeOverflow(strides + [storageOffset]))
        }
        let (offset, overflow) = storageOffset.multipliedReportingOverflow(by: elementType.byteSize)
        guard !overflow else { throw fail(.sizeOverflow([storageOffset])) }
        if size > 0 {
            guard end <= storage.byteCount / elementType.byteSize else {
                throw fail(
                    .outsideStorage(
                        shape: shape, strides: strides, offset: storageOffset, storageBytes: storage.byteCount))
            }
            guard size <= max(storage.byteCount, Self.maximumExpandedByteCount) else {
                throw fail(.expansionTooLarge(bytes: size))
            }
        }
        self.name = name
        self.elementType = elementType
        self.shape = shape
        self.strides = strides
        self.storage = storage
        self.byteOffset = offset
        self.elementCount = size / elementType.byteSize
    }

    private init(renaming tensor: StoredTensor, to name: String) {
        self.name = name
        elementType = tensor.elementType
        shape = tensor.shape
        strides = tensor.strides
        storage = tensor.storage
        byteOffset = tensor.byteOffset
        elementCount = tensor.elementCount
    }

    /// The tensor under another name.
    public func renamed(_ name: String) -> StoredTensor {
        StoredTensor(renaming: self, to: name)
    }

    /// The size of the elements in bytes, once each: `elementCount * elementType.byteSize`.
    public var byteCount: Int { elementCount * elementType.byteSize }

    /// Whether the elements lie in row-major order without gaps. Strides along dimensions of extent 1 do not matter,
    /// and a tensor without elements is contiguous, as in PyTorch.
    public var isContiguous: Bool {
        contiguousSuffix.elements == elementCount
    }

    /// The innermost dimensions that together form one gapless run: how many are left outside of it, and its length.
    var contiguousSuffix: (outerRank: Int, elements: Int) {
        if elementCount == 0 { return (0, 0) }
        var run = 1
        for dimension in shape.indices.reversed() where shape[dimension] != 1 {
            if strides[dimension] != run { return (dimension + 1, run) }
            run *= shape[dimension]
        }
        return (0, run)
    }

    /// Row-major strides, in elements. Extents must have passed ``ElementType/byteCount(of:)``.
    static func rowMajorStrides(of shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        var step = 1
        for dimension in shape.indices.reversed() {
            strides[dimension] = step
            step *= max(shape[dimension], 1)
        }
        return strides
    }

    /// The position after the last element of a view, in elements; nil on overflow.
    private static func endOfView(shape: [Int], strides: [Int], offset: Int) -> Int? {
        var last = offset
        for (extent, stride) in zip(shape, strides) where extent > 1 {
            let (span, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
            let (sum, carry) = last.addingReportingOverflow(span)
            if overflow || carry { return nil }
            last = sum
        }
        let (end, carry) = last.addingReportingOverflow(1)
        return carry ? nil : end
    }
}

extension ElementType {
    /// The size of a tensor of this type in bytes.
    ///
    /// Fails for negative extents, too many dimensions, and a product of the extents other than zero that does not fit
    /// into an `Int`: then also strides of a tensor without elements can be computed safely.
    func byteCount(of shape: [Int]) -> Result<Int, TensorFileFault> {
        guard shape.count <= StoredTensor.maximumRank else { return .failure(.tooManyDimensions(shape.count)) }
        guard shape.allSatisfy({ $0 >= 0 }) else { return .failure(.negativeExtent(shape)) }
        var product = byteSize
        for extent in shape where extent > 0 {
            let (next, overflow) = product.multipliedReportingOverflow(by: extent)
            if overflow { return .failure(.sizeOverflow(shape)) }
            product = next
        }
        return .success(shape.contains(0) ? 0 : product)
    }
}

extension Result where Failure == TensorFileFault {
    /// The value, or the fault turned into the caller's error.
    func get(or wrap: (TensorFileFault) -> TensorFileError) throws -> Success {
        switch self {
        case .success(let value): return value
        case .failure(let fault): throw wrap(fault)
        }
    }
}
