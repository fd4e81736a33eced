import Foundation

/// The target of a write to a path. What the path leads to decides, so that a file never replaces a device, a pipe or a
/// link.
enum WriteTarget: Equatable {
    /// A file behind all links, to be replaced whole; nil where there is none yet.
    case file(String, FileStamp?)
    /// A device or a pipe, to be opened and written to.
    case device(String)
    /// A stream that this process has open, such as its standard output under the name `/dev/stdout`.
    case stream(Int32)

    /// The most links that are followed, as many as the system follows.
    private static let mostLinks = 40

    /// Finds the target behind all links of a path.
    ///
    /// - Parameter path: the path as the caller gave it.
    /// - Throws: ``FileError`` for a folder, for links that lead round in a circle, for a file that may not be written
    ///   to, and for what takes no bytes one after the other: a socket, or a whole disk.
    init(_ path: String) throws {
        func refusal(_ reason: FileError.Reason) -> FileError {
            FileError(operation: "write", path: path, reason: reason)
        }
        guard !path.isEmpty else { throw refusal(.notFound) }
        var place = path
        for _ in 0...Self.mostLinks {
            // Behind such a name is what the process has open, and not what the link says.
            if let stream = Self.openStream(place) {
                self = stream
                return
            }
            var status = stat()
            guard lstat(place, &status) == 0 else {
                guard errno == ENOENT else { throw FileError.last("write", path) }
                guard !place.hasSuffix("/") else { throw refusal(.isDirectory) }
                self = .file(place, nil)
                return
            }
            switch status.st_mode & S_IFMT {
            case S_IFLNK:
                let link = try FilePath.link(place)
                place = link.hasPrefix("/") ? link : FilePath.join(FilePath.folder(of: place), link)
            case S_IFREG:
                guard access(place, W_OK) == 0 else { throw FileError.last("write", path) }
                self = .file(place, FileStamp(status))
                return
            case S_IFCHR, S_IFIFO:
                self = .device(place)
                return
            case S_IFDIR: throw refusal(.isDirectory)
            default: throw refusal(.notRegular)
            }
        }
        throw refusal(.linkLoop)
    }

    /// The target that an entry of a process's `/proc/…/fd` stands for; nil for any other path.
    private static func openStream(_ path: String) -> WriteTarget? {
        guard let number = Int32(FilePath.name(of: path)), number >= 0,
            let folder = FilePath.real(FilePath.folder(of: path)), folder.hasPrefix("/proc/"), folder.hasSuffix("/fd")
        else { return nil }
        let isOwn = FilePath.real("/proc/self").map { folder.hasPrefix($0 + "/") } ?? false
        return isOwn ? .stream(number) : .device(path)
    }
}

/// Owner and permissions of a file, which one that takes its place is to have.
struct FileStamp: Equatable {
    private let owner: uid_t
    private let group: gid_t
    private let mode: mode_t

    init(_ status: stat) {
        (owner, group, mode) = (status.st_uid, status.st_gid, status.st_mode & 0o7777)
    }

    /// Gives them to an open file. Only root may give a file away: then it is the writer's, and without the rights that
    /// come from who owns it.
    func apply(to descriptor: Int32) {
        let isKept = fchown(descriptor, owner, group) == 0
        _ = fchmod(descriptor, isKept ? mode : mode & 0o777)
    }
}

/// Opens devices and pipes to be written to.
enum DeviceFile {
    /// The time in seconds that the reader of a pipe is waited for: the two ends of a pipe are rarely opened at the
    /// same moment, and one whose reader never comes must not be waited for without end.
    private static let patience = 10.0

    /// Opens a device or a pipe for writing.
    ///
    /// - Parameters:
    ///   - device: the path without links.
    ///   - path: the path as the caller gave it, for messages.
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
