/// How a data set lies on the disk.
public enum DatasetLayout: String, Sendable, Codable, CaseIterable {
    /// Folders `train` and `val` or `test`, each with class folders.
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
/// - a folder with `train` and, if there are, `val` (or `valid`, `validation`) and `test` folders of class folders;
/// - a folder with lists `train.csv` (or `.tsv`, `.txt`, `.lst`) and likewise `val` and `test`;
/// - a folder with IDX pairs, `*-images-idx3-ubyte` and `*-labels-idx1-ubyte`, gzipped or not, whose names contain
///   `train`, `val`, or `test` or `t10k`;
/// - a folder of class folders;
/// - a list file, or the file of images of one IDX pair.
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
    let train = try openPart(parts.train, first, classNames: nil)
    return OpenedDataset(
        layout: first,
        train: train,
        validation: try parts.validation.map { path throws(DatasetError) in
            try openPart(path, first, classNames: train.classNames)
        },
        test: try parts.test.map { path throws(DatasetError) in
            try openPart(path, first, classNames: train.classNames)
        })
}

private func openPart(
    _ path: String, _ layout: DatasetLayout, classNames: [String]?
) throws(DatasetError) -> any ImageDataset {
    switch layout {
    case .splitFolders, .classFolders: try ImageFolderDataset(at: path, classNames: classNames)
    case .lists: try ListDataset(at: path, classNames: classNames)
    case .idx: try openIDX(images: path, classNames: classNames)
    }
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
