import Foundation

/// Where data sets that were fetched are kept.
public enum DatasetCache {
    /// `$SUPERNET_CACHE`, else `$XDG_CACHE_HOME/supernet`, else `~/.cache/supernet`.
    ///
    /// Empty variables count as unset, as does a relative `XDG_CACHE_HOME` (XDG Base Directory Specification).
    ///
    /// - Throws: `DatasetError` when none of these and no `HOME` is set.
    public static func defaultFolder(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(DatasetError) -> String {
        if let folder = environment["SUPERNET_CACHE"], !folder.isEmpty { return folder }
        if let folder = environment["XDG_CACHE_HOME"], folder.hasPrefix("/") { return Folder.join(folder, "supernet") }
        if let home = environment["HOME"], !home.isEmpty { return Folder.join(home, ".cache/supernet") }
        throw DatasetError(
            .unobtainable, "there is no folder to keep data sets in",
            advice: "Set SUPERNET_CACHE to a folder that may be written to.")
    }

    /// The folder that was chosen, or else the default.
    static func folder(_ chosen: String?) throws(DatasetError) -> String {
        if let chosen { return chosen }
        return try defaultFolder()
    }

    /// Makes a folder and those above it.
    static func makeFolder(_ path: String) throws(DatasetError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw FileBytes.unwritable(path, systemCode(of: error))
        }
    }

    /// Copies a file to a path at which there is none.
    static func copyFile(_ source: String, to path: String) throws(DatasetError) {
        try FileBytes.check(source)
        do {
            try FileManager.default.copyItem(atPath: source, toPath: path)
        } catch {
            throw FileBytes.unwritable(path, systemCode(of: error))
        }
    }

    /// The system's number for an error of Foundation.
    private static func systemCode(of error: any Error) -> Int32 {
        let code = (error as NSError).userInfo[NSUnderlyingErrorKey].flatMap { ($0 as? NSError)?.code }
        return code.map { Int32(clamping: $0) } ?? errno
    }

    /// A new folder in `parent` for unfinished work, which a rename within the same disk ends. Those that killed runs
    /// left behind a day ago or earlier are removed.
    static func makeWorkFolder(in parent: String) throws(DatasetError) -> String {
        removeAbandonedWork(in: parent)
        var template = Array(Folder.join(parent, "\(workPrefix)XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw FileBytes.unwritable(parent, errno) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// - Throws: `DatasetError` of kind `.unwritable` when the disk that holds `folder` has fewer bytes free.
    static func checkRoom(_ neededBytes: Int, at folder: String) throws(DatasetError) {
        guard let free = freeBytes(at: folder), free < neededBytes else { return }
        throw .outOfSpace(folder, "\(free / 1_000_000) MB are free, \(neededBytes / 1_000_000) MB are needed")
    }

    /// A path that is the same from wherever a program is run.
    static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : Folder.join(FileManager.default.currentDirectoryPath, path)
    }

    /// Bytes free for this user on the disk that holds `path`; nil when the system does not say.
    static func freeBytes(at path: String) -> Int? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }

    private static let workPrefix = ".unfinished-"

    private static func removeAbandonedWork(in parent: String) {
        let manager = FileManager.default
        for name in (try? manager.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(workPrefix) {
            let path = Folder.join(parent, name)
            let changed = (try? manager.attributesOfItem(atPath: path))?[.modificationDate] as? Date
            if let changed, changed < Date(timeIntervalSinceNow: -86_400) { try? manager.removeItem(atPath: path) }
        }
    }
}
