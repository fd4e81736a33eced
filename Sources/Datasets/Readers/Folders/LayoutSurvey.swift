import Support

/// What a folder holds, judged by names alone, and which layouts these make.
struct LayoutSurvey {
    /// The paths of the parts of one data set.
    struct Parts {
        var train: String
        var validation: String?
        var test: String?
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
    private var folders: [SplitRole: [String]] = [:]
    private var lists: [SplitRole: [String]] = [:]
    private var idx: [SplitRole: [String]] = [:]
    private var isSplit = false
    /// Lists beside images that have no class otherwise; one of them is the data set's.
    private(set) var lonelyLists: [String] = []

    init(of path: String) throws(DatasetError) {
        self.path = path
        listing = try Folder.list(path)
        for name in listing.folders {
            if let role = SplitRole(named: name) { folders[role, default: []].append(name) }
        }
        // Beside `train`, `train_images` is of something else.
        folders = folders.mapValues { names in
            let plain = names.filter { SplitRole(word: $0) != nil }
            return plain.isEmpty ? names : plain
        }
        for name in listing.files where Self.isIDXImages(name) {
            // Of a file that is here plain and gzipped, the plain one counts.
            if name.hasSuffix(".gz"), listing.files.contains(String(name.dropLast(3))) { continue }
            idx[Self.role(within: name.lowercased()), default: []].append(name)
        }
        isSplit = try findsSplit()
        let named = listing.files.filter(Self.isList)
        for name in named {
            if let role = SplitRole(word: Folder.stem(name)) { lists[role, default: []].append(name) }
        }
        // Beside class folders, lists under longer names are of something else.
        guard lists[.train] == nil, !isSplit else { return }
        for name in named where SplitRole(word: Folder.stem(name)) == nil {
            if let role = SplitRole(named: Folder.stem(name)) { lists[role, default: []].append(name) }
        }
        guard lists[.train] == nil else { return }
        lonelyLists = findsLonelyLists()
        if lonelyLists.count == 1 { lists = [.train: lonelyLists] }
    }

    /// Whether the folders are the parts of a data set, each with class folders.
    private func findsSplit() throws(DatasetError) -> Bool {
        guard let train = folders[.train]?.first else { return false }
        let part = try Folder.list(FilePath.join(path, train))
        guard !part.folders.isEmpty else { return false }
        // A class may be named "train". Its folder then holds images, or stands among those of other classes.
        let count = folders.values.reduce(0) { $0 + $1.count }
        if count > 1 || listing.folders.count == 1 { return true }
        let holdsImages = part.files.contains(where: ImageFolderDataset.isImage)
        return !holdsImages
            && !listing.folders.contains { $0 != train && FolderLook.holdsImages(below: FilePath.join(path, $0)) }
    }

    /// Lists that may label a folder's images, where the folders in it, if there are any, are no classes.
    private func findsLonelyLists() -> [String] {
        let isOne =
            listing.folders.count == 1 && FolderLook.listing(FilePath.join(path, listing.folders[0])).folders.isEmpty
        let areNoClasses =
            isOne
            || listing.folders.allSatisfy {
                SplitRole(named: $0) != nil || ForeignLayout.imageFolders.contains($0.lowercased())
            }
        let hasImages = listing.files.contains(where: ImageFolderDataset.isImage) || !listing.folders.isEmpty
        guard areNoClasses, hasImages, idx.isEmpty else { return [] }
        return listing.files.filter { name in
            let words = Set(SplitRole.words(of: Folder.stem(name)))
            let isTable = ["csv", "tsv"].contains { name.lowercased().hasSuffix(".\($0)") }
            return Self.isList(name) && words.isDisjoint(with: ["submission", "sample"])
                && lists.values.allSatisfy { !$0.contains(name) } && !ClassIndex.isFileName(name)
                && (isTable || !words.isDisjoint(with: ["labels", "label", "list", "annotations", "images"]))
        }
    }

    /// Whether a file's name is that of a list.
    static func isList(_ name: String) -> Bool {
        let name = name.lowercased()
        return listExtensions.contains { name.hasSuffix(".\($0)") }
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

    /// Gives the parts of a layout that was found.
    ///
    /// - Throws: `DatasetError` when two files or folders claim to be the same part.
    func parts(for layout: DatasetLayout) throws(DatasetError) -> Parts {
        let candidates: [SplitRole: [String]]
        switch layout {
        case .classFolders: return Parts(train: path)
        case .splitFolders: candidates = folders
        case .lists: candidates = lists
        case .idx: candidates = idx
        case .ade20k, .cityscapes, .voc, .imagesAndMasks, .coco, .vocBoxes, .boxList: candidates = [:]
        }
        let rivals = SplitRole.allCases.compactMap { role in
            candidates[role].flatMap { $0.count > 1 ? (role, $0.joined(separator: ", ")) : nil }
        }
        guard rivals.isEmpty else {
            throw DatasetError(
                .unrecognised, file: path,
                problems: rivals.map { .init("several candidates for the \($0.rawValue) part: \($1)") },
                advice: "Keep one for each part, or give the path of the one that is meant.")
        }
        func part(_ role: SplitRole) -> String? {
            candidates[role]?.first.map { FilePath.join(path, $0) }
        }
        return Parts(train: part(.train) ?? path, validation: part(.validation), test: part(.test))
    }

    /// The class index that lies in the folder; nil for none.
    ///
    /// - Throws: `DatasetError` when there are several.
    func classIndex() throws(DatasetError) -> String? {
        try Self.classIndex(in: path, listing)
    }

    /// The class index that lies beside a list; nil for none.
    ///
    /// - Throws: `DatasetError` when there are several.
    static func classIndex(beside list: String) throws(DatasetError) -> String? {
        let (folder, name) = Folder.split(list)
        guard let index = try classIndex(in: folder, FolderLook.listing(folder.isEmpty ? "." : folder)) else {
            return nil
        }
        return Folder.split(index).name == name ? nil : index
    }

    private static func classIndex(in path: String, _ listing: Folder.Listing) throws(DatasetError) -> String? {
        let found = listing.files.filter(ClassIndex.isFileName)
        guard found.count <= 1 else {
            throw DatasetError(
                .unrecognised, file: path, "several class indices: \(found.joined(separator: ", "))",
                advice: "Keep the one that names the classes as they should be called.")
        }
        return found.first.map { path.isEmpty ? $0 : FilePath.join(path, $0) }
    }

    /// The list that labels the images directly in a part's folder: beside the folder or in it, named for the part
    /// as `val.txt`, `LOC_val_solution.csv` and `ILSVRC2012_val_labels.txt` are for `val`.
    ///
    /// - Throws: `DatasetError` when there is none, or several.
    func labels(ofFlat part: String) throws(DatasetError) -> String {
        let name = Folder.split(part).name
        let role = SplitRole(named: name)
        let inside = try Folder.list(part).files
        let found =
            listing.files.filter { Self.isLabelList($0, for: role) }.map { FilePath.join(path, $0) }
            + inside.filter { Self.isLabelList($0, for: role) }.map { FilePath.join(part, $0) }
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

    /// What a person should know of what lies in the folder and is passed over.
    var notes: [String] {
        var notes: [String] = []
        if !listing.leftovers.isEmpty {
            notes.append("passed over, as other systems leave them behind: \(FolderLook.listed(listing.leftovers))")
        }
        let images = listing.files.count(where: ImageFolderDataset.isImage)
        if images > 0 {
            notes.append(
                "\(images) image\(images == 1 ? " lies" : "s lie") directly in \(path), in no class, and \(images == 1 ? "is" : "are") passed over"
            )
        }
        if let archives = FolderLook.archives(listing.files) {
            notes.append("passed over in \(path): \(archives); unpack what images are in")
        }
        return notes
    }

    /// The error for a folder of archives without images; nil for any other folder.
    var archivesAlone: DatasetError? {
        guard let archives = FolderLook.archives(listing.files),
            !listing.files.contains(where: ImageFolderDataset.isImage)
        else { return nil }
        return DatasetError(
            .unrecognised, file: path, "holds \(archives)",
            advice: "Unpack first, and give the folder of what comes out.")
    }

    /// Why no layout was found.
    func account(_ wanted: DatasetLayout?) -> [DatasetError.Problem] {
        var problems = [
            DatasetError.Problem("no data set of a known layout" + (wanted.map { " (\($0.rawValue))" } ?? ""))
        ]
        let images = listing.files.count(where: ImageFolderDataset.isImage)
        if images > 0 { problems.append(.init("\(images) images lie directly in it, so that they have no class")) }
        for (kind, found) in [("list", lists), ("pair of IDX files", idx)] where !found.isEmpty {
            let names = SplitRole.allCases.flatMap { found[$0] ?? [] }.joined(separator: ", ")
            problems.append(.init("no \(kind) for training beside \(names)"))
        }
        if let archives = FolderLook.archives(listing.files) {
            problems.append(.init("it holds \(archives): unpack first"))
        }
        problems.append(.init("it holds \(listing.folders.count) folders and \(listing.files.count) files"))
        return problems
    }

    // MARK: - Names

    /// Whether a file's name is that of a list with a word that stands for the part.
    private static func isLabelList(_ name: String, for role: SplitRole?) -> Bool {
        role != nil && isList(name) && SplitRole.words(of: Folder.stem(name)).contains { SplitRole(word: $0) == role }
    }

    private static func role(within name: String) -> SplitRole {
        if name.contains("t10k") || name.contains("test") { return .test }
        return name.contains("val") ? .validation : .train
    }

    /// Whether a file's name is that of IDX images: `train-images-idx3-ubyte`, `train-images.idx3-ubyte`, and so on.
    static func isIDXImages(_ path: String) -> Bool {
        let name = Folder.split(path).name
        let stem = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
        return stem.contains("images") && stem.hasSuffix("idx3-ubyte")
    }

    /// Gives the names that the labels of such a file go by, the likeliest first.
    static func labelNames(forImages name: String) -> [String] {
        let compressed = name.hasSuffix(".gz")
        var stem = compressed ? String(name.dropLast(3)) : name
        for (part, replacement) in [("images", "labels"), ("idx3", "idx1")] {
            guard let range = stem.lastRange(of: part) else { continue }
            stem.replaceSubrange(range, with: replacement)
        }
        return compressed ? ["\(stem).gz", stem] : [stem, "\(stem).gz"]
    }
}

extension String {
    fileprivate func lastRange(of part: String) -> Range<String.Index>? {
        ranges(of: part).last
    }
}
