import Datasets
import Support

/// SHA-256 by the system's `sha256sum`. swift-crypto would save some ten lines and bring BoringSSL: 155 s of a clean debug
/// build on two cores, for a hash that only fetching needs, which runs the system's programs anyway.
enum Checksums {
    /// Gives the checksums, in hexadecimal, of those of the files that exist.
    ///
    /// - Throws: `DatasetError` when there are such files and no `sha256sum` on the search path.
    static func sha256(
        of names: [String], in folder: String, searchPath: String?
    ) throws(DatasetError) -> [String: String] {
        let present = names.filter { FileBytes.isFile(FilePath.join(folder, $0)) }
        guard !present.isEmpty else { return [:] }
        guard let tool = Tool("sha256sum", searchPath: searchPath) else {
            throw DatasetError(
                .unobtainable, file: folder, "its files cannot be checked: sha256sum is not installed",
                advice: "Install the GNU core utilities.")
        }
        let outcome = try tool.run(["--"] + present, in: folder)
        var sums: [String: String] = [:]
        for line in outcome.output.split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            guard fields.count == 2 else { continue }
            sums[String(fields[1].drop { $0 == " " || $0 == "*" })] = String(fields[0])
        }
        return sums
    }
}

/// A list of all files below a folder with their SHA-256, kept in the folder as `SHA256SUMS`; `sha256sum -c` reads it
/// as well. One checksum, that of the list, thus stands for the whole folder.
enum ChecksumList {
    static let fileName = "SHA256SUMS"

    /// Writes the list of what the folder holds, and gives the list's own SHA-256.
    static func write(in folder: String, searchPath: String?) throws(DatasetError) -> String {
        let text = try text(of: folder, searchPath: searchPath)
        try FileBytes.writeAtomically(Array(text.utf8), to: FilePath.join(folder, fileName))
        let sums = try Checksums.sha256(of: [fileName], in: folder, searchPath: searchPath)
        return sums[fileName] ?? ""
    }

    /// Whether the folder holds the files, all of them and no others, of the list with the given SHA-256.
    static func matches(_ digest: String, in folder: String, searchPath: String?) throws(DatasetError) -> Bool {
        let list = FilePath.join(folder, fileName)
        guard FileBytes.isFile(list) else { return false }
        let sums = try Checksums.sha256(of: [fileName], in: folder, searchPath: searchPath)
        guard sums[fileName] == digest else { return false }
        return try FileBytes.read(list) == Array(text(of: folder, searchPath: searchPath).utf8)
    }

    private static func text(of folder: String, searchPath: String?) throws(DatasetError) -> String {
        let names = try Folder.files(below: folder) { $0 != fileName }
        let sums = try Checksums.sha256(of: names, in: folder, searchPath: searchPath)
        return names.map { "\(sums[$0] ?? "unreadable")  \($0)\n" }.joined()
    }
}
