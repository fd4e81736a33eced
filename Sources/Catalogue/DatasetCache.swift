import Datasets
import Foundation
import Support

/// The folder in which data sets are kept that were fetched or rendered by name.
public enum DatasetCache {
    /// The folder that the environment names: `$SUPERNET_CACHE`, else `$XDG_CACHE_HOME/supernet`, else
    /// `~/.cache/supernet`.
    ///
    /// Empty variables count as unset, as does a relative `XDG_CACHE_HOME` (XDG Base Directory Specification).
    ///
    /// - Throws: `DatasetError` when none of these and no `HOME` is set.
    public static func defaultFolder(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(DatasetError) -> String {
        if let folder = environment["SUPERNET_CACHE"], !folder.isEmpty { return folder }
        if let folder = environment["XDG_CACHE_HOME"], folder.hasPrefix("/") {
            return FilePath.join(folder, "supernet")
        }
        if let home = environment["HOME"], !home.isEmpty { return FilePath.join(home, ".cache/supernet") }
        throw DatasetError(
            .unobtainable, "there is no folder to keep data sets in",
            advice: "Set SUPERNET_CACHE to a folder that may be written to.")
    }

    /// The folder that was chosen, or else the default, as an absolute path.
    static func folder(_ chosen: String?) throws(DatasetError) -> String {
        if let chosen { return Folder.absolute(chosen) }
        return Folder.absolute(try defaultFolder())
    }

    /// Refuses to begin what will not fit.
    ///
    /// - Throws: `DatasetError` of kind `.unwritable` when the disk that holds `folder` has fewer bytes free.
    static func checkRoom(_ neededBytes: Int, at folder: String) throws(DatasetError) {
        var status = statvfs()
        // Where the system does not say, writing will tell.
        guard statvfs(folder, &status) == 0 else { return }
        let free = Int(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
        guard free < neededBytes else { return }
        throw .outOfSpace(folder, "\(free / 1_000_000) MB are free, \(neededBytes / 1_000_000) MB are needed")
    }
}
