import Foundation

/// A file that comes into being all at once: bytes go to a temporary neighbour, which takes the place of the target
/// only when all of them are on the disk. Whoever reads the target sees the old contents or the new, never a part.
struct AtomicFile: ~Copyable {
    /// Writes bytes to a descriptor like `write(2)`; tests put a full disk here.
    typealias Write = (Int32, UnsafeRawPointer, Int) -> Int

    private let path: String
    private let folder: String
    private let temporaryPath: String
    private let descriptor: Int32
    private let write: Write
    private var buffer: [UInt8] = []
    private var isPublished = false

    private static let bufferSize = 1 << 20

    /// Opens a temporary file beside `path`.
    ///
    /// - Throws: ``TensorFileError`` if the folder cannot be written.
    init(path: String, write: @escaping Write = { Foundation.write($0, $1, $2) }) throws {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        guard !name.isEmpty, !path.hasSuffix("/") else {
            throw TensorFileError(path: path, .system(call: "open", code: EISDIR))
        }
        let folder = path.contains("/") ? String(path.dropLast(name.count)) : "."
        let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
        let temporaryPath = (folder == "." ? "" : folder) + ".\(name).\(suffix).tmp"
        let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw TensorFileError(path: path, .system(call: "open", code: errno)) }
        self.path = path
        self.folder = folder
        self.temporaryPath = temporaryPath
        self.descriptor = descriptor
        self.write = write
        buffer.reserveCapacity(Self.bufferSize)
    }

    deinit {
        close(descriptor)
        if !isPublished { unlink(temporaryPath) }
    }

    /// Appends bytes.
    mutating func append(_ bytes: UnsafeRawBufferPointer) throws {
        if buffer.count + bytes.count > Self.bufferSize { try flush() }
        if bytes.count >= Self.bufferSize {
            try writeOut(bytes)
        } else {
            buffer.append(contentsOf: bytes)
        }
    }

    /// Appends bytes.
    mutating func append(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try append($0) }
    }

    /// Puts the file in its place, and waits until the disk has both the contents and the name.
    consuming func publish() throws {
        try flush()
        guard fsync(descriptor) == 0 else { throw failure("fsync") }
        guard rename(temporaryPath, path) == 0 else { throw failure("rename") }
        isPublished = true

        let folderDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folderDescriptor >= 0 else { throw failure("open the folder") }
        defer { close(folderDescriptor) }
        // Some file systems cannot sync a folder and say EINVAL; there is nothing more to be done on those.
        guard fsync(folderDescriptor) == 0 || errno == EINVAL else { throw failure("fsync of the folder") }
    }

    private mutating func flush() throws {
        try buffer.withUnsafeBytes { try writeOut($0) }
        buffer.removeAll(keepingCapacity: true)
    }

    private func writeOut(_ bytes: UnsafeRawBufferPointer) throws {
        guard let base = bytes.baseAddress else { return }
        var written = 0
        while written < bytes.count {
            let count = write(descriptor, base + written, bytes.count - written)
            if count > 0 {
                written += count
            } else if count == 0 || errno != EINTR {
                throw count == 0 ? TensorFileError(path: path, .system(call: "write", code: ENOSPC)) : failure("write")
            }
        }
    }

    private func failure(_ call: String) -> TensorFileError {
        TensorFileError(path: path, .system(call: call, code: errno))
    }
}
