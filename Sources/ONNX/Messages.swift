// The messages of ONNX (github.com/onnx/onnx, onnx/onnx.proto) that a network needs, under ONNX's names.

import Support

/// An operator with its inputs and outputs, by the names of values and constants.
public struct NodeProto: Sendable {
    /// A name that no other operator has.
    public var name: String
    /// The operator's type, such as `Conv`.
    public var operation: String
    /// What goes in, in the operator's order; an empty name leaves an input out.
    public var inputs: [String]
    /// What comes out.
    public var outputs: [String]
    /// The operator's settings.
    public var attributes: [AttributeProto] = []
}

extension NodeProto: ProtobufMessage {
    /// Writes all fields of the message.
    package func encode(to writer: inout ProtobufWriter) {
        for input in inputs { writer.field(1, input) }
        for output in outputs { writer.field(2, output) }
        writer.field(3, name)
        writer.field(4, operation)
        for attribute in attributes { writer.field(5, attribute) }
    }
}

/// A setting of an operator.
public struct AttributeProto: Sendable {
    /// The value of a setting.
    public enum Value: Sendable {
        /// A number.
        case float(Float)
        /// An integer.
        case int(Int)
        /// A list of integers.
        case ints([Int])
        /// A text.
        case text(String)
    }

    /// The name of the setting.
    public var name: String
    /// Its value.
    public var value: Value
}

extension AttributeProto: ProtobufMessage {
    /// Writes all fields of the message.
    package func encode(to writer: inout ProtobufWriter) {
        writer.field(1, name)
        let type: Int
        switch value {
        case .float(let number):
            writer.field(2, number)
            type = 1
        case .int(let number):
            writer.field(3, number)
            type = 2
        case .ints(let numbers):
            for number in numbers { writer.field(8, number) }
            type = 7
        case .text(let text):
            writer.field(4, text)
            type = 3
        }
        writer.field(20, type)
    }
}

/// The type of a tensor's elements.
public enum ElementType: Int, Sendable {
    /// Floating point of 32 bits.
    case float32 = 1
    /// Unsigned integers of 8 bits.
    case uint8 = 2
    /// Signed integers of 8 bits.
    case int8 = 3
    /// Signed integers of 32 bits.
    case int32 = 6
    /// Signed integers of 64 bits.
    case int64 = 7

    /// The size of one element in bytes.
    public var byteCount: Int {
        switch self {
        case .uint8, .int8: 1
        case .float32, .int32: 4
        case .int64: 8
        }
    }
}

/// All of a TensorProto but its values, which follow as the last field.
struct TensorHeader: ProtobufMessage {
    var name: String
    var type: ElementType
    var shape: [Int]
    /// The size of the values in bytes.
    var byteCount: Int

    func encode(to writer: inout ProtobufWriter) {
        for size in shape { writer.field(1, size) }
        writer.field(2, type.rawValue)
        writer.field(8, name)
        writer.announce(9, count: byteCount)
    }
}

/// A dimension of an input or an output.
enum Dimension: ProtobufMessage, Sendable {
    case fixed(Int)
    /// Any size; equal names mean equal sizes.
    case free(String)

    func encode(to writer: inout ProtobufWriter) {
        switch self {
        case .fixed(let size): writer.field(1, size)
        case .free(let name): writer.field(2, name)
        }
    }
}

/// A float32 tensor that goes in or comes out.
struct ValueInfoProto: ProtobufMessage, Sendable {
    var name: String
    var shape: [Dimension]
    /// The type of its elements.
    var element = ElementType.float32

    func encode(to writer: inout ProtobufWriter) {
        writer.field(1, name)
        writer.field(2, TypeProto(shape: shape, element: element))
    }

    private struct TypeProto: ProtobufMessage {
        var shape: [Dimension]
        var element: ElementType
        func encode(to writer: inout ProtobufWriter) { writer.field(1, TensorType(shape: shape, element: element)) }
    }

    private struct TensorType: ProtobufMessage {
        var shape: [Dimension]
        var element: ElementType
        func encode(to writer: inout ProtobufWriter) {
            writer.field(1, element.rawValue)
            writer.field(2, Shape(dimensions: shape))
        }
    }

    private struct Shape: ProtobufMessage {
        var dimensions: [Dimension]
        func encode(to writer: inout ProtobufWriter) {
            for dimension in dimensions { writer.field(1, dimension) }
        }
    }
}

/// The version of the operators of ONNX itself, whose domain is empty.
struct OperatorSetId: ProtobufMessage {
    var version: Int
    func encode(to writer: inout ProtobufWriter) { writer.field(2, version) }
}

/// A key and its value, for people and programs that use the file.
struct StringStringEntry: ProtobufMessage {
    var key: String
    var value: String

    func encode(to writer: inout ProtobufWriter) {
        writer.field(1, key)
        writer.field(2, value)
    }
}
