/// Walks the fields of a protocol buffer.
struct ProtobufReader {
    enum Value: Equatable {
        case integer(UInt64)
        case fixed64(UInt64)
        case data(ArraySlice<UInt8>)
        case fixed32(UInt32)
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next field; nil at the end, and where the bytes are no protocol buffer.
    mutating func next() -> (field: UInt64, value: Value)? {
        guard let key = varint() else { return nil }
        let value: Value?
        switch key & 7 {
        case 0: value = varint().map { .integer($0) }
        case 1: value = take(8).map { .fixed64($0.reversed().reduce(0) { $0 << 8 | UInt64($1) }) }
        case 2: value = varint().flatMap { Int(exactly: $0) }.flatMap { take($0) }.map { .data($0) }
        case 5: value = take(4).map { .fixed32($0.reversed().reduce(0) { $0 << 8 | UInt32($1) }) }
        default: value = nil
        }
        return value.map { (key >> 3, $0) }
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
