/// How a data set lies on the disk.
public enum DatasetLayout: String, Sendable, Codable, CaseIterable {
    /// Folders `train` and `val` or `test`, each with class folders, or the latter with images that a list labels.
    case splitFolders = "split-folders"
    /// Class folders.
    case classFolders = "class-folders"
    /// List files `train`, `val`, `test`, or one list.
    case lists
    /// Pairs of IDX files.
    case idx
}

/// A data set's parts, all labelled by the classes of `train`.
public struct OpenedDataset: Sendable {
    /// The layout that was found; nil for a data set that was not read from a disk.
    public let layout: DatasetLayout?
    /// The training part; of a data set without parts, all of it.
    public let train: any ImageDataset
    /// The validation part; nil where the data set has none.
    public let validation: (any ImageDataset)?
    /// The test part; nil where the data set has none.
    public let test: (any ImageDataset)?

    /// Puts parts together that are labelled alike: by the class names of `train`, which is not checked.
    public init(
        layout: DatasetLayout? = nil, train: any ImageDataset, validation: (any ImageDataset)? = nil,
        test: (any ImageDataset)? = nil
    ) {
        self.layout = layout
        self.train = train
        self.validation = validation
        self.test = test
    }

    /// The classes of the training part; a label of any part is an index into them.
    public var classNames: [String] { train.classNames }
}

/// Opens the data set at `path`, whatever its layout:
///
/// - a folder with `train` and, if there are, `val` (or `valid`, `validation`) and `test` folders of class folders; of
///   the latter each may hold its images directly, as ImageNet's `val` does, if a list beside it or in it labels them
///   (`FlatFolderDataset`) whose name contains the part's, such as `val.txt` or `LOC_val_solution.csv`;
/// - a folder with lists `train.csv` (or `.tsv`, `.txt`, `.lst`) and likewise `val` and `test`;
/// - a folder with IDX pairs, `*-images-idx3-ubyte` and `*-labels-idx1-ubyte`, gzipped or not, whose names contain
///   `train`, `val`, or `test` or `t10k`;
/// - a folder of class folders;
/// - a list file, or the file of images of one IDX pair.
///
/// Where a class index (`ClassIndex.fileNames`) lies in the folder beside `train` or beside the class folders, the
/// classes have its order and names; otherwise those of the folders, sorted byte by byte.
///
/// Lists and IDX pairs come before class folders, since their images may lie in folders beside them. A part is never
/// read twice: of an IDX file that is there gzipped and plain, the plain one is read; two other candidates for the
/// same part, or two layouts, are an error rather than a guess.
///
/// - Parameters:
///   - path: a folder or a file, as above.
///   - layout: the only layout to look for in a folder. Nil: all. A file tells by itself.
/// - Throws: `DatasetError` of kind `.unrecognised`, which tells what was looked for and what was found, or as the
///   readers throw.
public func openDataset(at path: String, layout: DatasetLayout? = nil) throws(DatasetError) -> OpenedDataset {
    guard FileBytes.isFolder(path) else { return try openFile(at: path) }
    let survey = try LayoutSurvey(of: path)
    let found = survey.layouts(only: layout)
    guard let first = found.first else {
        throw DatasetError(.unrecognised, file: path, problems: survey.account(layout), advice: LayoutSurvey.advice)
    }
    guard found.count == 1 else {
        throw DatasetError(
            .unrecognised, file: path,
            "holds data sets of \(found.count) layouts: " + found.map(\.rawValue).joined(separator: ", "),
            advice: "Say which layout is meant, or give the path of one of its files or folders.")
    }
    let parts = try survey.parts(for: first)
    switch first {
    case .classFolders, .splitFolders:
        let train = try openTrainingFolder(parts.train, index: survey.classIndex())
        func heldOut(_ path: String?) throws(DatasetError) -> (any ImageDataset)? {
            try path.map { path throws(DatasetError) in
                try openHeldOutFolder(path, survey: survey, classes: train.classes)
            }
        }
        return OpenedDataset(
            layout: first, train: train, validation: try heldOut(parts.validation), test: try heldOut(parts.test))
    case .lists:
        return try assemble(parts, first) { path, classNames throws(DatasetError) in
            try ListDataset(at: path, classNames: classNames)
        }
    case .idx:
        return try assemble(parts, first) { path, classNames throws(DatasetError) in
            try openIDX(images: path, classNames: classNames)
        }
    }
}

extension OpenedDataset {
    /// The same, but a validation part without a test part becomes the test part. Where only one part is held out,
    /// networks are finally judged by it, as by ImageNet's `val`; a network that was chosen on it would be judged by the
    /// very images that chose it. Choices then need a split of the training images.
    public var keepingFinalScore: OpenedDataset {
        guard test == nil, let validation else { return self }
        return OpenedDataset(layout: layout, train: train, test: validation)
    }
}

/// Opens each part, those after the first with the first one's class names.
private func assemble(
    _ parts: LayoutSurvey.Parts, _ layout: DatasetLayout,
    open: (String, [String]?) throws(DatasetError) -> any ImageDataset
) throws(DatasetError) -> OpenedDataset {
    let train = try open(parts.train, nil)
    func heldOut(_ path: String?) throws(DatasetError) -> (any ImageDataset)? {
        try path.map { path throws(DatasetError) in try open(path, train.classNames) }
    }
    return OpenedDataset(
        layout: layout, train: train, validation: try heldOut(parts.validation), test: try heldOut(parts.test))
}

private func openTrainingFolder(_ path: String, index: String?) throws(DatasetError) -> ImageFolderDataset {
    guard let index else { return try ImageFolderDataset(at: path) }
    let folders = try Folder.list(path).folders
    return try ImageFolderDataset(at: path, classes: ClassIndex(contentsOf: index, folders: folders))
}

/// A folder of class folders, or of images with a list of labels.
private func openHeldOutFolder(
    _ path: String, survey: LayoutSurvey, classes: ClassIndex
) throws(DatasetError) -> any ImageDataset {
    let listing = try Folder.list(path)
    guard listing.folders.isEmpty, listing.files.contains(where: ImageFolderDataset.isImage) else {
        return try ImageFolderDataset(at: path, classes: classes)
    }
    return try FlatFolderDataset(at: path, labelledBy: survey.labels(ofFlat: path), classes: classes)
}

private func openFile(at path: String) throws(DatasetError) -> OpenedDataset {
    if LayoutSurvey.isIDXImages(path) {
        return OpenedDataset(layout: .idx, train: try openIDX(images: path, classNames: nil))
    }
    if LayoutSurvey.listExtensions.contains(where: { path.lowercased().hasSuffix(".\($0)") }) {
        return OpenedDataset(layout: .lists, train: try ListDataset(at: path))
    }
    // A path that cannot be read at all is reported as that.
    try FileBytes.check(path)
    let what = ImageFolderDataset.isImage(path) ? "is a single image" : "is neither a list nor a file of IDX images"
    throw DatasetError(.unrecognised, file: path, what, advice: LayoutSurvey.advice)
}

private func openIDX(images: String, classNames: [String]?) throws(DatasetError) -> IDXDataset {
    let (folder, name) = LayoutSurvey.split(images)
    let partners = LayoutSurvey.labelNames(forImages: name)
    guard let labels = partners.map({ folder + $0 }).first(where: FileBytes.isFile) else {
        throw DatasetError(
            .unreadable, file: images, "has no labels beside it; looked for \(partners.joined(separator: " and "))",
            advice: "Put the labels of the same split into the same folder.")
    }
    return try IDXDataset(images: images, labels: labels, classNames: classNames)
}
