import Foundation

/// A file open for reading at any place. Closed when released.
public final class InputFile {
    /// The path as the caller gave it, for error messages.
    public let path: String
    /// The size of the file in bytes when it was opened.
    public let size: Int
    private let descriptor: Int32

    /// Opens a file.
    ///
    /// - Throws: ``FileError``, also for a folder, and for a device or a pipe, which could be endless or never begin.
    public init(_ path: String) throws {
        self.path = path
        // Without waiting: the other end of a pipe may never come.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0 {
            size = 0
            throw FileError.last("read", path)
        }
        var status = stat()
        let isKnown = fstat(descriptor, &status) == 0
        size = isKnown ? Int(status.st_size) : 0
        if !isKnown { throw FileError.last("read", path) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw FileError(operation: "read", path: path, reason: .isDirectory)
        default: throw FileError(operation: "read", path: path, reason: .notRegular)
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Up to `count` bytes from `offset`; fewer at the file's end only.
    public func read(_ count: Int, at offset: Int) throws -> [UInt8] {
        guard count > 0 else { return [] }
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let got = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 { throw FileError.last("read", path) }
                if got == 0 { break }
                filled += got
            }
        }
    }

    /// The most bytes that ``readAll(_:limit:)`` takes unless told otherwise: 1 GiB.
    public static let defaultLimit = 1 << 30

    /// A whole file, whatever size it says to have (those of `/proc` say none).
    ///
    /// - Throws: ``FileError``, also for a file of more than `limit` bytes.
    public static func readAll(_ path: String, limit: Int = defaultLimit) throws -> [UInt8] {
        let file = try InputFile(path)
        func refuse(_ count: Int) throws {
            if count > limit { throw FileError(operation: "read", path: path, reason: .tooLarge(limit: limit)) }
        }
        try refuse(file.size)
        var bytes = try file.read(file.size, at: 0)
        while true {
            let more = try file.read(65_536, at: bytes.count)
            if more.isEmpty { return bytes }
            bytes += more
            try refuse(bytes.count)
        }
    }
}
