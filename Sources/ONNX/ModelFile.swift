import Foundation

/// A file that comes into being all at once: bytes go to a temporary neighbour, which takes the place of what is at
/// `path` only when all of them are on the disk, and goes away if that never happens.
struct ModelFile: ~Copyable {
    private let path: String
    private let temporary: String
    private let descriptor: Int32

    /// - Throws: `ONNXError.file`.
    init(path: String) throws {
        let target = URL(fileURLWithPath: path)
        let name = ".\(target.lastPathComponent).\(UUID().uuidString).tmp"
        temporary = target.deletingLastPathComponent().appendingPathComponent(name).path
        self.path = path
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Self.failure(path) }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        // Gone already where it was published.
        unlink(temporary)
    }

    /// Appends bytes.
    ///
    /// - Throws: `ONNXError.file`, as when the disk is full.
    func append(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            var written = 0
            while written < bytes.count {
                let count = write(descriptor, base + written, bytes.count - written)
                guard count >= 0 || errno == EINTR else { throw Self.failure(path) }
                written += max(count, 0)
            }
        }
    }

    /// Puts the file in its place.
    ///
    /// - Throws: `ONNXError.file`.
    consuming func publish() throws {
        guard fsync(descriptor) == 0, rename(temporary, path) == 0 else { throw Self.failure(path) }
    }

    private static func failure(_ path: String) -> ONNXError { .file(path: path, String(cString: strerror(errno))) }
}
