import Foundation
import Synchronization

/// Writes files so that, whenever the process or the machine dies, the path holds either all of the old file or all of
/// the new one: a temporary file in the same folder, `fsync`, `rename`, and `fsync` of the folder.
///
/// A link stays, and what it leads to is replaced; a file keeps its owner and its permissions. A device or a pipe is
/// written to as it is: there, what was written before a failure cannot be taken back.
public enum AtomicFile {
    /// The end of the names of temporary files; a leftover of a killed process can be deleted.
    public static let temporarySuffix = ".tmp"

    private static let counter = Atomic<Int>(0)
    /// Serial numbers of the temporary files that this process is writing.
    private static let unfinished = Mutex<Set<Int>>([])

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

    /// Replaces the file at `path` by what `body` writes, through a given function that writes to the disk.
    package static func write(
        to path: String, put: @escaping OutputFile.Write, _ body: (OutputFile) throws -> Void
    ) throws {
        switch try WriteTarget(path) {
        case .file(let target, let stamp): try replace(target, stamp, named: path, put: put, body)
        case .device(let device): try body(try DeviceFile.open(device, named: path, put: put))
        case .stream(let number):
            try body(try OutputFile(descriptor: fcntl(number, F_DUPFD_CLOEXEC, 3), path: path, put: put))
        }
    }

    /// Checks that a file could be written to `path`, as far as that can be known before; call it before work whose
    /// result is to be written.
    ///
    /// - Throws: ``FileError`` for what ``write(_:to:)-(String,_)`` would refuse.
    public static func check(_ path: String) throws {
        guard case .file(let target, _) = try WriteTarget(path) else { return }
        guard access(FilePath.folder(of: target), W_OK | X_OK) == 0 else { throw FileError.last("write", path) }
    }

    private static func replace(
        _ target: String, _ stamp: FileStamp?, named path: String, put: @escaping OutputFile.Write,
        _ body: (OutputFile) throws -> Void
    ) throws {
        let folder = FilePath.folder(of: target)
        let serial = counter.add(1, ordering: .relaxed).newValue
        let temporary = FilePath.join(folder, TemporaryName(of: FilePath.name(of: target), serial: serial).text)
        _ = unfinished.withLock { $0.insert(serial) }
        defer { _ = unfinished.withLock { $0.remove(serial) } }
        let file: OutputFile
        do { file = try OutputFile(temporary, .createNew, put: put) } catch let error as FileError {
            throw FileError(operation: "write", path: path, reason: error.reason)
        }
        do {
            // Before there is anything in it that others must not read.
            if let stamp { file.take(stamp) }
            try body(file)
            try file.sync()
            guard rename(temporary, target) == 0 else { throw FileError.last("write", path) }
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

    /// Deletes the temporary files that killed processes left in `folder`; files of other programs stay, whatever their
    /// names end in.
    ///
    /// - Parameters:
    ///   - folder: one that this program writes to.
    ///   - isShared: whether another process may be writing in the folder at this moment. Then what belongs to a
    ///     process that lives stays.
    /// - Throws: ``FileError``.
    public static func removeLeftovers(in folder: String, isShared: Bool = false) throws {
        for name in try FilePath.list(folder) {
            guard let temporary = TemporaryName(name) else { continue }
            let isOwn = temporary.process == getpid()
            if isOwn, unfinished.withLock({ $0.contains(temporary.serial) }) { continue }
            if isShared, !isOwn, temporary.isOfLiveProcess { continue }
            let path = FilePath.join(folder, name)
            guard unlink(path) == 0 || errno == ENOENT else { throw FileError.last("delete", path) }
        }
    }

    /// Whether a name is one of the temporary files that this program writes.
    package static func isTemporary(_ name: String) -> Bool { TemporaryName(name) != nil }
}

/// The name of an unfinished file, `.NAME.PROCESS-SERIAL.tmp`: it says whose it is, so that a leftover of a killed
/// process is told from what another process is writing, and from the files of other programs.
struct TemporaryName {
    let text: String
    let process: Int32
    let serial: Int

    /// The length in bytes to which the file's own name is cut: a name may have 255 bytes in all.
    private static let mostBytes = 200

    /// A name for a file that is to become `name`, of this process.
    init(of name: String, serial: Int) {
        var stem = name
        while stem.utf8.count > Self.mostBytes { stem.unicodeScalars.removeLast() }
        process = getpid()
        self.serial = serial
        text = ".\(stem).\(process)-\(serial)\(AtomicFile.temporarySuffix)"
    }

    /// Reads a temporary name; nil for any other name.
    init?(_ name: String) {
        guard name.hasPrefix("."), name.hasSuffix(AtomicFile.temporarySuffix) else { return nil }
        let rest = name.dropLast(AtomicFile.temporarySuffix.count)
        guard let dot = rest.lastIndex(of: "."), dot > rest.startIndex else { return nil }
        let numbers = rest[rest.index(after: dot)...].split(separator: "-", omittingEmptySubsequences: false)
        guard numbers.count == 2, let process = Int32(numbers[0]), let serial = Int(numbers[1]), process > 0,
            serial > 0
        else { return nil }
        (text, self.process, self.serial) = (name, process, serial)
    }

    /// Whether the process lives, or another process that was given its number.
    var isOfLiveProcess: Bool { kill(process, 0) == 0 || errno == EPERM }
}
