import Support

/// Images that lie directly in one folder, labelled by a list, as ImageNet's validation images come:
///
///     val/ILSVRC2012_val_00000001.JPEG      ILSVRC2012_val_00000001.JPEG n01751748
///     val/ILSVRC2012_val_00000002.JPEG      ILSVRC2012_val_00000002.JPEG 809
///
/// A label is the name of a class folder of the training set, or its position in them from 0. The list is of any form
/// that `ListDataset` reads, such as Kaggle's `LOC_val_solution.csv` (`ImageId,PredictionString`): images may be named
/// without their extension, and of a label of several words the first counts if the whole is no class. The order of the
/// samples is that of the names, byte by byte.
public struct FlatFolderDataset: FileDataset {
    /// The classes of the training set.
    public let classes: ClassIndex
    /// The path of the folder, absolute or relative to the working folder, as it was given.
    public let root: String

    private let files: [String]
    private let labels: [Int32]

    /// Lists the folder and reads the labels. Images are decoded only when they are asked for.
    ///
    /// - Parameters:
    ///   - root: the folder of images.
    ///   - list: the list of labels.
    ///   - classes: the classes of the training set.
    /// - Throws: `DatasetError` that names the list and each line that is wrong: an unknown class, an image that is not
    ///   there or was listed before; or every image that the list leaves out; or as reading does.
    public init(at root: String, labelledBy list: String, classes: ClassIndex) throws(DatasetError) {
        let files = try Folder.list(root).files.filter(ImageFolderDataset.isImage)
        let content = ListText(try DatasetText.read(list, limit: ListDataset.maximumBytes), name: list)
        let advice =
            "Write a line for each image of \(root): its name and its class folder, such as "
            + "\(classes.folders.first ?? ""), or the folder's position from 0."
        let header: ListHeader?
        do {
            header = try ListHeader(content.records)
        } catch {
            throw DatasetError(.malformed, file: list, line: content.records.first?.line, error.what, advice: advice)
        }
        var reader = LabelReader(files: files, classes: classes, root: root)
        let records = content.records.dropFirst(header == nil ? 0 : 1)
        if let problem = reader.countedFromOne(records, header: header) {
            throw DatasetError(.malformed, file: list, problems: [problem], advice: advice)
        }
        for record in records { reader.read(record, header: header) }
        let missing = files.indices.filter { reader.lines[$0] == nil }
        let problems =
            (content.problems + reader.problems).sorted { ($0.line ?? 0) < ($1.line ?? 0) }
            + missing.prefix(DatasetError.maximumProblems).map { .init("image \(files[$0]) has no line") }
        guard problems.isEmpty else {
            throw DatasetError(
                .malformed, file: list, problems: problems,
                unlisted: max(0, missing.count - DatasetError.maximumProblems),
                advice: advice)
        }
        self.classes = classes
        self.root = root
        self.files = files
        labels = reader.labels
    }

    /// The names of `classes`.
    public var classNames: [String] { classes.names }

    /// The number of images found when the folder was listed.
    public var count: Int { files.count }

    /// The position in `classes` of the label that the list gives the image.
    ///
    /// - Precondition: `index` is in 0..<count.
    public func label(at index: Int) -> Int {
        Int(labels[index])
    }

    /// The path of the file.
    public func source(at index: Int) -> String {
        FilePath.join(root, files[index])
    }
}

/// Takes the records of a list in turn and gives each image of a folder its label.
private struct LabelReader {
    /// The labels, one a file; meaningful where `lines` has one.
    private(set) var labels: [Int32]
    /// The line on which each file was labelled.
    private(set) var lines: [Int?]
    private(set) var problems: [DatasetError.Problem] = []

    private let root: String
    private let classes: ListClasses
    private let filePositions: [String: Int]
    /// The places of files by names without their extensions; nil where several files share one.
    private let stems: [String: Int?]

    init(files: [String], classes: ClassIndex, root: String) {
        self.root = root
        labels = Array(repeating: 0, count: files.count)
        lines = Array(repeating: nil, count: files.count)
        self.classes = ListClasses(known: classes.folders)
        filePositions = Self.positions(of: files)
        stems = Dictionary(
            files.enumerated().map { (Folder.stem($1), $0) }, uniquingKeysWith: { _, _ in nil })
    }

    private static func positions(of names: [String]) -> [String: Int] {
        Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    mutating func read(_ record: ListText.Record, header: ListHeader?) {
        func refuse(_ what: String) { problems.append(.init(line: record.line, what)) }
        let fields = record.fields
        let expected = header?.names.count ?? 2
        guard fields.count == expected else {
            return refuse("\(fields.count) fields where \(expected) are expected: an image and its label")
        }
        let path = fields[header?.path ?? 0]
        let name = Folder.split(ListPaths.normalised(path)).name
        guard let file = filePositions[name] ?? (stems[name] ?? nil) else {
            return refuse("there is no one image \(path) in \(root)")
        }
        guard let label = label(of: record, header: header) else { return refuse("\(path) has not one class") }
        guard let position = classes.place(of: label.text) else {
            return refuse("label \(label.text) is none of the \(classes.names.count) classes")
        }
        if let first = lines[file] { return refuse("\(path) was already listed on line \(first)") }
        lines[file] = record.line
        labels[file] = Int32(clamping: position)
    }

    /// What to say where positions are counted from 1; nil where they are not.
    func countedFromOne(_ records: ArraySlice<ListText.Record>, header: ListHeader?) -> DatasetError.Problem? {
        classes.countedFromOne(records.compactMap { label(of: $0, header: header) })
    }

    /// The label of a record: all of its words if they are a class, otherwise the first if that is one.
    private func label(of record: ListText.Record, header: ListHeader?) -> ListClasses.Label? {
        guard record.fields.count == header?.names.count ?? 2 else { return nil }
        guard let text = header == nil ? record.fields[1] : header?.label(of: record.fields) else { return nil }
        let word = String(text.prefix { $0 != " " })
        let isWord = classes.place(of: text) == nil && classes.place(of: word) != nil
        return .init(text: isWord ? word : text, line: record.line)
    }
}
