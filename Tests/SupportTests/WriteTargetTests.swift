import Foundation
import TestFolders
import Testing

@testable import Support

@Suite struct WriteTargetTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: folder.file(name), withDestinationPath: target)
    }

    private func kind(_ path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
    }

    @Test func linksStayAndWhatTheyLeadToIsReplaced() throws {
        try folder.makeFolder("far")
        try folder.write("old", to: "far/file")
        try link("near", to: "far/second")
        try link("far/second", to: "file")
        try link("dangling", to: folder.file("far/new"))
        try AtomicFile.write("new", to: folder.file("near"))
        try AtomicFile.write("made", to: folder.file("dangling"))
        #expect(try folder.text("far/file") == "new")
        #expect(try folder.text("far/new") == "made")
        for name in ["near", "far/second", "dangling"] { #expect(kind(folder.file(name)) == S_IFLNK) }
        #expect(try FilePath.list(folder.file("far")) == ["file", "new", "second"])
    }

    @Test func linksThatLeadNowhereAndFoldersAreRefused() throws {
        try link("one", to: "two")
        try link("two", to: "one")
        try link("lost", to: "no/such/folder")
        try folder.makeFolder("folder")
        try link("to-folder", to: "folder")
        for (name, reason) in [
            ("one", FileError.Reason.linkLoop), ("lost", .notFound), ("to-folder", .isDirectory),
            ("new/", .isDirectory),
        ] {
            let path = folder.file(name)
            #expect(throws: FileError(operation: "write", path: path, reason: reason)) {
                try AtomicFile.write("x", to: path)
            }
        }
        #expect(throws: FileError(operation: "write", path: "", reason: .notFound)) {
            try AtomicFile.write("x", to: "")
        }
        #expect(try FilePath.list(folder.path) == ["folder", "lost", "one", "to-folder", "two"])
    }

    /// Longer than a pipe holds, so that writer and reader must go hand in hand.
    @Test func aPipeIsWrittenThrough() throws {
        let path = folder.file("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        let bytes = (0..<300_000).map { UInt8($0 % 251) }
        let reader = Process()
        reader.executableURL = URL(filePath: "/bin/sh")
        reader.arguments = ["-c", "cat \"$0\" > \"$0.got\"", path]
        try reader.run()
        try AtomicFile.write(bytes, to: path)
        reader.waitUntilExit()
        #expect(kind(path) == S_IFIFO)
        #expect(try folder.bytes("pipe.got") == bytes)
        #expect(try FilePath.list(folder.path) == ["pipe", "pipe.got"])
    }

    @Test func aDeviceStaysADevice() throws {
        try link("sink", to: "/dev/null")
        try AtomicFile.write("gone", to: folder.file("sink"))
        #expect(kind(folder.file("sink")) == S_IFLNK && kind("/dev/null") == S_IFCHR)
        try link("full", to: "/dev/full")
        let path = folder.file("full")
        #expect(throws: FileError(operation: "write", path: path, reason: .diskFull)) {
            try AtomicFile.write("x", to: path)
        }
        #expect(kind("/dev/full") == S_IFCHR)
    }

    /// As `--output /dev/stdout > file` does: what the stream had before is not lost.
    @Test func anOpenStreamIsWrittenOnWhereItIs() throws {
        let descriptor = open(folder.file("out"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        #expect(write(descriptor, "before ", 7) == 7)
        try AtomicFile.write("written", to: "/dev/fd/\(descriptor)")
        #expect(write(descriptor, " after", 6) == 6)
        #expect(try folder.text("out") == "before written after")
    }

    @Test func permissionsOfTheFileThatIsReplacedStay() throws {
        let path = try folder.write("old", to: "private")
        #expect(chmod(path, 0o640) == 0)
        try AtomicFile.write("new", to: path)
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == 0o640)
        #expect(try folder.text("private") == "new")
    }

    @Test func aNameMayBeAsLongAsNamesGet() throws {
        for name in [String(repeating: "n", count: 255), String(repeating: "ü", count: 127)] {
            try AtomicFile.write("long", to: folder.file(name))
            #expect(try folder.text(name) == "long")
        }
        #expect(try FilePath.list(folder.path).count == 2)
    }

    @Test func whatCannotBeWrittenIsKnownBefore() throws {
        try folder.write("", to: "file")
        try AtomicFile.check(folder.file("file"))
        try AtomicFile.check(folder.file("new"))
        for path in [folder.path, folder.file("no/new"), folder.file("file/new")] {
            #expect(throws: FileError.self) { try AtomicFile.check(path) }
        }
        #expect(try FilePath.list(folder.path) == ["file"])
    }

    @Test func whatAnotherLivingProcessWritesIsLeftAlone() throws {
        // The parent of this process lives, and nobody has so high a number.
        let (living, gone) = (".a.\(getppid())-1.tmp", ".a.2147483000-1.tmp")
        for name in [living, gone, ".a.\(getpid())-999999999.tmp", ".swap.tmp", ".x-1.tmp"] {
            try folder.write("", to: name)
        }
        try AtomicFile.removeLeftovers(in: folder.path, isShared: true)
        #expect(try FilePath.list(folder.path) == [living, ".swap.tmp", ".x-1.tmp"].sorted())
        try AtomicFile.write(to: folder.file("b")) { _ in
            try AtomicFile.removeLeftovers(in: folder.path)
            // The file that is being written is among what is left.
            #expect(try FilePath.list(folder.path).count == 3)
        }
        #expect(try FilePath.list(folder.path) == [".swap.tmp", ".x-1.tmp", "b"])
    }
}
