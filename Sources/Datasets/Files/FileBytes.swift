import Glibc
import Support

/// Whole files as bytes.
package enum FileBytes {
    /// The most bytes that are read of a file, more than any single image, list or compressed array should take.
    package static let maximumCount = 8 << 30

    /// The bytes of a regular file.
    ///
    /// - Throws: `DatasetError` of kind `.unreadable` or `.tooLarge`. Devices, pipes and folders are refused rather
    ///   than waited for.
    package static func read(_ path: String, limit: Int = maximumCount) throws(DatasetError) -> [UInt8] {
        let (descriptor, status) = try openFile(path)
        defer { close(descriptor) }
        let size = Int(status.st_size)
        guard size <= limit else {
            throw DatasetError(
                .tooLarge, file: path, "\(size) bytes, of which at most \(limit) are read",
                advice: "Check that this is the file that was meant.")
        }
        return try read(descriptor, size, path)
    }

    /// The first `count` bytes of a regular file, or all of a shorter one.
    ///
    /// - Throws: as `read` does.
    static func start(of path: String, count: Int) throws(DatasetError) -> [UInt8] {
        let (descriptor, status) = try openFile(path)
        defer { close(descriptor) }
        return try read(descriptor, min(count, Int(status.st_size)), path)
    }

    private static func read(_ descriptor: Int32, _ size: Int, _ path: String) throws(DatasetError) -> [UInt8] {
        var failure: Int32?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size, let base = buffer.baseAddress {
                let got = Glibc.read(descriptor, base + count, size - count)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = errno }
                guard got > 0 else { break }
                count += got
            }
        }
        if let failure { throw unreadable(path, failure) }
        return bytes
    }

    /// Whether the file could be read.
    ///
    /// - Throws: as `read` does.
    package static func check(_ path: String) throws(DatasetError) {
        close(try openFile(path).descriptor)
    }

    private static func openFile(_ path: String) throws(DatasetError) -> (descriptor: Int32, status: stat) {
        // Without waiting: the other end of a pipe may never come.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        var status = stat()
        let failure = fstat(descriptor, &status) == 0 ? nil : errno
        if failure == nil, status.st_mode & S_IFMT == S_IFREG { return (descriptor, status) }
        close(descriptor)
        if let failure { throw unreadable(path, failure) }
        let what = status.st_mode & S_IFMT == S_IFDIR ? "is a folder, not a file" : "is not a regular file"
        throw DatasetError(.unreadable, file: path, what, advice: "Give the path of a file.")
    }

    /// Replaces the file at `path` by the bytes, once they are on the disk.
    ///
    /// - Throws: `DatasetError` of kind `.unwritable`.
    package static func writeAtomically(_ bytes: [UInt8], to path: String) throws(DatasetError) {
        try writing(path) { try AtomicFile.write(bytes, to: path) }
    }

    /// Writes a file where there is none, without waiting for the disk, as thousands of files would at each.
    ///
    /// - Throws: `DatasetError` of kind `.unwritable`.
    package static func create(_ path: String, _ bytes: [UInt8]) throws(DatasetError) {
        try writing(path) { try OutputFile(path, .createNew).write(bytes) }
    }

    /// Copies a file to a path at which there is none.
    ///
    /// - Throws: `DatasetError` of kind `.unreadable`, `.tooLarge` or `.unwritable`.
    package static func copy(_ source: String, to path: String) throws(DatasetError) {
        try create(path, read(source))
    }

    /// Moves a file or folder to another path on the same disk; a file that is there is replaced.
    ///
    /// - Throws: `DatasetError` of kind `.unwritable`.
    package static func move(_ source: String, to path: String) throws(DatasetError) {
        guard rename(source, path) == 0 else { throw unwritable(path, errno) }
    }

    /// Does what writes at `path`, and tells failures as errors of data sets.
    static func writing(_ path: String, _ body: () throws -> Void) throws(DatasetError) {
        do {
            try body()
        } catch let error as FileError {
            throw unwritable(path, error.reason)
        } catch {
            throw DatasetError(.unwritable, file: path, "cannot be written: \(error)", advice: "Choose another place.")
        }
    }

    /// Bytes of the file at `path`, following links; nil where there is none.
    static func size(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Whether there is a regular file at `path`, following links.
    package static func isFile(_ path: String) -> Bool {
        kind(of: path) == S_IFREG
    }

    /// Whether there is a folder at `path`, following links.
    package static func isFolder(_ path: String) -> Bool {
        kind(of: path) == S_IFDIR
    }

    static func unreadable(_ path: String, _ code: Int32) -> DatasetError {
        let advice =
            switch code {
            case ENOENT, ENOTDIR: "Check the path."
            case EACCES, EPERM: "Check the permissions of the file and of the folders above it."
            case EMFILE, ENFILE: "Raise the limit of open files (ulimit -n) or use fewer workers."
            default: "Check the disk that it is on."
            }
        return DatasetError(.unreadable, file: path, "cannot be read: \(words(for: code))", advice: advice)
    }

    package static func unwritable(_ path: String, _ code: Int32) -> DatasetError {
        unwritable(path, FileError.Reason(errno: code))
    }

    private static func unwritable(_ path: String, _ reason: FileError.Reason) -> DatasetError {
        let advice =
            switch reason {
            case .notFound, .notDirectory: "Make the folder that the file is to stand in."
            case .permissionDenied, .readOnlyFileSystem: "Choose a folder that may be written to."
            case .diskFull, .quotaExceeded: "Make room on that disk, or choose another."
            default: "Check the disk that it is on."
            }
        return DatasetError(.unwritable, file: path, "cannot be written: \(reason)", advice: advice)
    }

    /// The system's words for an error number. (`strerror` shares one buffer between threads.)
    static func words(for code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "error \(code)" }
    }

    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return status.st_mode & S_IFMT
    }
}

/// Texts that people keep beside their images: lists, names of classes, names of images.
enum DatasetText {
    /// The text of a file, whatever its byte order mark, UTF-8 or UTF-16.
    ///
    /// - Throws: `DatasetError`: as `FileBytes.read` does; of kind `.malformed` for what is no text, with its line.
    static func read(_ path: String, limit: Int) throws(DatasetError) -> String {
        try text(of: FileBytes.read(path, limit: limit), path: path)
    }

    /// The text that bytes stand for.
    ///
    /// - Throws: `DatasetError` of kind `.malformed`, with the line where the bytes cease to be text.
    static func text(of bytes: [UInt8], path: String) throws(DatasetError) -> String {
        do {
            return try TextFile.text(of: bytes, path: path)
        } catch {
            throw DatasetError(
                .malformed, file: path, line: error.line, error.reason,
                advice: "Spreadsheets and editors ask for an encoding when they save or export: choose UTF-8.")
        }
    }
}
