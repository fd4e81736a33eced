import CSQLite
import Foundation

/// A way to a file whose path is longer than SQLite takes, 512 bytes: by its folder, which is held open.
final class LongPath {
    /// The path by which SQLite opens the file, through ``fileSystem``, while this object lives.
    let shortened: String
    private let descriptor: Int32

    /// From so many bytes on, with room for the names that SQLite gives to files beside the database.
    private static let limit = 480

    /// Nil for a path that SQLite takes as it is, and where there is no such folder.
    ///
    /// - Parameter path: of the file, with its folder.
    init?(_ path: String) {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        guard let folder = realpath(String(path[..<slash]) + "/", nil) else { return nil }
        defer { free(folder) }
        let name = path[path.index(after: slash)...]
        guard strlen(folder) + name.utf8.count > Self.limit, Self.isRegistered else { return nil }
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        shortened = "/proc/self/fd/\(descriptor)/\(name)"
    }

    deinit { close(descriptor) }

    /// The name of SQLite's usual file system, but for one thing: it takes paths as they are, where the usual one follows all
    /// links in them first and so has the long path again.
    static let fileSystem = "supernet-long-path"

    private static let isRegistered: Bool = {
        guard let usual = sqlite3_vfs_find(nil) else { return false }
        // For as long as the process runs.
        let own = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        own.initialize(to: usual.pointee)
        own.pointee.zName = UnsafePointer(strdup(fileSystem))
        own.pointee.pNext = nil
        own.pointee.xFullPathname = { _, path, room, result in
            guard let path, let result, strlen(path) < Int(room) else { return SQLITE_CANTOPEN }
            strcpy(result, path)
            return SQLITE_OK
        }
        return sqlite3_vfs_register(own, 0) == SQLITE_OK
    }()
}
