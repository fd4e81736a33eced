import Glibc

/// A standard stream of the process. It leads to a terminal, to a file on a disk that may be full, to a pipe whose
/// reader may be gone, or nowhere, where whoever started the program closed it.
public enum StandardStream: Int32, Sendable {
    /// Standard output, for results.
    case output = 1
    /// Standard error, for progress and messages.
    case error = 2

    /// The name of the stream in messages.
    public var name: String { self == .output ? "standard output" : "standard error" }

    /// Writes all of a text, however many calls that takes.
    ///
    /// - Throws: ``FileError``.
    public func write(_ text: String) throws(FileError) {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(rawValue, buffer.baseAddress?.advanced(by: done), bytes.count - done)
            }
            if count < 0, errno == EINTR { continue }
            // Whoever shares the stream may have told it not to wait.
            if count < 0, errno == EAGAIN {
                var wanted = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
                _ = poll(&wanted, 1, 1_000)
                continue
            }
            if count < 0 { throw FileError.last("write to", name) }
            if count == 0 { throw FileError(operation: "write to", path: name, reason: .diskFull) }
            done += count
        }
    }

    /// Makes writing to a stream that leads nowhere an error instead of the end of the process. To be called once,
    /// before the program opens anything.
    public static func secure() {
        // A stream that is closed would lend its number, and with it whatever is written there, to the next file that
        // is opened. What stands in for it cannot be used either: input is for writing, the others are for reading.
        for number in 0...2 as ClosedRange<Int32> where fcntl(number, F_GETFD) < 0 {
            _ = open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY)
        }
        // A function that does nothing rather than no signal at all: programs that this one starts have the usual one.
        signal(SIGPIPE) { _ in }
    }
}
