import Foundation

/// Fetches files into a folder for unfinished work, with programs of the system.
struct Fetcher {
    /// Absolute: the programs are run in other folders, where a relative path would lead elsewhere.
    let work: String
    /// Where programs are looked for; nil for the system's own search path.
    let searchPath: String?
    /// Told in words what is being done.
    let progress: (String) -> Void

    func tool(_ name: String) -> Tool? { Tool(name, searchPath: searchPath) }

    /// Runs a program; a full disk is fatal, any other status is for the caller to judge.
    func run(_ tool: Tool, _ arguments: [String], in folder: String) throws(FetchFailure) -> Tool.Outcome {
        let outcome = try FetchFailure.guarded { () throws(DatasetError) in try tool.run(arguments, in: folder) }
        if outcome.status != 0, outcome.ranOutOfSpace {
            throw .fatal(DatasetError.outOfSpace(folder, outcome.lastErrors))
        }
        return outcome
    }

    /// Makes a folder of that name in the work folder, if need be, and gives its path.
    func folder(_ name: String) throws(FetchFailure) -> String {
        let path = Folder.join(work, name)
        try FetchFailure.guarded { () throws(DatasetError) in try DatasetCache.makeFolder(path) }
        return path
    }

    /// Fetches one file with curl; `site` begins the message of a failure.
    func download(_ url: String, as name: String, in folder: String, site: String) throws(FetchFailure) {
        guard let curl = tool("curl") else { throw .reason("\(site): curl is not installed") }
        progress("fetching \(name)")
        let outcome = try run(
            curl,
            [
                "-fsSL", "--retry", "2", "--connect-timeout", "20", "--speed-limit", "1000", "--speed-time", "60",
                "-o", name, "--", url,
            ], in: folder)
        guard outcome.status == 0 else { throw .reason("\(site): \(outcome.lastErrors)") }
    }

    /// - Throws: a reason when the file is not there or has another SHA-256.
    func check(_ name: String, in folder: String, sha256 expected: String) throws(FetchFailure) {
        let sums = try FetchFailure.guarded { () throws(DatasetError) in
            try Checksums.sha256(of: [name], in: folder, searchPath: searchPath)
        }
        guard let found = sums[name] else { throw .reason("\(name) was not among what was fetched") }
        guard found == expected else {
            throw .reason("\(name) was fetched with SHA-256 \(found) instead of \(expected)")
        }
    }
}
