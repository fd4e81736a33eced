/// Images that lie directly in one folder, labelled by a list, as ImageNet's validation images come:
///
///     val/ILSVRC2012_val_00000001.JPEG      ILSVRC2012_val_00000001.JPEG n01751748
///     val/ILSVRC2012_val_00000002.JPEG      ILSVRC2012_val_00000002.JPEG 809
///
/// A label is the name of a class folder of the training set, or its position in them from 0. The list is of any form
/// that `ListDataset` reads, or Kaggle's `LOC_val_solution.csv` (`ImageId,PredictionString`): images may be named
/// without their extension, and of a label of several words the first counts if the whole is no class. The order of the
/// samples is that of the names, byte by byte.
public struct FlatFolderDataset: FileDataset {
    /// The classes of the training set.
    public let classes: ClassIndex
    /// Absolute, or relative to the working folder, as it was given.
    public let root: String

    private let files: [String]
    private let labels: [Int32]

    private static let pathColumns = ListDataset.pathColumns.union(["imageid", "image_id"])
    private static let labelColumns = ListDataset.labelColumns.union(["predictionstring", "synset", "wnid"])

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
        let bytes = try FileBytes.read(list, limit: ListDataset.maximumBytes)
        let text = ListText(bytes, format: ListText.format(of: bytes, name: list))
        var records = text.records[...]
        let header = records.first.flatMap {
            ListReader.Columns(header: $0, paths: Self.pathColumns, labels: Self.labelColumns)
        }
        if header != nil { records.removeFirst() }
        var reader = LabelReader(files: files, classes: classes, root: root)
        for record in records { reader.read(record, columns: header) }
        let missing = files.indices.filter { reader.lines[$0] == nil }
        let problems =
            (text.problems + reader.problems).sorted { ($0.line ?? 0) < ($1.line ?? 0) }
            + missing.prefix(DatasetError.maximumProblems).map { .init("image \(files[$0]) has no line") }
        guard problems.isEmpty else {
            throw DatasetError(
                .malformed, file: list, problems: problems,
                unlisted: max(0, missing.count - DatasetError.maximumProblems),
                advice: "Write a line for each image of \(root): its name and its class folder, such as "
                    + "\(classes.folders.first ?? ""), or the folder's position from 0.")
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
        Folder.join(root, files[index])
    }
}

/// Takes the records of a list in turn and gives each image of a folder its label.
private struct LabelReader {
    /// One a file; meaningful where `lines` has one.
    private(set) var labels: [Int32]
    /// Where each file was labelled.
    private(set) var lines: [Int?]
    private(set) var problems: [DatasetError.Problem] = []

    private let root: String
    private let classCount: Int
    private let classPositions: [String: Int]
    private let filePositions: [String: Int]
    /// Names without their extensions; nil where several files share one.
    private let stems: [String: Int?]

    init(files: [String], classes: ClassIndex, root: String) {
        self.root = root
        labels = Array(repeating: 0, count: files.count)
        lines = Array(repeating: nil, count: files.count)
        classCount = classes.folders.count
        classPositions = Self.positions(of: classes.folders)
        filePositions = Self.positions(of: files)
        stems = Dictionary(
            files.enumerated().map { (LayoutSurvey.stem($1), $0) }, uniquingKeysWith: { _, _ in nil })
    }

    private static func positions(of names: [String]) -> [String: Int] {
        Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    mutating func read(_ record: ListText.Record, columns: ListReader.Columns?) {
        func refuse(_ what: String) { problems.append(.init(line: record.line, what)) }
        let fields = record.fields
        let expected = columns?.count ?? 2
        guard fields.count == expected else {
            return refuse("\(fields.count) fields where \(expected) are expected: an image and its label")
        }
        let (path, label) = (fields[columns?.path ?? 0], fields[columns?.label ?? 1])
        let name = LayoutSurvey.split(path).name
        guard let file = filePositions[name] ?? (stems[name] ?? nil) else {
            return refuse("there is no one image \(path) in \(root)")
        }
        guard let position = position(of: label) else {
            return refuse("label \(label) is none of the \(classCount) classes")
        }
        if let first = lines[file] { return refuse("\(path) was already listed on line \(first)") }
        lines[file] = record.line
        labels[file] = Int32(position)
    }

    private func position(of label: String) -> Int? {
        if let position = classPositions[label] { return position }
        let word = label.prefix { $0 != " " }
        if let position = classPositions[String(word)] { return position }
        guard let number = ListReader.number(label), number < classCount else { return nil }
        return number
    }
}
