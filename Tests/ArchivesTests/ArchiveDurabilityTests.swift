import Foundation
import GRDB
import GRDBSQLite
import Testing

@testable import Archives

/// What was added is there, whenever the process dies.
@Suite(.timeLimit(.minutes(1))) struct ArchiveDurabilityTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Killed in a transaction that has outgrown the cache, so that half of it is in the file already, or when it is
    /// about to be committed.
    @Test(arguments: [false, true])
    func aTransactionThatWasKilledIsUndone(atCommit: Bool) async throws {
        let path = folder.file("archive.sqlite")
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, atCommit = atCommit as Bool] in
            let archive = try ArchitectureArchive(path: path, context: sampleContext)
            for number in 0..<5 { try archive.add([sample(2 * number), sample(2 * number + 1)]) }
            try archive.database.access { connection in
                try connection.execute(sql: "PRAGMA cache_size = 1")
                if atCommit {
                    sqlite3_commit_hook(connection.sqliteConnection, { _ in kill(getpid(), SIGKILL) }, nil)
                } else {
                    sqlite3_update_hook(
                        connection.sqliteConnection, { _, _, _, _, row in if row == 400 { kill(getpid(), SIGKILL) } },
                        nil)
                }
            }
            try archive.add((10..<500).map { sample($0) })
        }
        #expect(try folder.names == ["archive.sqlite", "archive.sqlite-journal"])
        let size = try folder.bytes("archive.sqlite").count
        let archive = try ArchitectureArchive(path: path, context: sampleContext)
        #expect(try archive.entries() == (0..<10).map { sample($0) })
        #expect(try folder.names == ["archive.sqlite"])
        #expect(try archive.database.access { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? .max } < size / 4_096)
        try archive.add((10..<20).map { sample($0) })
        #expect(try archive.count == 20)
    }

    /// Killed from outside at some moment while it adds; what `add` returned from, the child has written down.
    @Test(arguments: [30_000, 60_000])
    func whatAddReturnedFromIsThere(microseconds: Int) async throws {
        let folder = self.folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [folder = folder as String, microseconds = microseconds as Int] in
            let archive = try ArchitectureArchive(path: "\(folder)/archive.sqlite", context: sampleContext)
            let notes = open("\(folder)/added", O_WRONLY | O_CREAT | O_APPEND, 0o600)
            Thread.detachNewThread {
                usleep(UInt32(microseconds))
                kill(getpid(), SIGKILL)
            }
            for number in 0... {
                try archive.add([sample(2 * number), sample(2 * number + 1)])
                write(notes, "+", 1)
            }
        }
        let added = try self.folder.bytes("added").count
        let entries = try ArchitectureArchive(path: "\(folder)/archive.sqlite", context: sampleContext).entries()
        #expect([2 * added, 2 * added + 2].contains(entries.count))
        #expect(entries == (0..<entries.count).map { sample($0) })
    }

    /// The files as they are before, in the midst of and after every write and deletion of SQLite's, which is all that
    /// a kill can leave.
    @Test func everyMomentLeavesAWholeArchive() async throws {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let path = folder.file("archive.sqlite")
            Moments.record(path)
            var committed: [Int] = []
            do {
                let archive = try ArchitectureArchive(path: path, context: sampleContext)
                for batch in [0..<1, 1..<12, 12..<13] {
                    try archive.add(batch.map { sample($0) })
                    committed.append(Moments.all.count)
                }
            }
            Moments.stop()
            try #require(Moments.all.count > 30)
            #expect(Moments.all.contains { $0.journal != nil } && Moments.all.contains { $0.file.isEmpty })

            let counts = [0, 1, 12, 13]
            for (index, moment) in Moments.all.enumerated() {
                let copy = try TemporaryFolder()
                try copy.write(moment.file, to: "archive.sqlite")
                if let journal = moment.journal { try copy.write(journal, to: "archive.sqlite-journal") }
                let archive = try ArchitectureArchive(path: copy.file("archive.sqlite"), context: sampleContext)
                let entries = try archive.entries()
                #expect(entries == (0..<entries.count).map { sample($0) })
                let returned = committed.count { $0 <= index }
                #expect(counts[returned...].prefix(2).contains(entries.count), "moment \(index)")
            }
        }
    }
}

/// Copies of a database and its journal, taken at each write and deletion. For a process of its own.
private enum Moments {
    nonisolated(unsafe) static var all: [(file: Data, journal: Data?)] = []
    nonisolated(unsafe) private static var path = ""
    private static let names = ["write", "pwrite", "pwrite64", "unlink", "ftruncate"]

    private static func take() {
        let file = FileManager.default.contents(atPath: path) ?? Data()
        let journal = FileManager.default.contents(atPath: path + "-journal")
        if let last = all.last, last == (file, journal) { return }
        all.append((file, journal))
    }

    /// Puts itself between SQLite and the system.
    static func record(_ path: String) {
        self.path = path
        let write: @convention(c) (Int32, UnsafeRawPointer, Int) -> Int = { file, bytes, count in
            Moments.take()
            let half = Glibc.write(file, bytes, count / 2)
            Moments.take()
            let rest = Glibc.write(file, bytes + half, count - half)
            Moments.take()
            return half + rest
        }
        let pwrite: @convention(c) (Int32, UnsafeRawPointer, Int, off_t) -> Int = { file, bytes, count, offset in
            Moments.take()
            let half = Glibc.pwrite(file, bytes, count / 2, offset)
            Moments.take()
            let rest = Glibc.pwrite(file, bytes + half, count - half, offset + off_t(half))
            Moments.take()
            return half + rest
        }
        let truncate: @convention(c) (Int32, off_t) -> Int32 = { file, size in
            Moments.take()
            defer { Moments.take() }
            return Glibc.ftruncate(file, size)
        }
        let unlink: @convention(c) (UnsafePointer<CChar>) -> Int32 = { path in
            Moments.take()
            defer { Moments.take() }
            return Glibc.unlink(path)
        }
        set("write", unsafeBitCast(write, to: sqlite3_syscall_ptr.self))
        set("pwrite", unsafeBitCast(pwrite, to: sqlite3_syscall_ptr.self))
        set("pwrite64", unsafeBitCast(pwrite, to: sqlite3_syscall_ptr.self))
        set("ftruncate", unsafeBitCast(truncate, to: sqlite3_syscall_ptr.self))
        set("unlink", unsafeBitCast(unlink, to: sqlite3_syscall_ptr.self))
    }

    static func stop() {
        for name in names { set(name, nil) }
    }

    private static func set(_ name: String, _ function: sqlite3_syscall_ptr?) {
        guard let system = sqlite3_vfs_find("unix") else { return }
        // A build of SQLite has some of the calls only.
        if system.pointee.xGetSystemCall(system, name) != nil {
            _ = system.pointee.xSetSystemCall(system, name, function)
        }
    }
}
