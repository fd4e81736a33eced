import Foundation

/// Opens devices and pipes to be written to.
enum DeviceFile {
    /// How long the reader of a pipe may take to come, in seconds: the two ends of a pipe are rarely started at the same
    /// moment, and one whose reader never comes must not be waited for without end.
    private static let patience = 10.0

    /// - Parameters:
    ///   - device: the path without links.
    ///   - path: as the caller gave it, for messages.
    ///   - put: writes the bytes.
    /// - Throws: ``FileError``.
    static func open(_ device: String, named path: String, put: @escaping OutputFile.Write) throws -> OutputFile {
        let end = Date(timeIntervalSinceNow: patience)
        while true {
            // Not to wait: a pipe is opened as soon as it has a reader, and not before.
            let descriptor = Glibc.open(device, O_WRONLY | O_APPEND | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
            if descriptor < 0, errno == ENXIO, isPipe(device) {
                guard Date() < end else { throw FileError(operation: "write", path: path, reason: .noReader) }
                usleep(20_000)
                continue
            }
            let file = try OutputFile(descriptor: descriptor, path: path, put: put)
            // From here on, a slow reader is waited for.
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
            return file
        }
    }

    private static func isPipe(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }
}
