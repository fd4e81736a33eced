import Foundation
import Support

/// Folders: their listings, in an order that is the same on every machine (by the bytes of the names), and new ones.
package enum Folder {
    /// What a folder holds, hidden entries (whose names begin with a dot) left out, each list sorted.
    package struct Listing {
        package var files: [String] = []
        package var folders: [String] = []
        /// Folders that systems and programs leave behind, which are nobody's images.
        var leftovers: [String] = []
    }

    /// The names, in lower case, of what archives of a Mac, servers, and the systems' own waste baskets leave in any
    /// folder.
    private static let leftovers: Set<String> = [
        "__macosx", "@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found", "__pycache__",
    ]

    /// Lists the names of the files and folders directly in `path`. Links are followed; broken links, things that are
    /// neither file nor folder, and leftovers are left out.
    ///
    /// - Throws: `DatasetError` when the folder cannot be read, or holds a name that is not UTF-8.
    package static func list(_ path: String) throws(DatasetError) -> Listing {
        guard let directory = opendir(path) else { throw FileBytes.unreadable(path, errno) }
        defer { closedir(directory) }
        var listing = Listing()
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                guard errno == 0 else { throw FileBytes.unreadable(path, errno) }
                break
            }
            let capacity = MemoryLayout.size(ofValue: entry.pointee.d_name)
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: capacity) { String(validatingCString: $0) }
            }
            guard let name else {
                throw DatasetError(
                    .unreadable, file: path, "holds a file whose name is not UTF-8",
                    advice: "Rename it; `ls -b` shows such names.")
            }
            if name.hasPrefix(".") { continue }
            if leftovers.contains(name.lowercased()) {
                listing.leftovers.append(name)
                continue
            }
            switch Int32(entry.pointee.d_type) {
            case Int32(DT_REG): listing.files.append(name)
            case Int32(DT_DIR): listing.folders.append(name)
            case Int32(DT_LNK), Int32(DT_UNKNOWN):
                let whole = FilePath.join(path, name)
                if FileBytes.isFile(whole) {
                    listing.files.append(name)
                } else if FileBytes.isFolder(whole) {
                    listing.folders.append(name)
                }
            default: break
            }
        }
        listing.files.sort(by: precedes)
        listing.folders.sort(by: precedes)
        listing.leftovers.sort(by: precedes)
        return listing
    }

    /// Paths, relative to `path`, of the files below it that `matches` takes by name: sorted by folder, then by name.
    /// A folder that links lead to more than once, or back to from below, is read once.
    package static func files(below path: String, where matches: (String) -> Bool) throws(DatasetError) -> [String] {
        var found: [(folder: String, names: [String])] = []
        var seen: Set<Identity> = []
        var pending = [""]
        while let relative = pending.popLast() {
            let whole = relative.isEmpty ? path : FilePath.join(path, relative)
            guard seen.insert(try identity(of: whole)).inserted else { continue }
            let listing = try list(whole)
            found.append((relative, listing.files.filter(matches)))
            pending += listing.folders.reversed().map { relative.isEmpty ? $0 : FilePath.join(relative, $0) }
        }
        found.sort { precedes($0.folder, $1.folder) }
        return found.flatMap { folder, names in folder.isEmpty ? names : names.map { FilePath.join(folder, $0) } }
    }

    /// What tells one folder from another whatever path leads to it.
    private struct Identity: Hashable {
        let device: UInt64
        let node: UInt64
    }

    private static func identity(of path: String) throws(DatasetError) -> Identity {
        var status = stat()
        guard stat(path, &status) == 0 else { throw FileBytes.unreadable(path, errno) }
        return Identity(device: UInt64(status.st_dev), node: UInt64(status.st_ino))
    }

    /// Byte order of the UTF-8, which is also the order of the code points.
    package static func precedes(_ a: String, _ b: String) -> Bool {
        a.utf8.lexicographicallyPrecedes(b.utf8)
    }

    /// Divides a path into its folder, empty or ending in a slash, and the name in it.
    package static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[...slash]), String(path[path.index(after: slash)...]))
    }

    /// Gives a file's name without its extension.
    static func stem(_ name: String) -> String {
        name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    }
}

// MARK: - Making

extension Folder {
    /// Makes a folder and those above it, where they are missing.
    ///
    /// - Throws: `DatasetError` of kind `.unwritable`.
    package static func make(_ path: String) throws(DatasetError) {
        try FileBytes.writing(path) { try FilePath.makeFolder(path) }
    }

    /// Makes a new folder in `parent` for unfinished work, which a rename within the same disk ends. Those that killed
    /// runs left behind a day ago or earlier are removed.
    ///
    /// - Throws: `DatasetError` of kind `.unwritable`.
    package static func makeWork(in parent: String) throws(DatasetError) -> String {
        let prefix = ".unfinished-"
        let manager = FileManager.default
        for name in (try? manager.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
            let path = FilePath.join(parent, name)
            let changed = (try? manager.attributesOfItem(atPath: path))?[.modificationDate] as? Date
            if let changed, changed < Date(timeIntervalSinceNow: -86_400) { try? manager.removeItem(atPath: path) }
        }
        var template = Array(FilePath.join(parent, "\(prefix)XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw FileBytes.unwritable(parent, errno) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A path that means the same from wherever a program is run.
    package static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FilePath.join(FileManager.default.currentDirectoryPath, path)
    }
}
