import Support
import TestFolders

/// A folder of a test's own, deleted with it.
typealias TemporaryFolder = TestFolders.TemporaryFolder

/// Adds raw bytes to a file, as a process does that dies while writing.
func append(_ bytes: some Sequence<UInt8>, to path: String) throws {
    try OutputFile(path, .append).write(bytes)
}
