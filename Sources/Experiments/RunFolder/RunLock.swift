import Foundation
import Glibc
import Support

/// Keeps two processes from writing one run: an advisory lock on a file in the run's folder, which the system gives
/// back when the process ends, however it ends. Released when this object is.
final class RunLock: Sendable {
    static let fileName = "lock"

    private let descriptor: Int32

    /// Takes the lock.
    ///
    /// - Parameters:
    ///   - folder: the folder of the lock.
    ///   - isShared: whether others may hold the lock as well who share it.
    /// - Throws: ``RunFolderError/locked(path:pid:)`` if another holder is alive; `FileError`.
    init(folder: String, isShared: Bool = false) throws {
        let path = FilePath.join(folder, Self.fileName)
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { throw FileError.last("lock", path) }
            guard flock(descriptor, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
                let error = FileError.last("lock", path)
                defer { close(descriptor) }
                guard error.reason == .other(code: EWOULDBLOCK) else { throw error }
                throw RunFolderError.locked(path: folder, pid: Self.pid(in: path))
            }
            // The folder may have been set aside between `open` and `flock`; the lock would be on the wrong run.
            var held = stat()
            var named = stat()
            if fstat(descriptor, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino,
                held.st_dev == named.st_dev
            {
                self.descriptor = descriptor
                break
            }
            close(descriptor)
        }
        // For the message to the next one. The lock is held whether this succeeds or not.
        let text = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
    }

    deinit { close(descriptor) }

    /// Whether the process that wrote a folder's lock file last is there. The lock itself is not asked for: for that instant it
    /// would keep out a run that begins.
    static func isHeld(folder: String) -> Bool { pid(in: FilePath.join(folder, fileName)) != nil }

    /// The process that wrote the lock file, if it can be read. Of several who share a lock, the last one may have
    /// gone.
    private static func pid(in path: String) -> Int32? {
        guard let bytes = try? InputFile.readAll(path, limit: 64),
            let pid = Int32(String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
        else { return nil }
        return kill(pid, 0) == 0 || errno == EPERM ? pid : nil
    }
}
