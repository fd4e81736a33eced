/// Finds the images that a list names, as lists come to lie beside images: with the slashes of another system, with
/// ids in place of names, with folders that were left out, or those of the machine that wrote it.
struct ListPaths {
    /// What a written path means.
    enum Finding {
        /// The image lies at a path, absolute or from the list's folder.
        case found(String)
        case missing
        /// Several images, of which none is meant more than the others.
        case several([String])
    }

    /// The list's folder, empty or ending in a slash.
    let folder: String
    private let checksFiles: Bool
    /// The paths of images below the folder by their name in lower case, and by the same without its ending; made when
    /// first a path is not where it says.
    private var index: [String: [String]]?
    /// The first image that was found in another place than the list says, and how many were.
    private(set) var moved: (written: String, found: String, count: Int)?

    /// The depth below the list's folder down to which images are looked for.
    private static let depth = 4

    /// Looks for images from a folder on.
    ///
    /// - Parameters:
    ///   - folder: of the list; empty or ending in a slash.
    ///   - checksFiles: whether to look at the disk at all.
    init(folder: String, checksFiles: Bool) {
        self.folder = folder
        self.checksFiles = checksFiles
    }

    /// What a path means. An image below the list's folder is taken for it if the path is the end of the image's, or
    /// the image's the end of the path, if need be without the ending of its name; of several those that lie in a
    /// folder of the part `role`, and those that are written alike in upper and lower case.
    mutating func find(_ written: String, role: SplitRole? = nil) -> Finding {
        guard checksFiles else { return .found(written) }
        if FileBytes.isFile(ListReader.resolve(written, in: folder)) { return .found(written) }
        let path = Self.normalised(written)
        if path != written, FileBytes.isFile(ListReader.resolve(path, in: folder)) { return .found(path) }
        let candidates = candidates(for: path, role: role)
        guard let only = candidates.first else { return .missing }
        guard candidates.count == 1 else { return .several(candidates) }
        if Folder.stem(only) != path {
            moved = (moved?.written ?? written, moved?.found ?? only, (moved?.count ?? 0) + 1)
        }
        return .found(only)
    }

    /// Gives one of the images below the list's folder, to show how such a path looks; nil for none.
    mutating func example() -> String? {
        loadIndex()
        return index?.values.lazy.flatMap { $0 }.min(by: Folder.precedes)
    }

    /// The path with slashes, without steps that lead nowhere: `a//b`, `./a/b` and `a\b` are one.
    static func normalised(_ path: String) -> String {
        let slashed = path.contains("\\") ? String(path.map { $0 == "\\" ? "/" : $0 }) : path
        guard slashed.hasPrefix("./") || slashed.contains("//") || slashed.contains("/./") else { return slashed }
        let steps = slashed.split(separator: "/").filter { $0 != "." }
        return (slashed.hasPrefix("/") ? "/" : "") + steps.joined(separator: "/")
    }

    private mutating func candidates(for path: String, role: SplitRole?) -> [String] {
        guard !path.split(separator: "/").contains("..") else { return [] }
        loadIndex()
        let wanted = path.lowercased()
        let hasEnding = ImageFolderDataset.isImage(path)
        func matches(_ found: String) -> Bool {
            let image = hasEnding ? found.lowercased() : Folder.stem(found).lowercased()
            return image == wanted || image.hasSuffix("/\(wanted)") || wanted.hasSuffix("/\(image)")
        }
        var all = (index?[Folder.split(wanted).name] ?? []).filter(matches)
        func narrow(_ isMeant: (String) -> Bool) {
            let meant = all.filter(isMeant)
            if all.count > 1, !meant.isEmpty { all = meant }
        }
        narrow { image in
            image.split(separator: "/").dropLast().contains { role != nil && SplitRole(named: $0) == role }
        }
        narrow { Folder.split($0).name.hasPrefix(Folder.split(path).name) }
        return all.sorted(by: Folder.precedes)
    }

    private mutating func loadIndex() {
        guard index == nil else { return }
        var found: [String: [String]] = [:]
        var pending = [(path: "", depth: 0)]
        while let (path, depth) = pending.popLast() {
            // What cannot be read holds nothing that was meant.
            let whole = folder + path
            guard let listing = try? Folder.list(whole.isEmpty ? "." : whole) else { continue }
            for name in listing.files where ImageFolderDataset.isImage(name) {
                let image = path.isEmpty ? name : "\(path)/\(name)"
                found[name.lowercased(), default: []].append(image)
                found[Folder.stem(name).lowercased(), default: []].append(image)
            }
            if depth < Self.depth {
                pending += listing.folders.map { (path.isEmpty ? $0 : "\(path)/\($0)", depth + 1) }
            }
        }
        index = found
    }
}
