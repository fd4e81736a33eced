/// A list of all files below a folder with their SHA-256, kept in the folder as `SHA256SUMS`; `sha256sum -c` reads it
/// as well. One checksum, that of the list, thus stands for the whole folder.
enum ChecksumList {
    static let fileName = "SHA256SUMS"

    /// Writes the list of what the folder holds, and gives the list's own SHA-256.
    static func write(in folder: String, searchPath: String?) throws(DatasetError) -> String {
        let text = try text(of: folder, searchPath: searchPath)
        try FileBytes.writeAtomically(Array(text.utf8), to: Folder.join(folder, fileName))
        let sums = try Checksums.sha256(of: [fileName], in: folder, searchPath: searchPath)
        return sums[fileName] ?? ""
    }

    /// Whether the folder holds the files, all of them and no others, of the list with the given SHA-256.
    static func matches(_ digest: String, in folder: String, searchPath: String?) throws(DatasetError) -> Bool {
        let list = Folder.join(folder, fileName)
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
