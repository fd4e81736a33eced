import Files
import Foundation

@testable import Experiments

/// A folder of a test's own, deleted with it.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "experiments-\(UUID().uuidString)").path
        try FilePath.makeFolder(path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { FilePath.join(path, name) }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try write(Array(text.utf8), to: name)
    }

    /// Without the waiting for the disk of `AtomicFile`, for tests that write thousands of files.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: URL(filePath: file(name)))
        return file(name)
    }

    func text(_ name: String) throws -> String { String(decoding: try InputFile.readAll(file(name)), as: UTF8.self) }
}

/// Adds raw bytes to a file, as a process does that dies while writing.
func append(_ bytes: some Sequence<UInt8>, to path: String) throws {
    try OutputFile(path, .append).write(bytes)
}
