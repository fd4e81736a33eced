/// SHA-256 by the system's `sha256sum`.
enum Checksums {
    /// In hexadecimal, of those of the files that exist.
    ///
    /// - Throws: `DatasetError` when there are such files and no `sha256sum` on the search path.
    static func sha256(
        of names: [String], in folder: String, searchPath: String?
    ) throws(DatasetError) -> [String: String] {
        let present = names.filter { FileBytes.isFile(Folder.join(folder, $0)) }
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
