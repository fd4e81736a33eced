import Support

/// Looks into folders to tell what they are for. What cannot be read holds nothing.
enum FolderLook {
    static func listing(_ path: String) -> Folder.Listing {
        (try? Folder.list(path)) ?? Folder.Listing()
    }

    /// Images directly in a folder.
    static func images(in path: String) -> Int {
        listing(path).files.count(where: ImageFolderDataset.isImage)
    }

    /// Whether any image lies in the folder or a few folders deep below it.
    static func holdsImages(below path: String, depth: Int = 3) -> Bool {
        holds(below: path, depth: depth, ImageFolderDataset.isImage)
    }

    /// Whether any file of such a name lies in the folder or a few folders deep below it.
    static func holds(below path: String, depth: Int, _ matches: (String) -> Bool) -> Bool {
        let listing = listing(path)
        if listing.files.contains(where: matches) { return true }
        return depth > 0
            && listing.folders.contains { holds(below: FilePath.join(path, $0), depth: depth - 1, matches) }
    }

    /// The names of the folders in a folder: where it holds one folder and no image, of those in that one.
    static func folders(in path: String) -> [String] {
        var path = path
        for _ in 0..<2 {
            let found = listing(path)
            guard found.folders.count == 1, !found.files.contains(where: ImageFolderDataset.isImage) else {
                return found.folders
            }
            path = FilePath.join(path, found.folders[0])
        }
        return listing(path).folders
    }

    /// The first folder on the way down that holds more than one folder; nil where images, or nothing, come first.
    static func fork(below path: String, depth: Int = 4) -> String? {
        var path = path
        for _ in 0..<depth {
            let found = listing(path)
            if found.folders.count > 1 { return path }
            guard found.folders.count == 1, !found.files.contains(where: ImageFolderDataset.isImage) else { return nil }
            path = FilePath.join(path, found.folders[0])
        }
        return nil
    }

    /// The archives among files, in words; nil where there are none.
    static func archives(_ files: [String]) -> String? {
        let found = files.filter(isArchive)
        guard let first = found.first else { return nil }
        return found.count == 1 ? "an archive, \(first)" : "\(found.count) archives, such as \(first)"
    }

    /// Whether a file's name is that of an archive.
    static func isArchive(_ name: String) -> Bool {
        [".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".7z", ".rar"].contains {
            name.lowercased().hasSuffix($0)
        }
    }

    /// The first names of several.
    static func listed(_ names: [String], _ count: Int = 4) -> String {
        names.prefix(count).joined(separator: ", ") + (names.count > count ? ", ..." : "")
    }
}
