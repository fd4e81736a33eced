/// The type of a tensor's elements. Raw values are libtorch's own numbers.
public enum DType: Int32, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case uint8 = 0
    case int8 = 1
    case int16 = 2
    case int32 = 3
    case int64 = 4
    case float16 = 5
    case float32 = 6
    case float64 = 7
    case bool = 11
    case bfloat16 = 15

    /// PyTorch's name of the type, without its `torch.` in front.
    public var description: String {
        switch self {
        case .uint8: "uint8"
        case .int8: "int8"
        case .int16: "int16"
        case .int32: "int32"
        case .int64: "int64"
        case .float16: "float16"
        case .float32: "float32"
        case .float64: "float64"
        case .bool: "bool"
        case .bfloat16: "bfloat16"
        }
    }

    /// The size of an element in bytes.
    public var byteCount: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .int16, .float16, .bfloat16: 2
        case .int32, .float32: 4
        case .int64, .float64: 8
        }
    }

    /// Whether gradients can exist for tensors of this type.
    public var isFloatingPoint: Bool {
        switch self {
        case .float16, .float32, .float64, .bfloat16: true
        default: false
        }
    }
}

/// A Swift type whose values can be copied to and from tensors.
public protocol TensorElement: BitwiseCopyable, Sendable {
    /// The element type whose bytes are those of this Swift type.
    static var dtype: DType { get }
}

extension Float: TensorElement {
    /// The type `float32` of 4 bytes: that of images, weights and results.
    public static var dtype: DType { .float32 }
}

extension Double: TensorElement {
    /// The type `float64` of 8 bytes, for sums and checks rather than networks.
    public static var dtype: DType { .float64 }
}

extension Int64: TensorElement {
    /// The type `int64` of 8 bytes: that of labels and positions.
    public static var dtype: DType { .int64 }
}

extension Int32: TensorElement {
    /// The type `int32` of 4 bytes.
    public static var dtype: DType { .int32 }
}

extension Int: TensorElement {
    /// The type `int64` of 8 bytes: `Int` is 64 bits wide wherever this library runs.
    public static var dtype: DType { .int64 }
}

extension UInt8: TensorElement {
    /// The type `uint8` of 1 byte: that of pixels before they are normalised.
    public static var dtype: DType { .uint8 }
}

extension Bool: TensorElement {
    /// The type `bool` of 1 byte: that of masks.
    public static var dtype: DType { .bool }
}

/// The order of a tensor's elements in memory. Raw values are libtorch's own numbers.
public enum MemoryFormat: Int32, Sendable, Hashable {
    /// The last dimension is dense: N x C x H x W as written.
    case contiguous = 0
    /// The order that the tensor has already.
    case preserve = 1
    /// Channels are dense: an N x C x H x W tensor stored as N x H x W x C.
    case channelsLast = 2
}
