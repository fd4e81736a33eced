import Foundation
import Support
import Testing

@testable import Experiments

@Suite struct EventWriterTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("run.tfevents") }
    private let now = { Date(timeIntervalSince1970: 1_700_000_000.25) }

    init() throws { folder = try TemporaryFolder() }

    private func golden(_ name: String) throws -> [UInt8] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try InputFile.readAll(tests.appending(path: "Goldens/\(name)").path)
    }

    private func writer(_ resume: EventWriter.Resume = .fromStart) throws -> EventWriter {
        try EventWriter(path, resume: resume, now: now)
    }

    /// Byte for byte what TensorBoard's own writer makes of the same events (`Goldens/events.py`).
    @Test func theBytesAreTensorBoards() throws {
        let events = try writer()
        try events.scalar("train/loss", 2.5, step: 0)
        try events.scalars([("train/loss", 0.1), ("größe", -1e-7)], step: 1)
        try events.image("sample", png: try golden("pixels.png"), step: 300)
        try events.scalar("train/loss", 0, step: 5_000_000_000)
        try events.sync()
        let expected = try golden("events.tfevents")
        #expect(try InputFile.readAll(path) == expected)
        #expect(events.position == expected.count)
    }

    @Test func checksumsAreThoseOfTheStandard() {
        // RFC 3720, appendix B.4, and the customary check value.
        #expect(CRC32C.checksum(Array(repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum(Array(repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum(0..<32) == 0x46DD_794E)
        #expect(CRC32C.checksum("123456789".utf8) == 0xE306_9283)
        #expect(CRC32C.checksum([]) == 0)
    }

    /// Steps 1 to 5, two records each.
    private func writeSteps(_ events: EventWriter, _ steps: ClosedRange<Int>) throws -> [Int: Int] {
        var positions: [Int: Int] = [:]
        for step in steps {
            try events.scalar("loss", Double(step), step: step)
            try events.scalar("accuracy", Double(step), step: step)
            positions[step] = events.position
        }
        return positions
    }

    /// The law: killed at any byte after step s was written, and resumed at s, the file ends as if never killed.
    @Test func aRunKilledAtAnyByteResumesExactly() throws {
        let positions = try writeSteps(try writer(), 1...5)
        let whole = try InputFile.readAll(path)
        for step in 1...4 {
            let position = try #require(positions[step])
            for length in stride(from: position, through: whole.count, by: 7) {
                for resume in [EventWriter.Resume.afterStep(step), .atPosition(position)] {
                    try folder.write(Array(whole[..<length]), to: "run.tfevents")
                    _ = try writeSteps(try writer(resume), (step + 1)...5)
                    #expect(try InputFile.readAll(path) == whole, "step \(step), killed after \(length) bytes")
                }
            }
        }
    }

    @Test func theReaderFindsThePositionOfEachStep() throws {
        let positions = try writeSteps(try writer(), 1...5)
        for (step, position) in positions {
            #expect(try EventFile.position(after: step, in: path) == position)
        }
        let records = try EventFile.records(of: path)
        #expect(records.map(\.step) == [nil, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
        #expect(try EventFile.position(after: 0, in: path) == records[0].end)
        #expect(try EventFile.position(after: 99, in: path) == records.last?.end)
    }

    @Test func aStartKilledWithinTheFirstRecordStartsAnew() throws {
        _ = try writer()
        let first = try InputFile.readAll(path)
        for length in 0..<first.count {
            for resume in [EventWriter.Resume.afterStep(3), .atPosition(0), .fromStart] {
                try folder.write(Array(first[..<length]), to: "run.tfevents")
                _ = try writer(resume)
                #expect(try InputFile.readAll(path) == first)
            }
        }
    }

    @Test func zerosAfterAPowerFailureAreCutOff() throws {
        _ = try writeSteps(try writer(), 1...2)
        let whole = try InputFile.readAll(path)
        try append(Array(repeating: 0, count: 4096), to: path)
        _ = try writer(.afterStep(2))
        #expect(try InputFile.readAll(path) == whole)
    }

    @Test func damageIsRefusedOnlyWhereItMatters() throws {
        let positions = try writeSteps(try writer(), 1...5)
        let third = try #require(positions[2])
        var bytes = try InputFile.readAll(path)
        bytes[third + 20] ^= 1
        try AtomicFile.write(bytes, to: path)
        #expect(throws: EventError.damaged(path: path, offset: third)) { try EventFile.records(of: path) }
        #expect(throws: EventError.damaged(path: path, offset: third)) { try writer(.afterStep(4)) }
        #expect(throws: EventError.badPosition(path: path, position: positions[4] ?? 0, end: third)) {
            try writer(.atPosition(positions[4] ?? 0))
        }
        #expect(try InputFile.readAll(path) == bytes)
        #expect(try writer(.atPosition(third)).position == third)
    }

    @Test func wrongPositionsAndFilesAreRefused() throws {
        let positions = try writeSteps(try writer(), 1...2)
        let end = try #require(positions[2])
        for position in [1, end - 1, end + 1] {
            #expect(throws: EventError.badPosition(path: path, position: position, end: end)) {
                try writer(.atPosition(position))
            }
        }
        try AtomicFile.write("step,loss\n1,0.5\n2,0.25\n", to: path)
        #expect(throws: EventError.notEvents(path: path)) { try writer(.afterStep(1)) }
        try AtomicFile.write(TFRecord.frame(EventMessage.scalars([("a", 1)], step: 3, time: 0)), to: path)
        #expect(throws: EventError.notEvents(path: path)) { try writer(.afterStep(1)) }
        // A length beyond any file must not be believed, even with its checksum right.
        let length = Array(repeating: UInt8(0xFF), count: 8)
        let crc = CRC32C.masked(length)
        try AtomicFile.write(length + (0..<4).map { UInt8(truncatingIfNeeded: crc >> ($0 * 8)) } + [1, 2, 3], to: path)
        #expect(try EventFile.records(of: path).isEmpty)
    }

    @Test func wrongEventsAreRefusedAndWriteNothing() throws {
        let events = try writer()
        let before = events.position
        let png = try golden("pixels.png")
        #expect(throws: EventError.emptyTag) { try events.scalar("", 1, step: 1) }
        #expect(throws: EventError.negativeStep(-1)) { try events.scalar("a", 1, step: -1) }
        for bytes in [[], Array("GIF89a".utf8), Array(png.prefix(20)), [0] + png] {
            #expect(throws: EventError.notPNG(tag: "i")) { try events.image("i", png: bytes, step: 1) }
        }
        #expect(try InputFile.readAll(path).count == before)
        let header = try #require(PNGHeader(png))
        #expect(header.width == 3 && header.height == 2 && header.channels == 3)
    }
}
