import Foundation

/// A file operation that the system refused.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Why the system refused: the `errno` values that a user can do something about, by name.
    public enum Reason: Equatable, Sendable, CustomStringConvertible {
        case notFound
        case permissionDenied
        case diskFull
        case quotaExceeded
        case readOnlyFileSystem
        case isDirectory
        case notDirectory
        case nameTooLong
        case alreadyExists
        case notEmpty
        case tooManyOpenFiles
        /// A device, a pipe or a socket where a file was wanted.
        case notRegular
        /// Links that lead to each other.
        case linkLoop
        /// A pipe at whose other end nobody is.
        case noReader
        /// More bytes than what is read can sensibly have.
        case tooLarge(limit: Int)
        /// An `errno` without a name here.
        case other(code: Int32)

        package init(errno code: Int32) {
            switch code {
            case ENOENT: self = .notFound
            case EACCES, EPERM: self = .permissionDenied
            case ENOSPC: self = .diskFull
            case EDQUOT: self = .quotaExceeded
            case EROFS: self = .readOnlyFileSystem
            case EISDIR: self = .isDirectory
            case ENOTDIR: self = .notDirectory
            case ENAMETOOLONG: self = .nameTooLong
            case EEXIST: self = .alreadyExists
            case ENOTEMPTY: self = .notEmpty
            case ELOOP: self = .linkLoop
            case EMFILE, ENFILE: self = .tooManyOpenFiles
            default: self = .other(code: code)
            }
        }

        /// The reason as the end of a sentence, without the path: `the disk is full`.
        public var description: String {
            switch self {
            case .notFound: "it, or the folder it should be in, does not exist"
            case .permissionDenied: "permission denied"
            case .diskFull: "the disk is full"
            case .quotaExceeded: "the disk quota is used up"
            case .readOnlyFileSystem: "the file system is read-only"
            case .isDirectory: "it is a folder, not a file"
            case .notDirectory: "a part of its path is a file, not a folder"
            case .nameTooLong: "its name is too long"
            case .alreadyExists: "it already exists"
            case .notEmpty: "the folder is not empty"
            case .tooManyOpenFiles: "too many files are open"
            case .notRegular: "it is a device, a pipe or a socket, not a file"
            case .linkLoop: "its links lead round in a circle"
            case .noReader: "it is a pipe that nobody reads; start its reader first"
            case .tooLarge(let limit):
                "it is larger than the \(limit) bytes that are read; check that it is the one that was meant"
            case .other(let code): String(cString: strerror(code))
            }
        }
    }

    /// The operation that was refused, as a verb: `read`, `write`, `rename` …
    public var operation: String
    /// The file or folder that it was tried on.
    public var path: String
    /// The reason of the refusal.
    public var reason: Reason

    /// An error that says `cannot <operation> <path>: <reason>`; `operation` is a verb, with an object if need be.
    public init(operation: String, path: String, reason: Reason) {
        self.operation = operation
        self.path = path
        self.reason = reason
    }

    /// Creates an error from `errno`; call it at once after the failed call.
    package static func last(_ operation: String, _ path: String) -> FileError {
        FileError(operation: operation, path: path, reason: Reason(errno: errno))
    }

    /// The operation, the file and the reason as one message.
    public var description: String { "cannot \(operation) \(path): \(reason)" }
}
