import Support

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Whole files as bytes.
enum FileBytes {
    /// More than any single image, list or compressed array should take.
    static let maximumCount = 8 << 30

    /// The bytes of a regular file.
    ///
    /// - Throws: `DatasetError` of kind `.unreadable` or `.tooLarge`. Devices, pipes and folders are refused rather
    ///   than waited for.
    static func read(_ path: String, limit: Int = maximumCount) throws(DatasetError) -> [UInt8] {
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
                #if canImport(Glibc)
                    let got = Glibc.read(descriptor, base + count, size - count)
                #else
                    let got = Darwin.read(descriptor, base + count, size - count)
                #endif
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
    static func check(_ path: String) throws(DatasetError) {
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
    static func writeAtomically(_ bytes: [UInt8], to path: String) throws(DatasetError) {
        do {
            try AtomicFile.write(bytes, to: path)
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
    static func isFile(_ path: String) -> Bool {
        kind(of: path) == S_IFREG
    }

    /// Whether there is a folder at `path`, following links.
    static func isFolder(_ path: String) -> Bool {
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

    static func unwritable(_ path: String, _ code: Int32) -> DatasetError {
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
