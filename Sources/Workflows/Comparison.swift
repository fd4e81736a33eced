import Experiments
import Support

/// The folder of a study over seeds, whose trainings are studies and adaptations in folders of their own.
enum Comparison {
    /// Name of the file with the settings, which marks the folder.
    static let settingsName = "comparison.yaml"

    /// Makes the folder, or takes one to go on with, and writes the settings into it.
    ///
    /// - Parameters:
    ///   - path: the folder, without slashes at its end.
    ///   - options: all settings.
    ///   - runs: folders of runs in it, with `path` before them.
    /// - Returns: what keeps the folder where it is while it is held.
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
