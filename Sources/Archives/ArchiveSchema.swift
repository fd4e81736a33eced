import Foundation
import GRDB

/// The tables of an archive, and whether a file has them.
///
/// ```
/// architectures   one row for each evaluation, in their order: the columns of `ArchiveRow`
/// meta            schema_version, context, created_at
/// ```
enum ArchiveSchema {
    /// The application ID in the header of the file, `SNAS`, by which `file` and this program tell an archive from
    /// other databases.
    static let applicationID: Int64 = 0x534E_4153
    /// Counts up with every change after which an older program would read a file wrongly.
    static let version = 1

    /// Makes the tables in an empty file, or finds out whether those of another are to be trusted.
    ///
    /// - Parameters:
    ///   - archive: the open file.
    ///   - context: the context for an empty file; nil to leave an empty file as it is.
    /// - Returns: the context that the archive has, be it another.
    /// - Throws: ``ArchiveError``; the file is then as it was.
    static func open(_ archive: ArchiveDatabase, context: String?) throws -> String {
        if let context, try archive.access(isBlank) {
            // Another process may have been faster since.
            try archive.transaction { if try isBlank($0) { try create($0, context) } }
        }
        return try archive.access { try check($0, path: archive.path) }
    }

    private static func isBlank(_ database: Database) throws -> Bool {
        try integer(database, "SELECT count(*) FROM sqlite_master") == 0
            && integer(database, "PRAGMA application_id") == 0 && integer(database, "PRAGMA user_version") == 0
    }

    private static func integer(_ database: Database, _ sql: String) throws -> Int64? {
        try Int64.fetchOne(database, sql: sql)
    }

    private static func create(_ database: Database, _ context: String) throws {
        try database.execute(
            sql: """
                PRAGMA application_id = \(applicationID);
                PRAGMA user_version = \(version);
                CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
                CREATE TABLE architectures (
                \(ArchiveRow.columns.map { "    \($0.name) \($0.type)" }.joined(separator: ",\n"))
                );
                """)
        let created = EvaluationTime.text(Date()) ?? ""
        for (key, value) in [("schema_version", "\(version)"), ("context", context), ("created_at", created)] {
            try database.execute(sql: "INSERT INTO meta (key, value) VALUES (?, ?)", arguments: [key, value])
        }
    }

    private static func check(_ database: Database, path: String) throws -> String {
        guard try integer(database, "PRAGMA application_id") == applicationID else {
            throw ArchiveError.otherProgram(path: path)
        }
        let found = Int(try integer(database, "PRAGMA user_version") ?? 0)
        guard found <= version else { throw ArchiveError.newerVersion(path: path, found: found, known: version) }
        guard found == version else { throw ArchiveError.damaged(path: path, reason: "its version is \(found)") }
        let verdict = try String.fetchOne(database, sql: "PRAGMA integrity_check(1)")
        guard verdict == "ok" else {
            throw ArchiveError.damaged(path: path, reason: verdict ?? "its pages contradict each other")
        }
        do { _ = try database.makeStatement(sql: ArchiveRow.select) } catch let error as DatabaseError
            where error.resultCode == .SQLITE_ERROR
        { throw ArchiveError.damaged(path: path, reason: error.message ?? "its table has other columns") }
        let stored = try DatabaseValue.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'context'")?.storage
        guard case .string(let context) = stored else {
            throw ArchiveError.damaged(path: path, reason: "it does not say what its scores mean")
        }
        return context
    }
}
