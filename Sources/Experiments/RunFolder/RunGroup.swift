import Foundation
import Support

/// A folder that holds runs in folders of their own, as a study holds its phases. Any number of processes may work in
/// it at a time, each on other runs; while one does, nobody sets the folder aside.
public final class RunGroup: Sendable {
    /// The content of a kind of folder, by which it is known.
    public struct Layout: Sendable {
        /// Name of the file that marks it.
        public var record: String
        /// Runs in it, as paths below it.
        public var runs: [String]
        /// Names of what else is written into it.
        public var others: [String]

        /// Creates the description of a kind of folder.
        ///
        /// - Parameters:
        ///   - record: name of the file that marks it, written once there is something to go on with.
        ///   - runs: the runs in it, as paths below it.
        ///   - others: names of what else is written into it.
        public init(record: String, runs: [String], others: [String] = []) {
            (self.record, self.runs, self.others) = (record, runs, others)
        }
    }

    private let lock: RunLock

    /// Makes the folder, or takes one that is this program's to go on with, and removes what killed processes left.
    ///
    /// - Parameters:
    ///   - path: the folder. One that holds other things is refused, and left as it is.
    ///   - layout: the content by which it is known as one of this program's.
    /// - Throws: ``RunFolderError``; `FileError`.
    public init(_ path: String, _ layout: Layout) throws {
        let path = FilePath.trim(path)
        try Self.refuseForeign(path, layout)
        try FilePath.makeFolder(path)
        lock = try RunLock(folder: path, isShared: true)
        try AtomicFile.removeLeftovers(in: path, isShared: true)
    }

    /// Renames the folder to `<path>.old-1` (or the next free number), so that its place is free.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - layout: the content by which it is known as one of this program's.
    /// - Returns: the new path; nil where there was nothing to set aside.
    /// - Throws: ``RunFolderError`` for a folder of somebody else's, or one in which another process is at work;
    ///   `FileError`.
    public static func setAside(_ path: String, _ layout: Layout) throws -> String? {
        let path = FilePath.trim(path)
        try refuseForeign(path, layout)
        guard FilePath.exists(path), try !FilePath.list(path).isEmpty else { return nil }
        // The runs' own locks as well: an earlier version holds no other.
        let linked = layout.runs.map { FilePath.join(path, $0) }.filter(Self.isLocked)
        let folders = try [path] + Set(runs(in: path) + linked).sorted()
        let held = try folders.map { try RunLock(folder: $0) }
        defer { withExtendedLifetime(held) {} }
        return try SetAside.rename(path)
    }

    /// Refuses a folder that is of another kind, by its record and what goes with it: a file of that name alone may be
    /// anybody's.
    private static func refuseForeign(_ path: String, _ layout: Layout) throws {
        guard FilePath.exists(path) else { return }
        let found = try FilePath.list(path).filter { !AtomicFile.isTemporary($0) }
        let isMarked =
            found.contains(RunLock.fileName)
            || layout.runs.contains { RunFolder.isRun(FilePath.join(path, $0)) }
        if isMarked, found.contains(layout.record) { return }
        // What is left of a first start that was killed.
        let own = Set([RunLock.fileName, layout.record] + layout.others + layout.runs.map(Self.firstPart))
        let other =
            try isMarked ? found.filter { try !own.contains($0) && !isRunOrAbove(FilePath.join(path, $0)) } : found
        if !other.isEmpty { throw RunFolderError.notARun(path: path, found: other) }
    }

    private static func firstPart(_ path: String) -> String {
        path.split(separator: "/").first.map(String.init) ?? path
    }

    /// Whether a folder is a run or holds some, such as a training of before the settings were changed.
    private static func isRunOrAbove(_ path: String) throws -> Bool {
        guard FilePath.isFolder(path) else { return false }
        return try isLocked(path) || !runs(in: path).isEmpty
    }

    /// Whether a folder has a lock that a run takes.
    private static func isLocked(_ folder: String) -> Bool { FilePath.exists(FilePath.join(folder, RunLock.fileName)) }

    /// The folders of all runs below a folder, as deep as they lie in anything that this program writes.
    private static func runs(in path: String, depth: Int = 4) throws -> [String] {
        guard depth > 0 else { return [] }
        return try FilePath.list(path).map { FilePath.join(path, $0) }.filter(FilePath.isFolder).flatMap { folder in
            (isLocked(folder) ? [folder] : []) + (try runs(in: folder, depth: depth - 1))
        }
    }
}
