import Foundation

/// The tables of an archive, and whether a file has them.
///
/// ```
/// architectures   one row for each evaluation, in their order: the columns of `ArchiveRow`
/// meta            schema_version, context, created_at
/// ```
enum ArchiveSchema {
    /// `SNAS` in the file's header, by which `file` and this program tell an archive from other databases.
    static let applicationID: Int64 = 0x534E_4153
    /// Counts up with every change after which an older program would read a file wrongly.
    static let version = 1

    /// Makes the tables in an empty file, or finds out whether those of another are to be trusted.
    ///
    /// - Parameters:
    ///   - connection: to the file.
    ///   - context: for an empty file; nil to make none of it.
    /// - Returns: the context that the archive has, be it another.
    /// - Throws: ``ArchiveError``; the file is then as it was.
    static func open(_ connection: SQLiteConnection, context: String?) throws -> String {
        if let context, try isBlank(connection) {
            // Another process may have been faster since.
            try connection.transaction {
                if try isBlank(connection) { try create(connection, context) }
            }
        }
        return try check(connection)
    }

    private static func isBlank(_ connection: SQLiteConnection) throws -> Bool {
        try connection.integer("SELECT count(*) FROM sqlite_master") == 0
            && connection.integer("PRAGMA application_id") == 0
            && connection.integer("PRAGMA user_version") == 0
    }

    private static func create(_ connection: SQLiteConnection, _ context: String) throws {
        try connection.execute(
            """
            PRAGMA application_id = \(applicationID);
            PRAGMA user_version = \(version);
            CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
            CREATE TABLE architectures (
            \(ArchiveRow.columns.map { "    \($0.name) \($0.type)" }.joined(separator: ",\n"))
            );
            """)
        let insert = try connection.prepare("INSERT INTO meta (key, value) VALUES (?, ?)")
        let created = EvaluationTime.text(Date()) ?? ""
        for (key, value) in [("schema_version", "\(version)"), ("context", context), ("created_at", created)] {
            try insert.run([.text(key), .text(value)])
        }
    }

    private static func check(_ connection: SQLiteConnection) throws -> String {
        let path = connection.path
        guard try connection.integer("PRAGMA application_id") == applicationID else {
            throw ArchiveError.otherProgram(path: path)
        }
        let found = Int(try connection.integer("PRAGMA user_version"))
        guard found <= version else { throw ArchiveError.newerVersion(path: path, found: found, known: version) }
        guard found == version else { throw ArchiveError.damaged(path: path, reason: "its version is \(found)") }
        let verdict = try connection.value("PRAGMA integrity_check(1)")
        guard verdict == .text("ok") else {
            if case .text(let reason) = verdict { throw ArchiveError.damaged(path: path, reason: reason) }
            throw ArchiveError.damaged(path: path, reason: "its pages contradict each other")
        }
        do { _ = try connection.prepare(ArchiveRow.select) } catch ArchiveError.failed(_, let reason) {
            throw ArchiveError.damaged(path: path, reason: reason)
        }
        guard case .text(let stored) = try connection.value("SELECT value FROM meta WHERE key = 'context'") else {
            throw ArchiveError.damaged(path: path, reason: "it does not say what its scores mean")
        }
        return stored
    }
}
