import Foundation
import Testing

@testable import TensorFiles

struct MappedFileTests {
    @Test func lendsTheBytesOfTheFile() throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let file = try MappedFile(path: folder.write(bytes, to: "a"))
        #expect(file.byteCount == bytes.count)
        #expect(file.withUnsafeBytes { Array($0) } == bytes)
        // The contents stay when the name is gone.
        try FileManager.default.removeItem(atPath: folder.file("a"))
        #expect(file.withUnsafeBytes { $0[9_999] } == bytes[9_999])
    }

    @Test func anEmptyFileHasNoBytes() throws {
        let folder = try TemporaryFolder()
        let file = try MappedFile(path: folder.write([], to: "empty"))
        #expect(file.byteCount == 0)
        #expect(file.withUnsafeBytes { $0.isEmpty })
        #expect(MappedFile([]).withUnsafeBytes { $0.isEmpty })
    }

    @Test func whatIsNoFileIsRefused() throws {
        let folder = try TemporaryFolder()
        let missing = folder.file("missing")
        #expect(
            problems { try MappedFile(path: missing) } == [.init(.system(call: "open", code: ENOENT))])
        #expect(problems { try MappedFile(path: folder.path) } == [.init(.notARegularFile)])
        // Opening a pipe must not wait for somebody to write to it.
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        #expect(problems { try MappedFile(path: folder.file("pipe")) } == [.init(.notARegularFile)])
        let error = #expect(throws: TensorFileError.self) { try MappedFile(path: missing) }
        #expect(error?.description == "\(missing): open failed: No such file or directory")
    }

    @Test func regionsStayWithinTheFile() throws {
        let file = MappedFile([1, 2, 3, 4])
        let region = try StorageRegion(file: file, offset: 1, byteCount: 2)
        #expect(region.withUnsafeBytes { Array($0) } == [2, 3])
        #expect(try StorageRegion(file: file, offset: 4, byteCount: 0).byteCount == 0)
        for (offset, count) in [(0, 5), (5, 0), (-1, 1), (1, -1), (4, 1), (1, Int.max), (Int.max, Int.max)] {
            #expect(
                problems { try StorageRegion(file: file, offset: offset, byteCount: count) }
                    == [.init(.unexpectedEnd(offset: offset, needed: count))])
        }
    }

    @Test func textFromAFileCannotDriveTheTerminal() {
        #expect(quoted("a\u{1B}[2J\"\n") == #""a\u{1b}[2J\"\u{a}""#)
        #expect(quoted(String(repeating: "x", count: 1000)).count == 123)
    }
}
