/// What a folder holds, judged by names alone, and which layouts these make.
struct LayoutSurvey {
    /// Paths of the parts of one data set.
    struct Parts {
        var train: String
        var validation: String?
        var test: String?
    }

    private enum Role: String, CaseIterable {
        case train, validation, test
    }

    static let listExtensions = ["csv", "tsv", "txt", "lst"]

    static let advice = """
        Give a folder of class folders; a folder with train and val or test folders of class folders, or of images \
        that a list such as val.txt labels; a list \
        (path,label) or a folder with train.csv and val.csv or test.csv; or IDX files such as \
        train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz.
        """

    private let path: String
    private let listing: Folder.Listing
    /// Candidates for each part.
    private var folders: [Role: [String]] = [:]
    private var lists: [Role: [String]] = [:]
    private var idx: [Role: [String]] = [:]
    private var isSplit = false

    init(of path: String) throws(DatasetError) {
        self.path = path
        listing = try Folder.list(path)
        for name in listing.folders {
            if let role = Self.role(named: name.lowercased()) { folders[role, default: []].append(name) }
        }
        for name in listing.files {
            if Self.isIDXImages(name) {
                // Of a file that is here plain and gzipped, the plain one counts.
                if name.hasSuffix(".gz"), listing.files.contains(String(name.dropLast(3))) { continue }
                idx[Self.role(within: name.lowercased()), default: []].append(name)
            } else if let dot = name.lastIndex(of: "."),
                Self.listExtensions.contains(name[name.index(after: dot)...].lowercased()),
                let role = Self.role(named: name[..<dot].lowercased())
            {
                lists[role, default: []].append(name)
            }
        }
        if let train = folders[.train]?.first {
            // A class may be named "train". Its folder then holds images, or stands among those of other classes.
            let hasClasses = try !Folder.list(Folder.join(path, train)).folders.isEmpty
            let count = folders.values.reduce(0) { $0 + $1.count }
            isSplit = hasClasses && (count > 1 || listing.folders.count == 1)
        }
    }

    /// The layouts found, or of them the one that is wanted.
    func layouts(only wanted: DatasetLayout?) -> [DatasetLayout] {
        var found: [DatasetLayout] = []
        if isSplit { found.append(.splitFolders) }
        if lists[.train] != nil { found.append(.lists) }
        if idx[.train] != nil { found.append(.idx) }
        if !listing.folders.isEmpty, found.isEmpty || wanted == .classFolders { found.append(.classFolders) }
        return wanted.map { wanted in found.filter { $0 == wanted } } ?? found
    }

    /// - Throws: `DatasetError` when two files or folders claim to be the same part.
    func parts(for layout: DatasetLayout) throws(DatasetError) -> Parts {
        let candidates: [Role: [String]]
        switch layout {
        case .classFolders: return Parts(train: path)
        case .splitFolders: candidates = folders
        case .lists: candidates = lists
        case .idx: candidates = idx
        }
        let rivals = Role.allCases.compactMap { role in
            candidates[role].flatMap { $0.count > 1 ? (role, $0.joined(separator: ", ")) : nil }
        }
        guard rivals.isEmpty else {
            throw DatasetError(
                .unrecognised, file: path,
                problems: rivals.map { .init("several candidates for the \($0.rawValue) part: \($1)") },
                advice: "Keep one for each part, or give the path of the one that is meant.")
        }
        func part(_ role: Role) -> String? {
            candidates[role]?.first.map { Folder.join(path, $0) }
        }
        return Parts(train: part(.train) ?? path, validation: part(.validation), test: part(.test))
    }

    /// The class index that lies in the folder; nil for none.
    ///
    /// - Throws: `DatasetError` when there are several.
    func classIndex() throws(DatasetError) -> String? {
        let known = ClassIndex.fileNames.map { $0.lowercased() }
        let found = listing.files.filter { known.contains($0.lowercased()) }
        guard found.count <= 1 else {
            throw DatasetError(
                .unrecognised, file: path, "several class indices: \(found.joined(separator: ", "))",
                advice: "Keep the one that names the classes as they should be called.")
        }
        return found.first.map { Folder.join(path, $0) }
    }

    /// The list that labels the images directly in a part's folder: beside the folder or in it, named for the part
    /// as `val.txt`, `LOC_val_solution.csv` and `ILSVRC2012_val_labels.txt` are for `val`.
    ///
    /// - Throws: `DatasetError` when there is none, or several.
    func labels(ofFlat part: String) throws(DatasetError) -> String {
        let name = Self.split(part).name
        let role = Self.role(named: name.lowercased())
        let inside = try Folder.list(part).files
        let found =
            listing.files.filter { Self.isLabelList($0, for: role) }.map { Folder.join(path, $0) }
            + inside.filter { Self.isLabelList($0, for: role) }.map { Folder.join(part, $0) }
        guard let list = found.first else {
            let images = inside.count(where: ImageFolderDataset.isImage)
            throw DatasetError(
                .unrecognised, file: part, "\(images) images lie directly in it, so that they have no class",
                advice: """
                    Put their labels beside the folder: \(name).txt, with lines such as `\(
                        inside.first(where: ImageFolderDataset.isImage) ?? "")` and the class folder, or Kaggle's \
                    LOC_\(name)_solution.csv. Or move the images into class folders as in the training part, or, where \
                    there are no labels, move \(name) away.
                    """)
        }
        guard found.count == 1 else {
            throw DatasetError(
                .unrecognised, file: part, "several lists of labels: \(found.joined(separator: ", "))",
                advice: "Keep one of them.")
        }
        return list
    }

    /// Why no layout was found.
    func account(_ wanted: DatasetLayout?) -> [DatasetError.Problem] {
        var problems = [
            DatasetError.Problem("no data set of a known layout" + (wanted.map { " (\($0.rawValue))" } ?? ""))
        ]
        let images = listing.files.count(where: ImageFolderDataset.isImage)
        if images > 0 { problems.append(.init("\(images) images lie directly in it, so that they have no class")) }
        for (kind, found) in [("list", lists), ("pair of IDX files", idx)] where !found.isEmpty {
            let names = Role.allCases.flatMap { found[$0] ?? [] }.joined(separator: ", ")
            problems.append(.init("no \(kind) for training beside \(names)"))
        }
        problems.append(.init("it holds \(listing.folders.count) folders and \(listing.files.count) files"))
        return problems
    }

    // MARK: - Names

    private static func role(named name: String) -> Role? {
        switch name {
        case "train", "training": .train
        case "val", "valid", "validation": .validation
        case "test", "testing": .test
        default: nil
        }
    }

    /// Whether a file's name is that of a list with a word that stands for the part.
    private static func isLabelList(_ name: String, for role: Role?) -> Bool {
        let name = name.lowercased()
        let words = stem(name).split { !$0.isLetter && !$0.isNumber }
        return role != nil && listExtensions.contains(where: { name.hasSuffix(".\($0)") })
            && words.contains { self.role(named: String($0)) == role }
    }

    private static func role(within name: String) -> Role {
        if name.contains("t10k") || name.contains("test") { return .test }
        return name.contains("val") ? .validation : .train
    }

    /// Whether a file's name is that of IDX images: `train-images-idx3-ubyte`, `train-images.idx3-ubyte`, and so on.
    static func isIDXImages(_ path: String) -> Bool {
        let name = split(path).name
        let stem = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
        return stem.contains("images") && stem.hasSuffix("idx3-ubyte")
    }

    /// Names that the labels of such a file go by, the likeliest first.
    static func labelNames(forImages name: String) -> [String] {
        let compressed = name.hasSuffix(".gz")
        var stem = compressed ? String(name.dropLast(3)) : name
        for (part, replacement) in [("images", "labels"), ("idx3", "idx1")] {
            guard let range = stem.lastRange(of: part) else { continue }
            stem.replaceSubrange(range, with: replacement)
        }
        return compressed ? ["\(stem).gz", stem] : [stem, "\(stem).gz"]
    }

    /// A path's folder, empty or ending in a slash, and the name in it.
    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[...slash]), String(path[path.index(after: slash)...]))
    }

    /// A file's name without its extension.
    static func stem(_ name: String) -> String {
        name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    }
}

extension String {
    fileprivate func lastRange(of part: String) -> Range<String.Index>? {
        ranges(of: part).last
    }
}
