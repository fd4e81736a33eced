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

/// Text that others wrote, on its way to a terminal or into a spreadsheet.
@Suite struct SafeTextTests {
    @Test func whatATerminalObeysIsShown() {
        #expect(TerminalText.shown("a\u{1B}[31mb\u{9B}c\u{7F}") == #"a\u{1B}[31mb\u{9B}c\u{7F}"#)
        #expect(TerminalText.shown("x\u{202E}gnp.exe\u{2066}\u{2028}") == #"x\u{202E}gnp.exe\u{2066}\u{2028}"#)
        #expect(TerminalText.shown("one\r\n\ttwo") == "one\\u{D}\n\ttwo")
        #expect(TerminalText.shown("one\n\ttwo", lines: false) == #"one\u{A}\u{9}two"#)
        for text in ["", "plain", "Zoë 猫 👩‍👩‍👧", "שלום", "back\\slash"] { #expect(TerminalText.shown(text) == text) }
    }

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@a", "'@a"), ("\t=a", "'\t=a"), ("\r=", "\"'\r=\""),
        ("'=a", "''=a"), ("''-", "'''-"), ("'a", "'a"), ("a=b", "a=b"), ("a,b", "\"a,b\""),
        ("=\"x\",1", "\"'=\"\"x\"\",1\""),
        ("\"\u{301}", "\"\"\"\u{301}\""), ("", ""), ("a\nb", "\"a\nb\""),
    ]) func aTextIsNoFormulaAndComesBack(text: String, field: String) {
        #expect(CSVField.of(text: text) == field)
        let plain = field.unicodeScalars.first == "\"" ? unquoted(field) : field
        #expect(Array(CSVField.text(of: plain).unicodeScalars) == Array(text.unicodeScalars))
    }
}

/// A quoted field without its quotes, scalar by scalar.
private func unquoted(_ field: String) -> String {
    var result = String.UnicodeScalarView()
    var isSecond = false
    for scalar in field.unicodeScalars.dropFirst().dropLast() {
        isSecond = scalar == "\"" && !isSecond
        if !isSecond { result.append(scalar) }
    }
    return String(result)
}
