import Datasets
import Foundation
import Support

/// A data set that is made from public packages: one folder of the cache, there as a whole or not at all.
struct PreparedSource: Sendable {
    /// The name of the folder in the cache.
    let name: String
    /// The SHA-256 of the list of all its files with theirs (`ChecksumList`). Another is for tests.
    var digest: String
    /// Room for the packages, their content and what is made of it.
    let neededBytes: Int
    /// The folders where programs are looked for; nil for the system's own search path.
    var searchPath: String? = Tool.systemSearchPath
    /// Fetches the packages and makes the files in the folder that is given, which is empty.
    let prepare: @Sendable (Fetcher, String) throws(FetchFailure) -> Void

    /// Gives the folder, made first where it is not there or not what it should be.
    ///
    /// - Throws: `DatasetError` of kind `.unobtainable`, which tells why each way failed, or `.unwritable`.
    @Sendable func obtain(cache: String?, progress: @escaping (String) -> Void) throws(DatasetError) -> String {
        let cache = try DatasetCache.folder(cache)
        let folder = FilePath.join(cache, name)
        if try isWhole(folder) { return folder }

        try Folder.make(cache)
        try DatasetCache.checkRoom(neededBytes, at: cache)
        let work = try Folder.makeWork(in: cache)
        defer { try? FileManager.default.removeItem(atPath: work) }
        let made = FilePath.join(work, "made")
        try Folder.make(made)
        do throws(FetchFailure) {
            try prepare(Fetcher(work: work, searchPath: searchPath, progress: progress), made)
        } catch {
            throw error.asDatasetError(folder: folder, advice: "Check the network, then try again.")
        }
        let found = try ChecksumList.write(in: made, searchPath: searchPath)
        guard found == digest else {
            throw DatasetError(
                .unobtainable, file: folder, "its files were made with a list of SHA-256 \(found) instead of \(digest)",
                advice: "Try again; if it happens again, the packages or this program have changed.")
        }
        try replace(folder, by: made, keepingOldIn: work)
        return folder
    }

    private func isWhole(_ folder: String) throws(DatasetError) -> Bool {
        guard FileBytes.isFolder(folder) else { return false }
        return try ChecksumList.matches(digest, in: folder, searchPath: searchPath)
    }

    private func replace(_ folder: String, by made: String, keepingOldIn work: String) throws(DatasetError) {
        if rename(made, folder) == 0 { return }
        // Something is there: damaged, or by now made by another run, which then has done the work.
        if try isWhole(folder) { return }
        guard rename(folder, FilePath.join(work, "replaced")) == 0, rename(made, folder) == 0 else {
            throw FileBytes.unwritable(folder, errno)
        }
    }
}
