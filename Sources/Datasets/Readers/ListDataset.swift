/// Images named in a list, one a line with its label:
///
///     path,label                  cats/001.jpg cat
///     cats/001.jpg,cat            dogs/a photo.jpg dog
///     "dogs/a, b.jpg",dog
///
/// On the left CSV (RFC 4180: quotes, CR LF, tabs in a `.tsv`), whose header may name the columns in any order and
/// beside others; on the right text, divided at the last spaces of the line. Paths are relative to the list's folder.
/// Labels are all names or all numbers from 0.
public struct ListDataset: FileDataset {
    /// Those that were given, or the names found, sorted; for labels that are numbers, the numbers up to the highest.
    public let classNames: [String]
    /// The list's own path.
    public let path: String

    private let folder: String
    private let paths: [String]
    private let labels: [Int32]

    /// Names of a header's column of paths, in any case.
    public static let pathColumns: Set<String> = [
        "path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path", "image_name", "img",
    ]
    /// Names of a header's column of labels, in any case.
    public static let labelColumns: Set<String> = ["label", "class", "class_name", "target", "category"]
    /// A label that is a number must be lower.
    public static let maximumClasses = 1_000_000
    /// The most bytes that a list may have.
    static let maximumBytes = 1 << 30

    /// Reads the list. Images are decoded only when they are asked for.
    ///
    /// - Parameters:
    ///   - path: the list.
    ///   - classNames: the classes of the training set, in its order, for a list that must be labelled alike; a
    ///     number is then a position in them. Nil: the names found, sorted, or the numbers up to the highest.
    ///   - checksFiles: whether to look now whether each image exists.
    /// - Throws: `DatasetError` that names each bad line: without a path or a label, with too many fields or broken
    ///   quotes, a file that does not exist or was listed before, an unknown label.
    public init(at path: String, classNames: [String]? = nil, checksFiles: Bool = true) throws(DatasetError) {
        let bytes = try FileBytes.read(path, limit: Self.maximumBytes)
        try self.init(bytes: bytes, path: path, classNames: classNames, checksFiles: checksFiles)
    }

    init(bytes: [UInt8], path: String, classNames: [String]?, checksFiles: Bool) throws(DatasetError) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let text = ListText(bytes, format: ListText.format(of: bytes, name: path))
        var reader = ListReader(folder: folder, known: classNames, checksFiles: checksFiles)
        reader.problems = text.problems
        var records = text.records[...]
        let header = records.first.flatMap { ListReader.Columns(header: $0) }
        if header != nil { records.removeFirst() }
        for record in records { reader.read(record, columns: header) }
        guard reader.problems.isEmpty else {
            throw DatasetError(
                .malformed, file: path,
                problems: reader.problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) },
                advice: "Write each line as path,label; a header, if there is one, names the columns path and label.")
        }
        guard !reader.paths.isEmpty else {
            throw DatasetError(.empty, file: path, "lists no image", advice: "Write one line an image: path,label.")
        }
        self.path = path
        self.folder = folder
        (self.classNames, labels) = reader.labelling()
        paths = reader.paths
    }

    /// The number of images listed.
    public var count: Int { paths.count }

    /// The position in `classNames` of the label that stands beside the image.
    ///
    /// - Precondition: `index` is in 0..<count.
    public func label(at index: Int) -> Int {
        Int(labels[index])
    }

    /// The path of the file.
    public func source(at index: Int) -> String {
        ListReader.resolve(paths[index], in: folder)
    }
}
