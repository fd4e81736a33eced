import CTorch

/// A multi-dimensional array on a device: one owned reference to a tensor of libtorch.
///
/// Assigning a `Tensor` shares it; operations make new ones, or views where PyTorch would, except those whose name
/// says `InPlace`. Operations throw `TorchError`.
///
/// A tensor may be used from several threads as long as none of them writes into it.
public final class Tensor: @unchecked Sendable {
    let handle: ct_tensor

    /// Takes over an owned handle.
    init(owning handle: ct_tensor) {
        self.handle = handle
    }

    deinit {
        ct_loaded().pointee.tensor_release(handle)
    }

    /// The number of dimensions.
    public var rank: Int { Int(ct_loaded().pointee.tensor_rank(handle)) }

    /// The size of each dimension.
    public var shape: [Int] {
        let sizes = UnsafeBufferPointer(start: ct_loaded().pointee.tensor_sizes(handle), count: rank)
        return sizes.map(Int.init)
    }

    /// The size of one dimension; negative numbers count from the end.
    ///
    /// - Precondition: `dimension` is in -rank..<rank.
    public func size(_ dimension: Int) -> Int {
        let index = dimension < 0 ? dimension + rank : dimension
        precondition(index >= 0 && index < rank, "dimension \(dimension) of a tensor of rank \(rank)")
        return shape[index]
    }

    /// The distance in elements between neighbours along each dimension.
    public var strides: [Int] {
        var strides = [Int64](repeating: 0, count: rank)
        // Fails only for layouts without strides, of which this library makes none.
        guard ct_loaded().pointee.tensor_strides(handle, &strides) == CT_OK else { return [] }
        return strides.map(Int.init)
    }

    /// The number of elements.
    public var elementCount: Int { Int(ct_loaded().pointee.tensor_element_count(handle)) }

    /// The type of the elements.
    ///
    /// - Precondition: it is one of `DType`; libtorch's further types (complex, quantised) are not made here.
    public var dtype: DType {
        let raw = ct_loaded().pointee.tensor_dtype(handle)
        guard let dtype = DType(rawValue: raw) else {
            preconditionFailure("a tensor of libtorch's element type \(raw), which has no DType")
        }
        return dtype
    }

    /// The device whose memory holds the tensor.
    public var device: Device {
        Device(packed: ct_loaded().pointee.tensor_device(handle)) ?? .cpu
    }

    /// Whether the elements lie densely in the given order.
    public func isContiguous(_ format: MemoryFormat = .contiguous) -> Bool {
        ct_loaded().pointee.tensor_is_contiguous(handle, format.rawValue)
    }

    /// Whether two tensors share memory, as a view shares it with its base.
    public func sharesStorage(with other: Tensor) -> Bool {
        storageIdentity != nil && storageIdentity == other.storageIdentity
    }

    /// The address of the memory, equal for tensors that share it; nil for a tensor without memory.
    public var storageIdentity: UnsafeRawPointer? {
        var storage: UnsafeRawPointer?
        return ct_loaded().pointee.tensor_storage(handle, &storage) == CT_OK ? storage : nil
    }
}

extension Tensor: CustomStringConvertible {
    /// Type, shape and device, and the values where they are few.
    public var description: String {
        let header = "Tensor(\(dtype), [\(shape.map(String.init).joined(separator: ", "))], \(device))"
        guard elementCount <= 16, let values = try? to(.float64).array(Double.self) else { return header }
        return header + " " + values.map { String($0) }.joined(separator: " ")
    }
}
