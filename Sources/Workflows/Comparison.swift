import Experiments
import Support

/// The folder of a comparison over seeds, which holds the folders of its studies and adaptations.
enum Comparison {
    /// The name of the file of settings, which marks the folder.
    static let settingsName = "comparison.yaml"

    /// Creates or opens the folder, and writes the settings into it.
    ///
    /// - Parameters:
    ///   - path: the path of the folder, without a trailing slash.
    ///   - options: the settings of the comparison.
    ///   - runs: the paths of run folders in it.
    /// - Returns: a value that keeps the folder from being moved while it exists.
    /// - Throws: `RunFolderError` for a folder that holds other things; `FileError`.
    static func claim(_ path: String, _ options: some Configuration, runs: [String]) throws -> RunGroup {
        let prefix = FilePath.join(path, "")
        let layout = RunGroup.Layout(
            record: settingsName, runs: runs.map { String($0.dropFirst(prefix.count)) },
            others: ["results.json", "results.md", "results", "report.html"])
        let group = try RunGroup(path, layout)
        try AtomicFile.write(try Resolved(options).yaml(), to: FilePath.join(path, settingsName))
        return group
    }
}
