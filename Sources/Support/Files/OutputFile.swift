import Foundation
import Glibc

/// A file open for writing. Closed when released.
public final class OutputFile {
    /// The treatment of a file that exists; a missing file is created either way.
    public enum Mode: Sendable {
        /// Fails if the file exists.
        case createNew
        /// Keeps what the file holds; every write goes to its end.
        case append
    }

    /// The path as the caller gave it, for error messages.
    public let path: String
    private let descriptor: Int32
    private let put: Write

    /// Writes bytes to a descriptor like `write(2)`; tests put a full disk here.
    package typealias Write = (Int32, UnsafeRawPointer, Int) -> Int

    /// Opens a file.
    ///
    /// - Throws: ``FileError``.
    public convenience init(_ path: String, _ mode: Mode) throws {
        try self.init(path, mode) { Glibc.write($0, $1, $2) }
    }

    package init(_ path: String, _ mode: Mode, put: @escaping Write) throws {
        self.put = put
        let flags = mode == .createNew ? O_WRONLY | O_CREAT | O_EXCL : O_WRONLY | O_CREAT | O_APPEND
        descriptor = open(path, flags | O_CLOEXEC, 0o666)
        canOverwrite = mode == .createNew
        self.path = path
        if descriptor < 0 { throw FileError.last("open", path) }
    }

    /// A stream or a device that is open; closed when this is released.
    ///
    /// - Parameters:
    ///   - descriptor: the result of `open` or `dup`; a negative one is an error that `errno` has.
    ///   - path: the path for error messages.
    ///   - put: writes the bytes.
    init(descriptor: Int32, path: String, put: @escaping Write) throws {
        (self.descriptor, self.path, self.put, canOverwrite) = (descriptor, path, put, false)
        if descriptor < 0 { throw FileError.last("write", path) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Writes all bytes, however many calls that takes.
    public func write(_ bytes: some Sequence<UInt8>) throws {
        try Array(bytes).withUnsafeBytes { try write($0) }
    }

    /// Writes all bytes, however many calls that takes.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let chunk = UnsafeRawBufferPointer(rebasing: rest)
            guard let start = chunk.baseAddress else { return }
            let count = put(descriptor, start, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw FileError.last("write", path) }
            // Neither an error nor progress: there is no room.
            if count == 0 { throw FileError(operation: "write", path: path, reason: .diskFull) }
            rest = rest.dropFirst(count)
        }
    }

    /// Writes all bytes or none: a file that cannot take them is cut back to what it was.
    public func append(_ bytes: some Sequence<UInt8>) throws {
        let before = try size()
        do { try write(bytes) } catch {
            try? truncate(to: before)
            throw error
        }
    }

    /// Gives the file the owner and the permissions of another.
    func take(_ stamp: FileStamp) { stamp.apply(to: descriptor) }

    /// Whether written bytes can be replaced; false for a pipe, a device or a stream that others write to as well.
    public let canOverwrite: Bool

    /// Replaces bytes that are in the file already, which ``canOverwrite`` must allow; what is written next goes where
    /// it would have gone without.
    public func overwrite(_ bytes: [UInt8], at offset: Int) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { all in
                let rest = UnsafeRawBufferPointer(rebasing: all[done...])
                return pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            }
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw FileError.last("write", path) }
            if count == 0 { throw FileError(operation: "write", path: path, reason: .diskFull) }
            done += count
        }
    }

    /// The size of the file in bytes.
    public func size() throws -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError.last("examine", path) }
        return Int(status.st_size)
    }

    /// Cuts the file off after `size` bytes.
    public func truncate(to size: Int) throws {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw FileError.last("truncate", path) }
    }

    /// Waits until the file is on the disk, so that a power failure cannot take it back.
    public func sync() throws {
        guard fsync(descriptor) == 0 else { throw FileError.last("write to disk", path) }
    }
}
