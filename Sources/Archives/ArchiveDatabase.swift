import Foundation
import GRDB
import GRDBSQLite

/// The SQLite file of an archive, open for reading and writing by any number of threads, one after the other.
///
/// GRDB prepares, binds and steps the statements, and serialises the threads. What it throws becomes an
/// ``ArchiveError`` here, with the reason that the system gave.
final class ArchiveDatabase: Sendable {
    /// The path as the caller gave it, for error messages.
    let path: String
    private let queue: DatabaseQueue
    private let longPath: LongPath?

    /// Opens the file, or creates an empty one.
    ///
    /// - Parameters:
    ///   - path: the path of the file.
    ///   - patience: the time to wait, in seconds, for another process that holds the file.
    /// - Throws: ``ArchiveError``.
    init(_ path: String, patience: TimeInterval) throws {
        // SQLite gives a meaning of their own to some names that do not start like this: `:memory:`, `file:…`, none.
        let name = path.hasPrefix("/") ? path : "./\(path)"
        // A file of one byte is empty to SQLite, which would write over it.
        var status = stat()
        if stat(name, &status) == 0, status.st_size == 1 { throw ArchiveError.notADatabase(path: path) }
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(patience)
        configuration.prepareDatabase { database in
            // A rollback journal, the default, keeps the archive one file and works on network file systems. EXTRA
            // syncs the folder, too, once the journal is gone: what was committed survives a power failure.
            try database.execute(sql: "PRAGMA synchronous = EXTRA")
        }
        self.path = path
        longPath = LongPath(name)
        do {
            queue = try DatabaseQueue(path: longPath?.shortened ?? name, configuration: configuration)
        } catch let error as DatabaseError {
            if error.resultCode == .SQLITE_CANTOPEN {
                throw ArchiveError.cannotOpen(path: path, reason: Self.refusal(name))
            }
            throw Self.error(error, path: path)
        }
    }

    /// Lends the connection to `body`, while no other thread can use it.
    ///
    /// - Throws: ``ArchiveError``, also in place of the errors of SQLite that `body` throws.
    func access<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try queue.writeWithoutTransaction { database in
            do { return try body(database) } catch let error as DatabaseError {
                let system = database.sqliteConnection.map { sqlite3_system_errno($0) } ?? 0
                throw Self.error(error, path: path, system: system)
            }
        }
    }

    /// Writes all that `body` writes or nothing, whatever it throws and whenever the process dies.
    ///
    /// - Throws: ``ArchiveError``, and what else `body` throws.
    func transaction<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try access { database in
            var result: Result?
            // IMMEDIATE waits here for a lock that could be refused at once later.
            try database.inTransaction(.immediate) {
                result = try body(database)
                return .commit
            }
            guard let result else { throw ArchiveError.failed(path: path, reason: "a transaction had no result") }
            return result
        }
    }

    /// Says what an error of SQLite means for the archive.
    private static func error(_ error: DatabaseError, path: String, system: Int32 = 0) -> ArchiveError {
        let reason = error.message ?? String(cString: sqlite3_errstr(error.extendedResultCode.rawValue))
        let systemReason = system == 0 ? reason : String(cString: strerror(system))
        switch error.resultCode {
        case .SQLITE_NOTADB: return .notADatabase(path: path)
        case .SQLITE_CORRUPT: return .damaged(path: path, reason: reason)
        case .SQLITE_BUSY, .SQLITE_LOCKED: return .locked(path: path)
        case .SQLITE_FULL: return .diskFull(path: path)
        case .SQLITE_IOERR where [ENOSPC, EDQUOT].contains(system): return .diskFull(path: path)
        case .SQLITE_IOERR where system != 0: return .failed(path: path, reason: "\(reason) (\(systemReason))")
        case .SQLITE_READONLY where error.extendedResultCode == .SQLITE_READONLY_DBMOVED: return .moved(path: path)
        case .SQLITE_READONLY: return .readOnly(path: path)
        case .SQLITE_CANTOPEN: return .cannotOpen(path: path, reason: systemReason)
        default: return .failed(path: path, reason: reason)
        }
    }

    /// The reason that the system gives for not opening a file, which GRDB does not pass on.
    private static func refusal(_ name: String) -> String {
        let descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        let code = errno
        if descriptor >= 0 { close(descriptor) }
        guard descriptor < 0 else { return "SQLite cannot open it" }
        return code == ENOENT ? "its folder does not exist" : String(cString: strerror(code))
    }
}

/// A way to a file whose path is longer than the 512 bytes that SQLite takes: by its folder, which is held open.
private final class LongPath: Sendable {
    /// The path by which SQLite opens the file while this object lives.
    let shortened: String
    private let descriptor: Int32

    /// The length in bytes from which on a path counts as long; it leaves room for the suffixes of SQLite's own files.
    private static let limit = 480
    private static let prefix = "/proc/self/fd/"

    /// Fails for a path that SQLite takes as it is, and where there is no such folder.
    ///
    /// - Parameter path: the path of the file, with its folder.
    init?(_ path: String) {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        guard let folder = realpath(String(path[..<slash]) + "/", nil) else { return nil }
        defer { free(folder) }
        let name = path[path.index(after: slash)...]
        guard strlen(folder) + name.utf8.count > Self.limit, Self.isRegistered else { return nil }
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        shortened = "\(Self.prefix)\(descriptor)/\(name)"
    }

    deinit { close(descriptor) }

    /// SQLite's usual file system, which follows all links in a path before it opens the file, and so would have the
    /// long path again.
    private static let usual = UncheckedPointer(sqlite3_vfs_find(nil))

    /// Whether SQLite takes shortened paths as they are, and all others as before. Holds for as long as the process
    /// runs.
    private static let isRegistered: Bool = {
        guard let usual = usual.pointer else { return false }
        let own = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        own.initialize(to: usual.pointee)
        own.pointee.zName = UnsafePointer(strdup("supernet-long-path"))
        own.pointee.pNext = nil
        own.pointee.xFullPathname = { system, path, room, result in
            guard let path, let result else { return SQLITE_CANTOPEN }
            guard strncmp(path, LongPath.prefix, LongPath.prefix.utf8.count) == 0 else {
                return LongPath.usual.pointer?.pointee.xFullPathname(system, path, room, result) ?? SQLITE_CANTOPEN
            }
            guard strlen(path) < Int(room) else { return SQLITE_CANTOPEN }
            strcpy(result, path)
            return SQLITE_OK
        }
        return sqlite3_vfs_register(own, 1) == SQLITE_OK
    }()

    /// A pointer to what lives as long as the process and never changes.
    private struct UncheckedPointer: @unchecked Sendable {
        let pointer: UnsafeMutablePointer<sqlite3_vfs>?
        init(_ pointer: UnsafeMutablePointer<sqlite3_vfs>?) { self.pointer = pointer }
    }
}
