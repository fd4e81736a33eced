/// The type of one element of a tensor as files name it.
///
/// The cases cover every whole-byte type of safetensors 0.8 and every `torch.dtype` of PyTorch 2.13 that is not
/// quantised. Types packed below one byte (`F4`, `F6_E2M3`, `F6_E3M2`, `torch.float4_e2m1fn_x2`) are not among them.
///
/// The order of the cases is the order by which the reference implementation of safetensors lays tensors out (last case
/// first), which keeps every tensor aligned to its element size; ``SafeTensorsWriter`` follows it.
public enum ElementType: String, CaseIterable, Sendable, Hashable {
    /// A boolean of one byte, 0 or 1.
    case bool
    case uint8
    case int8
    /// A float of 5 exponent bits and 2 mantissa bits, with infinities (arXiv:2209.05433).
    case float8e5m2
    /// A float of 4 exponent bits and 3 mantissa bits, finite only (arXiv:2209.05433).
    case float8e4m3fn
    /// A power of two of 8 exponent bits, without sign and mantissa: a scale of the OCP microscaling formats.
    case float8e8m0fnu
    /// The format ``float8e4m3fn`` with another bias and no negative zero (arXiv:2206.02915).
    case float8e4m3fnuz
    /// The format ``float8e5m2`` with another bias, finite only, without negative zero (arXiv:2206.02915).
    case float8e5m2fnuz
    case int16
    case uint16
    /// A half-precision float, IEEE 754 binary16.
    case float16
    /// The upper half of a ``float32``.
    case bfloat16
    case int32
    case uint32
    case float32
    /// Two ``float16``, real part first. PyTorch only.
    case complex32
    /// Two ``float32``, real part first.
    case complex64
    case float64
    case int64
    case uint64
    /// Two ``float64``, real part first. PyTorch only.
    case complex128

    /// The size of one element in bytes.
    public var byteSize: Int {
        switch self {
        case .bool, .uint8, .int8, .float8e5m2, .float8e4m3fn, .float8e8m0fnu, .float8e4m3fnuz, .float8e5m2fnuz: 1
        case .int16, .uint16, .float16, .bfloat16: 2
        case .int32, .uint32, .float32, .complex32: 4
        case .complex64, .float64, .int64, .uint64: 8
        case .complex128: 16
        }
    }

    /// The `dtype` of a safetensors header, such as `"BF16"`; nil where safetensors has no such type.
    public var safeTensorsName: String? {
        switch self {
        case .bool: "BOOL"
        case .uint8: "U8"
        case .int8: "I8"
        case .float8e5m2: "F8_E5M2"
        case .float8e4m3fn: "F8_E4M3"
        case .float8e8m0fnu: "F8_E8M0"
        case .float8e4m3fnuz: "F8_E4M3FNUZ"
        case .float8e5m2fnuz: "F8_E5M2FNUZ"
        case .int16: "I16"
        case .uint16: "U16"
        case .float16: "F16"
        case .bfloat16: "BF16"
        case .int32: "I32"
        case .uint32: "U32"
        case .float32: "F32"
        case .complex64: "C64"
        case .float64: "F64"
        case .int64: "I64"
        case .uint64: "U64"
        case .complex32, .complex128: nil
        }
    }

    /// The name of the `torch.dtype`, without the module, such as `"bfloat16"`.
    public var torchName: String {
        switch self {
        case .float8e5m2: "float8_e5m2"
        case .float8e4m3fn: "float8_e4m3fn"
        case .float8e8m0fnu: "float8_e8m0fnu"
        case .float8e4m3fnuz: "float8_e4m3fnuz"
        case .float8e5m2fnuz: "float8_e5m2fnuz"
        default: rawValue
        }
    }

    /// The PyTorch storage class, such as `"BFloat16Storage"`; nil for the types that PyTorch gained after it stopped
    /// adding such classes, which it saves in an `UntypedStorage` beside their dtype.
    public var torchStorageName: String? {
        switch self {
        case .bool: "BoolStorage"
        case .uint8: "ByteStorage"
        case .int8: "CharStorage"
        case .int16: "ShortStorage"
        case .int32: "IntStorage"
        case .int64: "LongStorage"
        case .float16: "HalfStorage"
        case .bfloat16: "BFloat16Storage"
        case .float32: "FloatStorage"
        case .float64: "DoubleStorage"
        case .complex64: "ComplexFloatStorage"
        case .complex128: "ComplexDoubleStorage"
        default: nil
        }
    }

    /// The type with a safetensors name; nil where the name is unknown or of a type below one byte.
    public init?(safeTensorsName name: String) {
        guard let match = Self.bySafeTensorsName[name] else { return nil }
        self = match
    }

    /// The type with a `torch.dtype` name, without the module; nil where it is unknown.
    public init?(torchName name: String) {
        guard let match = Self.byTorchName[name] else { return nil }
        self = match
    }

    /// The type of a PyTorch storage class, without the module; nil where it is unknown.
    public init?(torchStorageName name: String) {
        guard let match = Self.byTorchStorageName[name] else { return nil }
        self = match
    }

    private static let bySafeTensorsName = index(\.safeTensorsName)
    private static let byTorchName = index { $0.torchName }
    private static let byTorchStorageName = index(\.torchStorageName)

    private static func index(_ name: (Self) -> String?) -> [String: Self] {
        var table: [String: Self] = [:]
        for type in allCases {
            if let name = name(type) { table[name] = type }
        }
        return table
    }

    /// The place in the layout order of safetensors: a higher rank stands nearer to the front of the file.
    var layoutRank: Int { Self.ranks[self] ?? 0 }

    private static let ranks = Dictionary(
        uniqueKeysWithValues: allCases.enumerated().map { ($0.element, $0.offset) })
}
