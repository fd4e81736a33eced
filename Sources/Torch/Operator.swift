import CTorch

/// An argument of an operator, in the order of its schema. Trailing arguments may be left out for their defaults.
public enum OperatorArgument {
    case none
    case tensor(Tensor)
    case optional(Tensor?)
    case bool(Bool)
    case int(Int)
    case double(Double)
    case ints([Int])
    case doubles([Double])
    case bools([Bool])
    case tensors([Tensor])
    case optionalTensors([Tensor?])
    case string(String)
    case device(Device)
    case generator(Generator)
    case dtype(DType?)
    case memoryFormat(MemoryFormat)
}

/// An operator of libtorch's dispatcher by its name, such as `Operator("aten::add", "Tensor")`. It is looked up when it
/// is first called.
///
/// All that libtorch can do is reachable this way; the methods of `Tensor` are the operators that this project uses,
/// under their own names and types.
public final class Operator: @unchecked Sendable {
    /// The qualified name, such as `aten::add`.
    public let name: String
    private let slot: UnsafeMutablePointer<ct_operator_slot>

    /// Names an operator; one that libtorch does not have is refused when it is first called.
    ///
    /// - Parameters:
    ///   - name: the name with its namespace, such as `aten::add`.
    ///   - overload: the name of the overload in the operator's schema, such as `Tensor` in `aten::add.Tensor`; empty
    ///     for the plain one.
    public init(_ name: String, _ overload: String = "") {
        self.name = name
        slot = .allocate(capacity: 1)
        slot.initialize(to: ct_operator_slot(name: Self.keep(name), overload: Self.keep(overload), resolved: nil))
    }

    deinit {
        slot.pointee.name.deallocate()
        slot.pointee.overload.deallocate()
        slot.deallocate()
    }

    private static func keep(_ text: String) -> UnsafePointer<CChar> {
        let bytes = text.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        copy.initialize(from: Array(bytes), count: bytes.count)
        return UnsafePointer(copy)
    }

    /// Calls an operator that returns one tensor.
    public func callAsFunction(_ arguments: OperatorArgument...) throws -> Tensor {
        var result = ct_value()
        let count = try call(arguments, results: &result, capacity: 1)
        guard count == 1, result.tag == Int32(CT_TENSOR.rawValue), let handle = result.as.tensor else {
            throw TorchError(.other, operation: name, message: "did not return a tensor")
        }
        return Tensor(owning: handle)
    }

    /// Calls an operator for its effect; results, if any, are dropped.
    public func run(_ arguments: OperatorArgument...) throws {
        _ = try outcomes(arguments)
    }

    /// Calls an operator that returns several tensors, or a list of them. An undefined result is nil.
    public func list(_ arguments: OperatorArgument...) throws -> [Tensor?] {
        try outcomes(arguments)
    }

    private func outcomes(_ arguments: [OperatorArgument]) throws -> [Tensor?] {
        try withUnsafeTemporaryAllocation(of: ct_value.self, capacity: 16) { results in
            results.initialize(repeating: ct_value())
            let start = results.baseAddress!  // safe: room for 16 is not none
            let count = try call(arguments, results: start, capacity: 16)
            return results.prefix(count).flatMap { value -> [Tensor?] in
                switch value.tag {
                case Int32(CT_TENSOR.rawValue):
                    return [value.as.tensor.map(Tensor.init(owning:))]
                case Int32(CT_TENSOR_LIST.rawValue):
                    let memory = UnsafeMutableRawPointer(mutating: value.as.list)
                    defer { ct_loaded().pointee.free(memory) }
                    let handles = memory?.assumingMemoryBound(to: ct_tensor?.self)
                    return UnsafeBufferPointer(start: handles, count: Int(value.length)).map {
                        $0.map(Tensor.init(owning:))
                    }
                default:
                    return []
                }
            }
        }
    }

    private func call(
        _ arguments: [OperatorArgument], results: UnsafeMutablePointer<ct_value>, capacity: Int32
    ) throws -> Int {
        try withUnsafeTemporaryAllocation(of: ct_value.self, capacity: max(arguments.count, 1)) { values in
            // Lists need memory that outlives this loop; most calls have none, or one.
            var lists: [UnsafeMutableRawPointer] = []
            defer { for list in lists { list.deallocate() } }
            for (index, argument) in arguments.enumerated() {
                values.initializeElement(at: index, to: argument.lowered(keeping: &lists))
            }
            var count: Int32 = 0
            var status = ct_invoke(slot, values.baseAddress, Int32(arguments.count), results, capacity, &count)
            if status == CT_ERROR_NOT_LOADED {
                try Runtime.load()
                status = ct_invoke(slot, values.baseAddress, Int32(arguments.count), results, capacity, &count)
            }
            // The tensors of `arguments` must live until the call is over.
            return try withExtendedLifetime(arguments) {
                guard status == CT_OK else {
                    throw TorchError.last(status, operation: name, shapes: arguments.flatMap(\.shapes))
                }
                return Int(count)
            }
        }
    }
}

extension OperatorArgument {
    fileprivate var shapes: [[Int]] {
        switch self {
        case .tensor(let tensor): [tensor.shape]
        case .optional(let tensor?): [tensor.shape]
        case .tensors(let tensors): tensors.prefix(8).map(\.shape)
        default: []
        }
    }

    /// The C form; memory for lists is added to `lists`.
    fileprivate func lowered(keeping lists: inout [UnsafeMutableRawPointer]) -> ct_value {
        var value = ct_value()
        func list<T>(_ tag: ct_tag, _ elements: [T]) {
            let memory = UnsafeMutablePointer<T>.allocate(capacity: max(elements.count, 1))
            memory.initialize(from: elements, count: elements.count)
            lists.append(UnsafeMutableRawPointer(memory))
            value.tag = Int32(tag.rawValue)
            value.length = Int32(clamping: elements.count)
            value.as.list = UnsafeRawPointer(memory)
        }
        func scalar(_ tag: ct_tag, _ set: (inout ct_value) -> Void) {
            value.tag = Int32(tag.rawValue)
            set(&value)
        }
        switch self {
        case .none, .optional(nil), .dtype(nil): break
        case .tensor(let tensor), .optional(let tensor?): scalar(CT_TENSOR) { $0.as.tensor = tensor.handle }
        case .bool(let bool): scalar(CT_BOOL) { $0.as.b = bool }
        case .int(let int): scalar(CT_INT) { $0.as.i = Int64(int) }
        case .double(let double): scalar(CT_DOUBLE) { $0.as.d = double }
        case .ints(let ints): list(CT_INT_LIST, ints.map(Int64.init))
        case .doubles(let doubles): list(CT_DOUBLE_LIST, doubles)
        case .bools(let bools): list(CT_BOOL_LIST, bools)
        case .tensors(let tensors): list(CT_TENSOR_LIST, tensors.map { Optional($0.handle) })
        case .optionalTensors(let tensors): list(CT_OPTIONAL_TENSOR_LIST, tensors.map { $0?.handle })
        case .string(let string): list(CT_STRING, Array(string.utf8))
        case .device(let device): scalar(CT_DEVICE) { $0.as.i = device.packed }
        case .generator(let generator): scalar(CT_GENERATOR) { $0.as.generator = generator.handle }
        case .dtype(let dtype?): scalar(CT_INT) { $0.as.i = Int64(dtype.rawValue) }
        case .memoryFormat(let format): scalar(CT_INT) { $0.as.i = Int64(format.rawValue) }
        }
        return value
    }
}
