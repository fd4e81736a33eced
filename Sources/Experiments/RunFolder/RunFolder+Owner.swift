import Foundation
import Support

extension RunFolder {
    /// What the first start of a run makes, in this order.
    private static let unfinished = [RunLock.fileName, "events", "checkpoints", configurationName, recordName]

    /// Whether a folder is a run, by its record: a `config.yaml` alone may be anybody's.
    static func isRun(_ path: String) -> Bool {
        let record = FilePath.join(path, recordName)
        guard FilePath.exists(record) else { return false }
        if (try? RunRecord.read(record)) != nil { return true }
        // A record that was damaged, among everything else that a run has.
        return unfinished.allSatisfy { FilePath.exists(FilePath.join(path, $0)) }
    }

    /// Refuses a folder with other things in it than a run: it is somebody's.
    ///
    /// - Throws: ``RunFolderError/notARun(path:found:)``; `FileError`.
    static func refuseForeign(_ path: String) throws {
        guard FilePath.exists(path), !isRun(path) else { return }
        let found = try FilePath.list(path).filter { !AtomicFile.isTemporary($0) }
        // What is left of a first start that was killed: the lock was there before all else.
        let other = found.contains(RunLock.fileName) ? found.filter { !unfinished.contains($0) } : found
        if !other.isEmpty { throw RunFolderError.notARun(path: path, found: other) }
    }

    /// Where the files and folders lay that a run's configuration names, by their keys; none for what is no run, or one of
    /// before that was recorded.
    public static func places(of path: String) -> [String: NamedPlace] {
        (try? RunRecord.read(FilePath.join(path, recordName)))?.places ?? [:]
    }

    /// Renames a run to `<path>.old-1` (or the next free number), so that its place is free.
    ///
    /// - Parameter path: the run's folder.
    /// - Returns: the new path; nil where there was no run.
    /// - Throws: ``RunFolderError`` for a folder that is no run, or that another process writes to; `FileError`.
    public static func setAside(_ path: String) throws -> String? {
        let path = FilePath.trim(path)
        try refuseForeign(path)
        guard isRun(path) else { return nil }
        let lock = try RunLock(folder: path)
        defer { withExtendedLifetime(lock) {} }
        return try SetAside.rename(path)
    }
}

/// Renaming a folder to a free name beside it.
enum SetAside {
    /// - Parameter path: a folder whose lock is held, without slashes at its end.
    /// - Returns: the new path.
    /// - Throws: `FileError`.
    static func rename(_ path: String) throws -> String {
        var number = 1
        while FilePath.isThere("\(path).old-\(number)") { number += 1 }
        let target = "\(path).old-\(number)"
        guard Glibc.rename(path, target) == 0 else { throw FileError.last("rename", path) }
        try AtomicFile.syncFolder(FilePath.folder(of: path))
        return target
    }
}
