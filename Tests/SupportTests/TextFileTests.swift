import Foundation
import TestFolders
import Testing

@testable import Support

/// Text as programs of other systems write it.
@Suite struct TextFileTests {
    private func text(_ bytes: [UInt8]) throws -> String { try TextFile.text(of: bytes, path: "list.txt") }

    @Test func marksAreNoPartOfTheText() throws {
        let words = "prune\npêche\n😀"
        let little = words.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let big = words.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        for bytes in [
            Array(words.utf8), [0xEF, 0xBB, 0xBF] + words.utf8, [0xFF, 0xFE] + little, [0xFE, 0xFF] + big, little, big,
        ] { #expect(try text(bytes) == words) }
        #expect(try text([]) == "")
    }

    @Test func whatIsNoTextIsRefusedWithItsLine() {
        func fault(_ bytes: [UInt8]) -> TextFileError? {
            do { _ = try TextFile.text(of: bytes, path: "f") } catch { return error }
            return nil
        }
        let latin = Array("un\ndeux\np".utf8) + [0xEA] + "che\n".utf8
        #expect(fault(latin) == TextFileError(path: "f", line: 3, .notUTF8(byte: 0xEA)))
        #expect(fault(Array("a\nb".utf8) + [0xC3]) == TextFileError(path: "f", line: 2, .notUTF8(byte: 0xC3)))
        #expect(fault(Array("a\nb\0c".utf8)) == TextFileError(path: "f", line: 2, .binary))
        #expect(
            fault([0xFF, 0xFE, 0x61, 0x00, 0x0A, 0x00, 0x00, 0xD8]) == TextFileError(path: "f", line: 2, .brokenUTF16))
        #expect(
            fault([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0]) == TextFileError(path: "f", line: 1, .unknownEncoding("UTF-32")))
    }

    @Test func linesOfAnySystem() {
        #expect(TextFile.lines(of: "a\r\nb\rc\nd") == ["a", "b", "c", "d"])
        #expect(TextFile.lines(of: "a\n\r\n\nb\n") == ["a", "", "", "b"])
        #expect(TextFile.lines(of: "") == [])
    }

    /// Neither waits for what never comes, nor reads what never ends.
    @Test func onlyFilesAreRead() throws {
        let folder = try TemporaryFolder()
        let pipe = folder.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        for path in [pipe, "/dev/zero"] {
            #expect(throws: FileError(operation: "read", path: path, reason: .notRegular)) { try TextFile.read(path) }
        }
        let large = folder.path + "/large"
        try AtomicFile.write("12345", to: large)
        #expect(try TextFile.read(large, limit: 5) == "12345")
        #expect(throws: FileError(operation: "read", path: large, reason: .tooLarge(limit: 4))) {
            try TextFile.read(large, limit: 4)
        }
        #expect(!(try TextFile.read("/proc/self/status").isEmpty))
    }
}
