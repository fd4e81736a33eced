/// A message that writes its fields in the order of their numbers, as protobuf's own writers do.
protocol ProtobufMessage {
    func encode(to writer: inout ProtobufWriter)
}

/// The wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding), as far as ONNX needs it.
///
/// Repeated numbers are written one field each: ONNX's schema is of proto2 and does not declare them packed.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    /// Seven bits a byte, the lowest first; the high bit says that more follow.
    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// int64, int32 or an enumeration; a negative number takes ten bytes.
    mutating func field(_ number: Int, _ value: Int) {
        tag(number, wire: 0)
        varint(UInt64(bitPattern: Int64(value)))
    }

    /// float.
    mutating func field(_ number: Int, _ value: Float) {
        tag(number, wire: 5)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// string, as UTF-8.
    mutating func field(_ number: Int, _ value: String) {
        announce(number, count: value.utf8.count)
        bytes.append(contentsOf: value.utf8)
    }

    /// A message within this one.
    mutating func field(_ number: Int, _ message: some ProtobufMessage) {
        let encoded = message.encoded
        announce(number, count: encoded.count)
        bytes.append(contentsOf: encoded)
    }

    /// The beginning of a field of `count` bytes, which the caller brings.
    mutating func announce(_ number: Int, count: Int) {
        tag(number, wire: 2)
        varint(UInt64(count))
    }

    private mutating func tag(_ number: Int, wire: UInt64) { varint(UInt64(number) << 3 | wire) }
}

extension ProtobufMessage {
    /// The message's bytes.
    var encoded: [UInt8] {
        var writer = ProtobufWriter()
        encode(to: &writer)
        return writer.bytes
    }
}
