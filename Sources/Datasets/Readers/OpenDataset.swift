/// The layout of a data set on disk.
public enum DatasetLayout: String, Sendable, Codable, CaseIterable {
    /// Folders `train` and `val` or `test`, each with class folders, or the latter with images that a list labels.
    case splitFolders = "split-folders"
    /// A folder for each class.
    case classFolders = "class-folders"
    /// List files `train`, `val`, `test`, or one list.
    case lists
    /// Pairs of IDX files.
    case idx
    /// Images and label maps as ADE20K has them.
    case ade20k
    /// Images and label maps as Cityscapes has them.
    case cityscapes
    /// Images and label maps as Pascal VOC has them.
    case voc
    /// Folders `images` and `masks` of files with the same names, and `classes.txt`.
    case imagesAndMasks = "images-and-masks"
    /// Images and objects as COCO has them.
    case coco
    /// Images and boxes as Pascal VOC has them.
    case vocBoxes = "voc-boxes"
    /// Lists of boxes, one a line.
    case boxList = "box-list"
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
    /// What a person should know of how it was read: sentences about what was left out or understood in one of several
    /// ways. Whoever opens a data set for somebody says them.
    public let notes: [String]

    /// Puts parts together that are labelled alike: by the class names of `train`, which is not checked.
    public init(
        layout: DatasetLayout? = nil, train: any ImageDataset, validation: (any ImageDataset)? = nil,
        test: (any ImageDataset)? = nil, notes: [String] = []
    ) {
        self.layout = layout
        self.train = train
        self.validation = validation
        self.test = test
        self.notes = notes
    }

    /// The classes of the training part; a label of any part is an index into them.
    public var classNames: [String] { train.classNames }
}

/// Opens the data set at `path`, whatever its layout:
///
/// - a folder with `train` and, if there are, `val` (or `valid`, `validation`, `dev`) and `test` folders of class folders,
///   in any case and under longer names such as `training_set` (`SplitRole`); of the latter each may hold its images directly, as ImageNet's `val` does, if a list beside it or in it labels them
///   (`FlatFolderDataset`) whose name contains the part's, such as `val.txt` or `LOC_val_solution.csv`;
/// - a folder with lists `train.csv` (or `.tsv`, `.txt`, `.lst`) and likewise `val` and `test`, or with one list that names
///   the images in it;
/// - a folder with IDX pairs, `*-images-idx3-ubyte` and `*-labels-idx1-ubyte`, gzipped or not, whose names contain
///   `train`, `val`, or `test` or `t10k`;
/// - a folder of class folders;
/// - a folder of images and label maps in one of the layouts that `SegmentationParts.find` knows, whose annotations are maps;
/// - a list file, which may have a column that tells the part of each image, or the file of images of one IDX pair.
///
/// Where a class index (`ClassIndex.fileNames`) lies in the folder beside `train`, beside the class folders or beside the
/// list, the classes have its order and names; otherwise those of the folders or labels.
///
/// Folders that are no classes are refused with what they seem to be (`ForeignLayout`), as are a folder of one class folder
/// and a data set for another task.
///
/// Lists and IDX pairs come before class folders, since their images may lie in folders beside them. A part is never
/// read twice: of an IDX file that is there gzipped and plain, the plain one is read; two other candidates for the
/// same part, or two layouts, are an error rather than a guess.
///
/// - Parameters:
///   - path: a folder or a file, as above.
///   - layout: the only layout to look for in a folder, which then is what it is said to be. Nil: all. A file tells by
///     itself.
/// - Throws: `DatasetError` of kind `.unrecognised`, which tells what was looked for and what was found, or as the
///   readers throw.
public func openDataset(at path: String, layout: DatasetLayout? = nil) throws(DatasetError) -> OpenedDataset {
    guard FileBytes.isFolder(path) else { return try openFile(at: path) }
    if let parts = try SegmentationParts.find(at: path, layout: layout) { return parts.opened }
    let survey = try LayoutSurvey(of: path)
    if layout == nil {
        try TaskDataset.refuseOtherTasks(at: path)
        guard survey.lonelyLists.count < 2 else {
            throw DatasetError(
                .unrecognised, file: path,
                "several lists lie beside the images: \(FolderLook.listed(survey.lonelyLists, 12))",
                advice: "Give the path of the list that names images and labels.")
        }
    }
    let found = survey.layouts(only: layout)
    guard let first = found.first else {
        if let archives = survey.archivesAlone { throw archives }
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
        return try openFolders(parts, first, survey: survey, isChecked: layout == nil)
    case .lists:
        return try openLists(parts, index: survey.classIndex())
    case .idx:
        let train = try openIDX(images: parts.train, classNames: nil)
        func heldOut(_ path: String?) throws(DatasetError) -> (any ImageDataset)? {
            try path.map { path throws(DatasetError) in try openIDX(images: path, classNames: train.classNames) }
        }
        return try OpenedDataset(
            layout: first, train: train, validation: heldOut(parts.validation), test: heldOut(parts.test)
        )
    case .ade20k, .cityscapes, .voc, .imagesAndMasks, .coco, .vocBoxes, .boxList:
        throw DatasetError(.unrecognised, file: path, problems: survey.account(first), advice: LayoutSurvey.advice)
    }
}

extension OpenedDataset {
    /// The data set, in which a validation part without a test part becomes the test part. Where only one part is held
    /// out, networks are finally judged by it, as by ImageNet's `val`; a network that was chosen on it would be judged
    /// by the very images that chose it. Choices then need a split of the training images.
    public var keepingFinalScore: OpenedDataset {
        guard test == nil, let validation else { return self }
        return OpenedDataset(layout: layout, train: train, test: validation, notes: notes)
    }

    /// Refuses a data set whose images have more than a number each, and so no class of their own.
    ///
    /// - Parameter source: the data set's name or path.
    /// - Throws: `DatasetError` of kind `.unrecognised` that says what they have.
    public func checkClassPerImage(_ source: String) throws(DatasetError) {
        let what: String
        switch train.annotationKind {
        case .number: return
        case .map: what = "a class for each pixel"
        case .boxes: what = "boxes"
        }
        throw DatasetError(
            .unrecognised, file: source, "has \(what), and no class an image",
            advice: "Give a folder with one folder for each class, or a list of files and labels (path,label).")
    }

    /// Gives the data set, if there is something to tell apart: training images of several classes. Where each image
    /// has a class of its own, a note asks whether they are classes.
    ///
    /// - Parameter source: the data set's name or path.
    /// - Throws: `DatasetError` of kind `.unrecognised` for one class alone, which every network tells at once.
    public func withSeveralClasses(_ source: String) throws(DatasetError) -> OpenedDataset {
        try checkClassPerImage(source)
        let labels = Set((0..<train.count).map(train.label))
        guard labels.count > 1 || train.count == 0 else {
            throw DatasetError(
                .unrecognised, file: source,
                "all \(train.count) training images are of the one class \(labels.first.map { classNames[$0] } ?? "")",
                advice: "Give images of two classes at least: there is nothing to tell apart in one.")
        }
        guard train.count > 2, labels.count == train.count else { return self }
        let note = "each of the \(train.count) training images has a label of its own: are the labels classes?"
        return OpenedDataset(layout: layout, train: train, validation: validation, test: test, notes: notes + [note])
    }
}

private func openFolders(
    _ parts: LayoutSurvey.Parts, _ layout: DatasetLayout, survey: LayoutSurvey, isChecked: Bool
) throws(DatasetError) -> OpenedDataset {
    var notes = survey.notes
    let root = layout == .splitFolders ? unwrapped(parts.train, notes: &notes) : parts.train
    if isChecked,
        let other = try ForeignLayout(
            at: root, folders: Folder.list(root).folders, isPart: layout == .splitFolders)
    {
        throw DatasetError(.unrecognised, file: root, other.what, advice: other.advice)
    }
    let train = try openTrainingFolder(root, index: survey.classIndex())
    notes += [train.note, NameVariants.note(train.classNames, "classes")].compactMap { $0 }
    func heldOut(_ path: String?) throws(DatasetError) -> (any ImageDataset)? {
        guard let path else { return nil }
        let root = unwrapped(path, unless: train.classes.folders, notes: &notes)
        return try openHeldOutFolder(root, survey: survey, classes: train.classes)
    }
    let (validation, test) = (try heldOut(parts.validation), try heldOut(parts.test))
    return OpenedDataset(layout: layout, train: train, validation: validation, test: test, notes: notes)
}

/// The folder of a part's class folders: the part, or the only folder in it where that holds several in turn, as archives
/// unpack into `seg_train/seg_train`. A folder that is a class is left.
private func unwrapped(_ part: String, unless classes: [String] = [], notes: inout [String]) -> String {
    guard let only = FolderLook.listing(part).folders.first, !classes.contains(only),
        let fork = FolderLook.fork(below: part), fork != part
    else { return part }
    notes.append("the classes are taken from \(fork)")
    return fork
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
    if LayoutSurvey.isList(path) {
        try TaskDataset.refuseOtherTasks(at: path)
        return try openLists(.init(train: path), index: LayoutSurvey.classIndex(beside: path))
    }
    // A path that cannot be read at all is reported as that.
    try FileBytes.check(path)
    guard !FolderLook.isArchive(path) else {
        throw DatasetError(
            .unrecognised, file: path, "is an archive", advice: "Unpack it, and give the folder that it unpacks to.")
    }
    let what = ImageFolderDataset.isImage(path) ? "is a single image" : "is neither a list nor a file of IDX images"
    throw DatasetError(.unrecognised, file: path, what, advice: LayoutSurvey.advice)
}

private func openIDX(images: String, classNames: [String]?) throws(DatasetError) -> IDXDataset {
    let (folder, name) = Folder.split(images)
    let partners = LayoutSurvey.labelNames(forImages: name)
    guard let labels = partners.map({ folder + $0 }).first(where: FileBytes.isFile) else {
        throw DatasetError(
            .unreadable, file: images, "has no labels beside it; looked for \(partners.joined(separator: " and "))",
            advice: "Put the labels of the same split into the same folder.")
    }
    return try IDXDataset(images: images, labels: labels, classNames: classNames)
}
