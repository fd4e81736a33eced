import Foundation
import TestFolders
import Testing

@testable import Support

@Suite struct AtomicFileTests {
    private struct Stop: Error {}

    @Test func aFileIsReplacedAndNothingElseRemains() throws {
        let folder = try TemporaryFolder()
        try AtomicFile.write("old", to: folder.file("a"))
        try AtomicFile.write("new", to: folder.file("a"))
        #expect(try folder.text("a") == "new")
        try AtomicFile.write([], to: folder.file("a"))
        #expect(try folder.text("a") == "")
        #expect(try FilePath.list(folder.path) == ["a"])
    }

    @Test func aFailureInTheMidstLeavesTheOldFile() throws {
        let folder = try TemporaryFolder()
        try AtomicFile.write("old", to: folder.file("a"))
        #expect(throws: Stop.self) {
            try AtomicFile.write(to: folder.file("a")) { file in
                try file.write("half of the n".utf8)
                throw Stop()
            }
        }
        #expect(try folder.text("a") == "old")
        #expect(try FilePath.list(folder.path) == ["a"])
    }

    @Test func refusalsNameTheFileAndTheReason() throws {
        let folder = try TemporaryFolder()
        func reason(_ path: String) -> FileError? {
            #expect(throws: FileError.self) { try AtomicFile.write("x", to: path) }
        }
        let (absent, under, long) = (
            folder.file("no/a"), folder.file("file/a"), folder.file(String(repeating: "x", count: 300))
        )
        try folder.write("", to: "file")
        try FilePath.makeFolder(folder.file("folder"))
        #expect(reason(absent) == FileError(operation: "write", path: absent, reason: .notFound))
        #expect(reason(under)?.reason == .notDirectory)
        #expect(reason(long)?.reason == .nameTooLong)
        #expect(reason(folder.file("folder"))?.reason == .isDirectory)
        #expect(try FilePath.list(folder.path) == ["file", "folder"])
        #expect(throws: FileError(operation: "read", path: folder.path, reason: .isDirectory)) {
            try InputFile(folder.path)
        }
    }

    @Test func aFullDiskIsSaidToBeFull() throws {
        let full = try OutputFile("/dev/full", .append)
        let error = #expect(throws: FileError.self) { try full.write([1, 2, 3]) }
        #expect(error?.description == "cannot write /dev/full: the disk is full")
    }

    @Test(arguments: [
        (EACCES, FileError.Reason.permissionDenied), (EPERM, .permissionDenied), (ENOSPC, .diskFull),
        (EDQUOT, .quotaExceeded), (EROFS, .readOnlyFileSystem), (EMFILE, .tooManyOpenFiles), (EIO, .other(code: EIO)),
    ])
    func systemErrorsHaveReasons(code: Int32, reason: FileError.Reason) {
        #expect(FileError.Reason(errno: code) == reason)
        #expect(!reason.description.isEmpty)
    }

    @Test func leftoversOfKilledProcessesAreRemovedAndNothingElse() throws {
        let folder = try TemporaryFolder()
        for name in [".a.12-3.tmp", ".b.tmp", "a.tmp", ".hidden", "a"] { try folder.write("", to: name) }
        try AtomicFile.removeLeftovers(in: folder.path)
        #expect(try FilePath.list(folder.path) == [".b.tmp", ".hidden", "a", "a.tmp"])
    }

    @Test(arguments: [
        ("a/b", "a", "b"), ("/b", "/", "b"), ("b", ".", "b"), ("a/b//", "a", "b"), ("/a/b/c", "/a/b", "c"),
    ])
    func pathsComeApart(path: String, folder: String, name: String) {
        #expect(FilePath.folder(of: path) == folder)
        #expect(FilePath.name(of: path) == name)
    }
}
