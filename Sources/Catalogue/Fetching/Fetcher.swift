import Datasets
import Foundation
import Support

/// Fetches files into a folder for unfinished work, with programs of the system.
struct Fetcher {
    /// The folder for unfinished work. It is absolute: the programs are run in other folders, where a relative path would lead elsewhere.
    let work: String
    /// The folders where programs are looked for; nil for the system's own search path.
    let searchPath: String?
    /// Is told in words what is being done.
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
        let path = FilePath.join(work, name)
        try FetchFailure.guarded { () throws(DatasetError) in try Folder.make(path) }
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

    /// Checks a file in a folder.
    ///
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

/// The reason why one way of fetching something failed.
enum FetchFailure: Error {
    /// Another way may do; each reason is a sentence for people.
    case reasons([String])
    /// No other way will.
    case fatal(DatasetError)

    static func reason(_ words: String) -> FetchFailure { .reasons([words]) }

    /// Gives what `body` does; its errors are fatal.
    static func guarded<Value>(_ body: () throws(DatasetError) -> Value) throws(FetchFailure) -> Value {
        do throws(DatasetError) { return try body() } catch { throw .fatal(error) }
    }

    /// The error for whoever asked for a data set: that it could not be had, why, and what to do.
    func asDatasetError(folder: String, advice: String) -> DatasetError {
        switch self {
        case .reasons(let words):
            DatasetError(.unobtainable, file: folder, problems: words.map { .init($0) }, advice: advice)
        case .fatal(let error): error
        }
    }
}

extension DatasetError {
    /// The error of a disk that is full, or would be.
    static func outOfSpace(_ folder: String, _ what: String) -> DatasetError {
        DatasetError(
            .unwritable, file: folder, "there is no room for the data set: \(what)",
            advice: "Make room on that disk, or set SUPERNET_CACHE to a folder on another.")
    }
}

/// Ways of fetching something, tried one after the other until one does not fail.
struct Attempts {
    /// The reasons why those before failed.
    private(set) var reasons: [String] = []

    /// Gives what `way` does; nil where it failed and another way may do.
    ///
    /// - Throws: failures that are fatal.
    mutating func first<Value>(_ way: () throws(FetchFailure) -> Value) throws(FetchFailure) -> Value? {
        do throws(FetchFailure) {
            return try way()
        } catch {
            guard case .reasons(let words) = error else { throw error }
            reasons += words.filter { !reasons.contains($0) }
            return nil
        }
    }
}
