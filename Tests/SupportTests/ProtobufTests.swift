import Support
import Testing

@Suite struct ProtobufTests {
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
    func numbersTakeSevenBitsAByte(value: UInt64, expected: [UInt8]) {
        #expect(bytes { $0.varint(value) } == expected)
    }

    /// The examples of protobuf.dev/programming-guides/encoding.
    @Test func fieldsAreAsInTheGuideOfTheFormat() {
        struct Test1: ProtobufMessage {
            func encode(to writer: inout ProtobufWriter) { writer.field(1, 150) }
        }
        #expect(bytes { $0.field(1, 150) } == [0x08, 0x96, 0x01])
        #expect(bytes { $0.field(2, "testing") } == [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67])
        #expect(bytes { $0.field(3, Test1()) } == [0x1A, 0x03, 0x08, 0x96, 0x01])
        #expect(bytes { $0.field(1, -2) } == [0x08, 0xFE] + [UInt8](repeating: 0xFF, count: 8) + [0x01])
    }

    @Test func largeFieldNumbersFloatsAndAnnouncedBytes() {
        #expect(bytes { $0.field(20, 7) } == [0xA0, 0x01, 0x07])
        #expect(bytes { $0.field(2, Float(1)) } == [0x15, 0x00, 0x00, 0x80, 0x3F])
        #expect(bytes { $0.announce(9, count: 300) } == [0x4A, 0xAC, 0x02])
        #expect(bytes { $0.field(1, "ß") } == [0x0A, 0x02, 0xC3, 0x9F])
        #expect(bytes { $0.field(1, "") } == [0x0A, 0x00])
    }

    @Test func theReaderFindsWhatWasWritten() {
        let written = bytes {
            $0.field(1, Int.min)
            $0.field(2, 0.1)
            $0.field(5, Float(-0.1))
            $0.field(300, "x")
            $0.message(4) { $0.field(1, [7, 8] as [UInt8]) }
        }
        var reader = ProtobufReader(written[...])
        var fields: [(field: Int, value: ProtobufReader.Value)] = []
        while let next = reader.next() { fields.append(next) }
        #expect(fields.map(\.field) == [1, 2, 5, 300, 4])
        #expect(
            fields.map(\.value) == [
                .integer(1 << 63), .fixed64((0.1).bitPattern), .fixed32(Float(-0.1).bitPattern), .data([0x78]),
                .data([0x0A, 2, 7, 8]),
            ])
    }

    @Test func otherBytesAreNotRead() {
        for bytes: [UInt8] in [[0x80], Array(repeating: 0xFF, count: 12), [0x0A, 0xFF, 0x01], [0x09, 1, 2], [0x0F]] {
            var reader = ProtobufReader(bytes[...])
            #expect(reader.next() == nil)
        }
    }
}
