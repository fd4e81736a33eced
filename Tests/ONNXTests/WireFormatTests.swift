import Testing

@testable import ONNX

@Suite struct WireFormatTests {
    private func bytes(_ write: (inout ProtobufWriter) -> Void) -> [UInt8] {
        var writer = ProtobufWriter()
        write(&writer)
        return writer.bytes
    }

    private static let numbers: [(UInt64, [UInt8])] = [
        (0, [0x00]), (1, [0x01]), (127, [0x7F]), (128, [0x80, 0x01]), (150, [0x96, 0x01]), (300, [0xAC, 0x02]),
        (16_384, [0x80, 0x80, 0x01]), (.max, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
    ]

    @Test(arguments: numbers)
    func `numbers take seven bits a byte`(value: UInt64, expected: [UInt8]) {
        #expect(bytes { $0.varint(value) } == expected)
    }

    /// The examples of protobuf.dev/programming-guides/encoding.
    @Test func `fields are as in the format's own guide`() {
        struct Test1: ProtobufMessage {
            func encode(to writer: inout ProtobufWriter) { writer.field(1, 150) }
        }
        #expect(bytes { $0.field(1, 150) } == [0x08, 0x96, 0x01])
        #expect(bytes { $0.field(2, "testing") } == [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67])
        #expect(bytes { $0.field(3, Test1()) } == [0x1A, 0x03, 0x08, 0x96, 0x01])
        #expect(bytes { $0.field(1, -2) } == [0x08, 0xFE] + [UInt8](repeating: 0xFF, count: 8) + [0x01])
    }

    @Test func `large field numbers, floats and announced bytes`() {
        #expect(bytes { $0.field(20, 7) } == [0xA0, 0x01, 0x07])
        #expect(bytes { $0.field(2, Float(1)) } == [0x15, 0x00, 0x00, 0x80, 0x3F])
        #expect(bytes { $0.announce(9, count: 300) } == [0x4A, 0xAC, 0x02])
        #expect(bytes { $0.field(1, "ß") } == [0x0A, 0x02, 0xC3, 0x9F])
        #expect(bytes { $0.field(1, "") } == [0x0A, 0x00])
    }

    @Test func `a reader finds what was written`() throws {
        let read = try ReadMessage(
            bytes {
                $0.field(1, Int.min)
                $0.field(1, Int.max)
                $0.field(5, Float(-0.1))
                $0.field(300, "x")
            })
        #expect(read.numbers(1) == [.min, .max])
        #expect(read.fields[2].value == .float(-0.1))
        #expect(read.strings(300) == ["x"])
    }
}
