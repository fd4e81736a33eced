import Foundation
import GRDB
import Testing

@testable import Archives

/// What happens to an archive that cannot be written to for a while.
@Suite struct ArchiveContentionTests {
    private let folder: TemporaryFolder
    private let archive: ArchitectureArchive
    private var path: String { folder.file("archive.sqlite") }

    init() throws {
        folder = try TemporaryFolder()
        archive = try ArchitectureArchive(path: folder.file("archive.sqlite"), context: sampleContext, patience: 0.02)
        try archive.add([sample(0)])
    }

    @Test func aLockedArchiveSaysWhoMayHoldIt() throws {
        let other = try PlainDatabase(path)
        try other.run("BEGIN EXCLUSIVE")
        let adding = #expect(throws: ArchiveError.self) { try archive.add([sample(1)]) }
        #expect(adding == .locked(path: path))
        #expect(
            adding?.description == """
                the archive \(path) is locked: another search is running on this folder, or a database tool has it \
                open in the midst of a transaction; wait for it, stop it, or choose another folder with --run
                """)
        #expect(throws: ArchiveError.locked(path: path)) { _ = try archive.entries() }
        #expect(throws: ArchiveError.locked(path: path)) {
            _ = try ArchitectureArchive(path: path, context: sampleContext, patience: 0.02)
        }
        try other.run("COMMIT")
        try archive.add([sample(1)])
        #expect(try archive.entries() == [sample(0), sample(1)])
    }

    /// A reader in a transaction blocks the commit itself.
    @Test func aCommitThatIsRefusedIsUndone() throws {
        let reader = try PlainDatabase(path)
        try reader.run("BEGIN; SELECT * FROM architectures")
        #expect(throws: ArchiveError.locked(path: path)) { try archive.add([sample(1)]) }
        #expect(try archive.entries() == [sample(0)])
        try reader.run("COMMIT")
        #expect(try archive.add([sample(1)]) == 1)
    }

    @Test func aShortLockIsWaitedFor() async throws {
        let patient = try ArchitectureArchive(path: path, context: sampleContext)
        let other = try ArchitectureArchive(path: path, context: sampleContext)
        let (started, start) = AsyncStream<Void>.makeStream()
        let holder = Task.detached {
            try other.database.transaction { _ in
                start.finish()
                usleep(100_000)
            }
        }
        for await _ in started {}
        #expect(try patient.add([sample(1)]) == 1)
        try await holder.value
    }

    @Test func twoProcessesOfOneContextAddToOneArchive() throws {
        let other = try ArchitectureArchive(path: path, context: sampleContext)
        try other.add([sample(1)])
        #expect(try archive.add([sample(1), sample(2)]) == 1)
        #expect(try other.entries() == (0..<3).map { sample($0) })
    }

    private func number(_ sql: String) throws -> Int? {
        try archive.database.access { try Int.fetchOne($0, sql: sql) }
    }

    @Test func aFullDiskLosesNothing() throws {
        let pages = try #require(try number("PRAGMA page_count"))
        _ = try number("PRAGMA max_page_count = \(pages)")
        let error = #expect(throws: ArchiveError.self) { try archive.add((1..<500).map { sample($0) }) }
        #expect(error == .diskFull(path: path))
        #expect(error?.description.contains("what it holds is safe") == true)
        #expect(try archive.entries() == [sample(0)])
        #expect(try archive.add([sample(1)]) == 1)

        _ = try number("PRAGMA max_page_count = 100000")
        try archive.add((1..<500).map { sample($0) })
        #expect(try archive.entries() == (0..<500).map { sample($0) })
    }

    @Test func aWriteProtectedArchiveCanBeRead() throws {
        try archive.database.access { try $0.execute(sql: "PRAGMA query_only = ON") }
        #expect(throws: ArchiveError.readOnly(path: path)) { try archive.add([sample(1)]) }
        #expect(try archive.entries() == [sample(0)])
    }

    @Test func anArchiveThatWasDeletedIsNotWrittenToInVain() throws {
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: ArchiveError.moved(path: path)) { try archive.add([sample(1)]) }
    }
}
