/// Writes messages in the wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding).
///
/// Fields are written in the order of the calls. A repeated number is written as one field for each value, as the
/// schemas of proto2 that do not declare `packed` have it.
package struct ProtobufWriter {
    /// The fields written so far.
    package private(set) var bytes: [UInt8] = []

    /// Creates a writer of an empty message.
    package init() {}

    /// Writes a number as a varint: seven bits a byte, the lowest first; the high bit says that more follow.
    package mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Writes a field of type `int64`, `int32` or an enumeration; a negative number takes ten bytes.
    package mutating func field(_ number: Int, _ value: Int) {
        tag(number, wire: 0)
        varint(UInt64(bitPattern: Int64(value)))
    }

    /// Writes a field of type `double`.
    package mutating func field(_ number: Int, _ value: Double) {
        tag(number, wire: 1)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
    }

    /// Writes a field of type `float`.
    package mutating func field(_ number: Int, _ value: Float) {
        tag(number, wire: 5)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
    }

    /// Writes a field of type `string`, as UTF-8.
    package mutating func field(_ number: Int, _ value: String) {
        announce(number, count: value.utf8.count)
        bytes += value.utf8
    }

    /// Writes a field of type `bytes`.
    package mutating func field(_ number: Int, _ value: [UInt8]) {
        announce(number, count: value.count)
        bytes += value
    }

    /// Writes a field that is a message of its own.
    package mutating func field(_ number: Int, _ message: some ProtobufMessage) { field(number, message.encoded) }

    /// Writes a field that is a message of its own, whose fields `body` writes.
    package mutating func message(_ number: Int, _ body: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        body(&inner)
        field(number, inner.bytes)
    }

    /// Writes the beginning of a field of `count` bytes, which the caller appends to the message.
    package mutating func announce(_ number: Int, count: Int) {
        tag(number, wire: 2)
        varint(UInt64(count))
    }

    private mutating func tag(_ number: Int, wire: UInt64) { varint(UInt64(number) << 3 | wire) }
}

/// A message that writes its fields in the order of their numbers, as the writers of protobuf itself do.
package protocol ProtobufMessage {
    /// Writes all fields of the message.
    func encode(to writer: inout ProtobufWriter)
}

extension ProtobufMessage {
    /// The bytes of the message.
    package var encoded: [UInt8] {
        var writer = ProtobufWriter()
        encode(to: &writer)
        return writer.bytes
    }
}

/// Reads the fields of a message in the wire format of Protocol Buffers, without a schema.
package struct ProtobufReader {
    /// The value of a field by its type on the wire.
    package enum Value: Equatable {
        case integer(UInt64)
        case fixed64(UInt64)
        case data(ArraySlice<UInt8>)
        case fixed32(UInt32)
    }

    private var rest: ArraySlice<UInt8>

    /// Creates a reader of the fields in `bytes`.
    package init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// Reads the next field; nil at the end, and where the bytes are not a protocol buffer.
    package mutating func next() -> (field: Int, value: Value)? {
        guard let key = varint(), let field = Int(exactly: key >> 3) else { return nil }
        let value: Value?
        switch key & 7 {
        case 0: value = varint().map { .integer($0) }
        case 1: value = take(8).map { .fixed64($0.reversed().reduce(0) { $0 << 8 | UInt64($1) }) }
        case 2: value = varint().flatMap { Int(exactly: $0) }.flatMap { take($0) }.map { .data($0) }
        case 5: value = take(4).map { .fixed32($0.reversed().reduce(0) { $0 << 8 | UInt32($1) }) }
        default: value = nil
        }
        return value.map { (field, $0) }
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}
