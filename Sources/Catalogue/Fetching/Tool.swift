import Datasets
import Foundation
import Support

/// Runs programs of the system and gathers what they say.
///
/// swift-subprocess is no help here: it runs programs asynchronously alone, data sets are opened synchronously, and to block
/// a thread until a task is done can leave that task no thread of the pool, which has two on a machine of two cores.
struct Tool: Sendable {
    /// What a program that has ended gave.
    struct Outcome: Sendable {
        /// The exit status: 0 for success; a signal's number plus 128, as shells count.
        let status: Int32
        let output: String
        let errors: String

        /// The last lines of the errors, for a message.
        var lastErrors: String {
            let lines = errors.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            let kept = lines.filter { !$0.isEmpty }.suffix(3).joined(separator: "; ")
            return kept.isEmpty ? "it ended with status \(status)" : kept
        }

        /// Whether the errors speak of a full disk; curl does by a number of its own.
        var ranOutOfSpace: Bool {
            ["No space left on device", "don't have enough free space", "curl: (23)"].contains { errors.contains($0) }
        }
    }

    /// The folders where the system looks for programs; nil where it does not say.
    static var systemSearchPath: String? { ProcessInfo.processInfo.environment["PATH"] }

    /// The absolute path of the program.
    let path: String

    /// Finds a program in the folders of the search path; nil when it is not installed.
    init?(_ name: String, searchPath: String? = Tool.systemSearchPath) {
        let folders = (searchPath ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map(String.init)
        let candidates = folders.filter { $0.hasPrefix("/") }.map { FilePath.join($0, name) }
        guard let path = candidates.first(where: { FileBytes.isFile($0) && access($0, X_OK) == 0 }) else { return nil }
        self.path = path
    }

    /// Runs the program to its end, without a shell and without input, speaking English.
    ///
    /// Output and errors go through unnamed files rather than pipes, so that a program which writes much of both
    /// cannot block.
    ///
    /// - Throws: `DatasetError` when it cannot be started; a status other than 0 is for the caller to judge.
    func run(_ arguments: [String], in folder: String) throws(DatasetError) -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder, isDirectory: true)
        process.environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C"]) { $1 }
        process.standardInput = FileHandle.nullDevice
        do {
            let output = try Self.unnamedFile()
            let errors = try Self.unnamedFile()
            process.standardOutput = output
            process.standardError = errors
            try process.run()
            process.waitUntilExit()
            let signalled = process.terminationReason == .uncaughtSignal
            return Outcome(
                status: process.terminationStatus + (signalled ? 128 : 0), output: try Self.text(of: output),
                errors: try Self.text(of: errors))
        } catch {
            throw DatasetError(
                .unobtainable, file: path, "cannot be run: \(error)", advice: "Check that the program is installed.")
        }
    }

    private static func unnamedFile() throws -> FileHandle {
        var template = Array(FilePath.join(NSTemporaryDirectory(), "supernet.XXXXXX").utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        unlink(template)
        // Child processes get copies of their own; others must not.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    private static func text(of file: FileHandle) throws -> String {
        try file.seek(toOffset: 0)
        return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    }
}
