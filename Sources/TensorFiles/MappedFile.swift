import Foundation

/// The bytes of a file, mapped into memory read-only and unmapped when the last user lets go.
///
/// Nothing is read until it is touched, and pages can be dropped and read again by the kernel. The file must not be
/// truncated while it is mapped: touching a page that is gone ends the process. Replacing it by renaming another over
/// it, as ``SafeTensorsWriter`` does, is safe.
public final class MappedFile: Sendable {
    private enum Backing {
        case mapping
        case heap
    }

    /// The file as the caller named it.
    public let path: String

    /// The size of the file when it was mapped.
    public let byteCount: Int

    // Sound, because the bytes are never written and the address never changes until deinit.
    private nonisolated(unsafe) let base: UnsafeMutableRawPointer?
    private let backing: Backing

    /// Maps the file at `path`. An empty file is allowed and has no mapping.
    ///
    /// - Throws: ``TensorFileError`` with ``TensorFileFault/system(call:code:)`` or
    ///   ``TensorFileFault/notARegularFile``.
    public init(path: String) throws {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw TensorFileError(path: path, .system(call: "open", code: errno)) }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw TensorFileError(path: path, .system(call: "fstat", code: errno))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw TensorFileError(path: path, .notARegularFile) }

        let size = Int(status.st_size)
        self.path = path
        self.byteCount = size
        self.backing = .mapping
        if size == 0 {
            self.base = nil
        } else {
            guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
                throw TensorFileError(path: path, .system(call: "mmap", code: errno))
            }
            self.base = address
        }
    }

    /// A file that exists in memory only, under the name `path` in errors.
    public init(bytes: [UInt8], path: String) {
        self.path = path
        self.byteCount = bytes.count
        self.backing = .heap
        if bytes.isEmpty {
            self.base = nil
        } else {
            let copy = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 64)
            bytes.withUnsafeBytes {
                copy.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(copy), byteCount: $0.count)
            }
            self.base = copy
        }
    }

    /// A file of `byteCount` bytes that exists in memory only, made by `fill`; its name in errors is `path`.
    init(byteCount: Int, path: String, fill: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
        self.path = path
        self.byteCount = byteCount
        self.backing = .heap
        let base = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 1), alignment: 64)
        do {
            try fill(UnsafeMutableRawBufferPointer(start: base, count: byteCount))
        } catch {
            base.deallocate()
            throw error
        }
        self.base = base
    }

    deinit {
        guard let base else { return }
        switch backing {
        case .mapping: munmap(base, byteCount)
        case .heap: base.deallocate()
        }
    }

    /// Lends the bytes of the whole file. The buffer must not be used after `body` returns.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) {
            try body(UnsafeRawBufferPointer(start: base, count: byteCount))
        }
    }

    /// An error about this file.
    func error(key: String? = nil, _ fault: TensorFileFault) -> TensorFileError {
        TensorFileError(path: path, key: key, fault)
    }
}
