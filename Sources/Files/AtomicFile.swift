import Foundation
import Synchronization

/// Writes files so that, whenever the process or the machine dies, the path holds either all of the old file or all of
/// the new one: a temporary file in the same folder, `fsync`, `rename`, and `fsync` of the folder.
public enum AtomicFile {
    /// The end of the names of temporary files; a leftover of a killed process can be deleted.
    public static let temporarySuffix = ".tmp"

    private static let counter = Atomic<Int>(0)

    /// Replaces the file at `path` by `bytes`.
    ///
    /// - Throws: ``FileError``; the old file is then as it was, and no temporary file remains.
    public static func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
        try write(to: path) { try $0.write(bytes) }
    }

    /// Replaces the file at `path` by UTF-8 text.
    public static func write(_ text: String, to path: String) throws {
        try write(text.utf8, to: path)
    }

    /// Replaces the file at `path` by what `body` writes, piece by piece.
    ///
    /// - Throws: ``FileError``, or what `body` throws; the old file is then as it was, and no temporary file remains.
    public static func write(to path: String, _ body: (OutputFile) throws -> Void) throws {
        try write(to: path, put: { Glibc.write($0, $1, $2) }, body)
    }

    /// The same with another way to the disk.
    package static func write(
        to path: String, put: @escaping OutputFile.Write, _ body: (OutputFile) throws -> Void
    ) throws {
        let folder = FilePath.folder(of: path)
        let serial = counter.add(1, ordering: .relaxed).newValue
        let name = ".\(FilePath.name(of: path)).\(getpid())-\(serial)\(temporarySuffix)"
        let temporary = FilePath.join(folder, name)
        let file: OutputFile
        do { file = try OutputFile(temporary, .createNew, put: put) } catch let error as FileError {
            throw FileError(operation: "write", path: path, reason: error.reason)
        }
        do {
            try body(file)
            try file.sync()
            guard rename(temporary, path) == 0 else { throw FileError.last("write", path) }
        } catch {
            unlink(temporary)
            if let error = error as? FileError, error.path == temporary {
                throw FileError(operation: error.operation, path: path, reason: error.reason)
            }
            throw error
        }
        try syncFolder(folder)
    }

    /// Makes the creations, renames and deletions in a folder survive a power failure.
    public static func syncFolder(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError.last("open the folder", path) }
        defer { close(descriptor) }
        // Some network file systems cannot sync a folder, and say so; there is nothing more to be done on them.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError.last("write to disk", path) }
    }

    /// Deletes the temporary files that a killed process left in `folder`.
    public static func removeLeftovers(in folder: String) throws {
        for name in try FilePath.list(folder) where name.hasPrefix(".") && name.hasSuffix(temporarySuffix) {
            let path = FilePath.join(folder, name)
            guard unlink(path) == 0 || errno == ENOENT else { throw FileError.last("delete", path) }
        }
    }
}
