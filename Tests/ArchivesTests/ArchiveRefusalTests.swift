import Foundation
import Testing

@testable import Archives

/// What is not an archive of this context is refused, with words that help, and left as it is.
@Suite struct ArchiveRefusalTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("archive.sqlite") }

    init() throws { folder = try TemporaryFolder() }

    private func fill(_ count: Int = 40) throws {
        try ArchitectureArchive(path: path, context: sampleContext).add((0..<count).map { sample($0) })
    }

    /// The error that opening the file gives, which must leave its bytes alone and make no other file.
    private func refusal(
        context: String = sampleContext, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> ArchiveError? {
        let before = try folder.bytes("archive.sqlite")
        let error = #expect(throws: ArchiveError.self, sourceLocation: sourceLocation) {
            _ = try ArchitectureArchive(path: path, context: context)
        }
        #expect(try folder.bytes("archive.sqlite") == before, sourceLocation: sourceLocation)
        #expect(try folder.names == ["archive.sqlite"], sourceLocation: sourceLocation)
        #expect(error?.description.contains(path) == true, sourceLocation: sourceLocation)
        return error
    }

    @Test func anotherContextIsRefusedLineByLine() throws {
        try fill()
        let error = try refusal(context: "supernet: 5d41402a\ndata: fashion-mnist\npolicy: stored\nscore: accuracy")
        #expect(
            error?.description == """
                the scores in the archive \(path) mean something else:
                  stored: policy: re-estimate 8x128
                  wanted: policy: stored
                  wanted: score: accuracy
                restore the settings to go on with it, or choose another folder with --run
                """)
        #expect(try ArchitectureArchive(path: path, context: sampleContext).count == 40)
    }

    @Test func contextsThatDifferInOrderOnlyAreOtherContexts() throws {
        try fill(1)
        let lines = sampleContext.split(separator: "\n").reversed().joined(separator: "\n")
        #expect(try refusal(context: lines)?.description.contains("same lines in another order") == true)
        let long = (0..<50).map { "line \($0)" }.joined(separator: "\n")
        #expect(try refusal(context: long)?.description.contains("and 33 more lines") == true)
    }

    @Test func aFileOfAnotherKindIsRefused() throws {
        for text in ["architecture,score\n1 2 3,0.5\n", "x", String(repeating: "noise ", count: 5_000)] {
            try folder.write(text.utf8, to: "archive.sqlite")
            #expect(try refusal() == .notADatabase(path: path))
        }
    }

    @Test func aDatabaseOfAnotherProgramIsRefused() throws {
        try PlainDatabase(path).run("CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')")
        #expect(try refusal() == .otherProgram(path: path))
        try PlainDatabase(path).run("PRAGMA application_id = 7")
        #expect(try refusal() == .otherProgram(path: path))
        #expect(try PlainDatabase(path).rows("SELECT text FROM notes") == [["mine"]])
    }

    @Test func aNewerVersionIsRefused() throws {
        try fill()
        try PlainDatabase(path).run("PRAGMA user_version = 2; ALTER TABLE architectures RENAME COLUMN score TO points")
        #expect(try refusal() == .newerVersion(path: path, found: 2, known: 1))
    }

    @Test func aTruncatedArchiveIsRefused() throws {
        try fill()
        let whole = try folder.bytes("archive.sqlite")
        try #require(whole.count >= 5 * 4_096)
        for count in [1, 50, 100, 1_000, 4_095, 4_096, 4_097, 8_192, whole.count - 4_096, whole.count - 3_000] {
            try folder.write(whole[..<count], to: "archive.sqlite")
            switch try refusal() {
            case .damaged, .notADatabase: break
            case let error: Issue.record("\(count) bytes: \(String(describing: error))")
            }
        }
        // Nothing at all is what a process leaves that dies before its first transaction.
        try folder.write([], to: "archive.sqlite")
        #expect(try ArchitectureArchive(path: path, context: sampleContext).count == 0)
    }

    @Test func anOverwrittenPageIsRefused() throws {
        try fill()
        let whole = try folder.bytes("archive.sqlite")
        for page in 1..<whole.count / 4_096 {
            var bytes = whole
            bytes.replaceSubrange(page * 4_096..<page * 4_096 + 2_048, with: repeatElement(0x5A, count: 2_048))
            try folder.write(bytes, to: "archive.sqlite")
            guard case .damaged = try refusal() else {
                Issue.record("page \(page)")
                continue
            }
        }
    }

    @Test(arguments: [
        ("DROP TABLE architectures", "no such table: architectures"),
        ("ALTER TABLE architectures DROP COLUMN loss", "no such column: loss"),
        ("DELETE FROM meta", "what its scores mean"),
        ("PRAGMA user_version = 0", "its version is 0"),
    ])
    func tablesThatWereChangedAreRefused(sql: String, words: String) throws {
        try fill(2)
        try PlainDatabase(path).run(sql)
        let error = try refusal()
        guard case .damaged = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        ("score", "'high'"), ("accuracy", "'high'"), ("seed", "'-1'"), ("seed", "'18446744073709551616'"),
        ("extra", "'{'"), ("extra", "'{\"metrics\":{\"top5\":\"high\"}}'"), ("round", "'first'"), ("policy", "x'00'"),
        ("evaluated_at", "'yesterday'"), ("score", "9e999"), ("parameters", "9e999"), ("multiply_adds", "-9e999"),
        ("seconds", "9e999"),
    ])
    func aCellThatWasEditedIsNamed(column: String, value: String) throws {
        try fill(3)
        try PlainDatabase(path).run("UPDATE architectures SET \(column) = \(value) WHERE id = 2")
        let archive = try ArchitectureArchive(path: path, context: sampleContext)
        let error = #expect(throws: ArchiveError.self) { _ = try archive.entries() }
        #expect(error?.description.contains("row 2 of `architectures`, column `\(column)`, is not") == true)
        #expect(try archive.entry(sample(2).architecture) == sample(2))
    }

    @Test func whatAUserAddsIsNoHarm() throws {
        try fill(3)
        try PlainDatabase(path).run(
            """
            ALTER TABLE architectures ADD COLUMN note TEXT; CREATE VIEW top AS SELECT * FROM architectures;
            CREATE INDEX by_score ON architectures (score); VACUUM; PRAGMA journal_mode = WAL
            """)
        let archive = try ArchitectureArchive(path: path, context: sampleContext)
        try archive.add([sample(3)])
        #expect(try archive.entries() == (0..<4).map { sample($0) })
    }

    @Test func aPathThatCannotBeOpenedIsNamed() throws {
        for path in [folder.path, folder.file("missing/archive.sqlite"), ""] {
            let error = #expect(throws: ArchiveError.self) {
                _ = try ArchitectureArchive(path: path, context: sampleContext)
            }
            guard case .cannotOpen(path, _) = error else {
                Issue.record("\(path): \(String(describing: error))")
                continue
            }
        }
        #expect(
            ArchiveError.cannotOpen(path: "a/b.sqlite", reason: "its folder does not exist").description
                == "cannot open the archive a/b.sqlite: its folder does not exist; check the path and its permissions")
    }

    /// Names that SQLite takes for something else than files.
    @Test(arguments: [":memory:", "file:other?mode=memory"])
    func namesAreNamesOfFiles(name: String) throws {
        let archive = try ArchitectureArchive(path: folder.file(name), context: sampleContext)
        try archive.add([sample(1)])
        #expect(try folder.names == [name])
    }
}
