import CSQLite
import Foundation

/// A database file, open for reading and writing. For one thread at a time.
final class SQLiteConnection {
    /// The path as the caller gave it, for error messages.
    let path: String
    let handle: OpaquePointer
    private let folder: LongPath?

    /// Opens the file, or makes it, empty; it is first read by the first command.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - patience: how long to wait, in milliseconds, for another process that holds the file.
    /// - Throws: ``ArchiveError``.
    init(_ path: String, patience: Int32) throws {
        var opened: OpaquePointer?
        // SQLite gives a meaning of their own to some names that do not start like this: `:memory:`, `file:…`, none.
        let name = path.hasPrefix("/") ? path : "./\(path)"
        // A file of one byte is empty to SQLite, which would write over it.
        var status = stat()
        if stat(name, &status) == 0, status.st_size == 1 { throw ArchiveError.notADatabase(path: path) }
        let long = LongPath(name)
        let code = sqlite3_open_v2(
            long?.shortened ?? name, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
            long == nil ? nil : LongPath.fileSystem)
        guard code == SQLITE_OK, let opened else {
            let error = Self.error(code, opened, path)
            sqlite3_close_v2(opened)
            throw error
        }
        self.path = path
        folder = long
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, patience)
        // A rollback journal, the default, keeps the archive one file and works on network file systems. EXTRA syncs
        // the folder, too, once the journal is gone: what was committed survives a power failure.
        try execute("PRAGMA synchronous = EXTRA")
    }

    deinit { sqlite3_close_v2(handle) }

    /// Runs commands that answer nothing.
    func execute(_ sql: String) throws {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code) }
    }

    /// Does all of `body`'s writing or none, whatever it throws and whenever the process dies.
    func transaction<T>(_ body: () throws -> T) throws -> T {
        // IMMEDIATE waits here for a lock that could be refused at once later.
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // After some errors, such as a full disk, SQLite has rolled back already.
            if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    /// What a result code means for the archive. To be asked at once after the failed call.
    func error(_ code: Int32) -> ArchiveError { Self.error(code, handle, path) }

    private static func error(_ code: Int32, _ handle: OpaquePointer?, _ path: String) -> ArchiveError {
        let system = handle.map { sqlite3_system_errno($0) } ?? 0
        let reason = handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
        let systemReason = system == 0 ? reason : String(cString: strerror(system))
        switch code & 0xff {
        case SQLITE_NOTADB: return .notADatabase(path: path)
        case SQLITE_CORRUPT: return .damaged(path: path, reason: reason)
        case SQLITE_BUSY, SQLITE_LOCKED: return .locked(path: path)
        case SQLITE_FULL: return .diskFull(path: path)
        case SQLITE_IOERR where [ENOSPC, EDQUOT].contains(system): return .diskFull(path: path)
        case SQLITE_IOERR where system != 0: return .failed(path: path, reason: "\(reason) (\(systemReason))")
        case SQLITE_READONLY where code >> 8 == 4: return .moved(path: path)
        case SQLITE_READONLY: return .readOnly(path: path)
        case SQLITE_CANTOPEN:
            return .cannotOpen(path: path, reason: system == ENOENT ? "its folder does not exist" : systemReason)
        default: return .failed(path: path, reason: reason)
        }
    }
}
