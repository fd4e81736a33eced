/// Images named in a list, one a line with its label:
///
///     path,label                  cats/001.jpg cat
///     cats/001.jpg,cat            dogs/a photo.jpg dog
///     "dogs/a, b.jpg",dog
///
/// On the left CSV (RFC 4180: quotes, CR LF), divided by commas, semicolons, tabs or bars, whose header may name the
/// columns in any order and beside others (`ListColumnNames`), or have a column of 0 and 1 for each class; on the right
/// text, divided at the last spaces of the line. The text may be UTF-8 or UTF-16, with or without a byte order mark.
///
/// Paths are relative to the list's folder, with slashes of either kind; of an image that is not there, the name or the
/// end of its path is enough, without `.jpg` if need be, where one image alone below the folder has it.
///
/// Labels are names, and classes their order by bytes; labels that are all numbers are names in the order of their
/// values, whatever the first (`3` and `3.0` are one; `007` keeps its zeros). Beside a class file (`ClassIndex.fileNames`)
/// numbers are positions in it.
public struct ListDataset: FileDataset {
    /// Those that were given, or the labels found, in order.
    public let classNames: [String]
    /// The list's own path.
    public let path: String
    /// What a person should know of how the list was read.
    public let notes: [String]

    private let folder: String
    private let paths: [String]
    private let labels: [Int32]

    /// The most bytes that a list may have.
    static let maximumBytes = 1 << 30

    /// Reads the list. Images are decoded only when they are asked for.
    ///
    /// - Parameters:
    ///   - path: the list.
    ///   - classNames: the classes of the training set, in its order, for a list that must be labelled alike; unless
    ///     all of them are numbers, a number that is none of them is a position in them from 0. Nil: the labels found.
    ///   - checksFiles: whether to look now whether each image exists.
    /// - Throws: `DatasetError` that names each bad line: without a path or a label, with too many fields or broken
    ///   quotes, a file that does not exist or was listed before, an unknown label; or, where all lines have the same
    ///   fault, says so once.
    public init(at path: String, classNames: [String]? = nil, checksFiles: Bool = true) throws(DatasetError) {
        let content = try ListContent(at: path, checksFiles: checksFiles)
        try self.init(content, classes: content.classes(known: classNames))
    }

    init(bytes: [UInt8], path: String, classNames: [String]?, checksFiles: Bool) throws(DatasetError) {
        let text = try DatasetText.text(of: bytes, path: path)
        let content = try ListContent(text, path: path, checksFiles: checksFiles)
        try self.init(content, classes: content.classes(known: classNames))
    }

    /// - Throws: `DatasetError` that names each label which is none of the classes.
    init(_ content: ListContent, classes: ListClasses, role: SplitRole? = nil) throws(DatasetError) {
        let places = try content.places(in: classes, role: role)
        path = content.path
        folder = content.reader.finder.folder
        classNames = classes.names
        notes = content.notes + classes.notes
        let chosen = content.indices(of: role)
        paths = chosen.map { content.reader.paths[$0] }
        labels = chosen.map { places[Int(content.reader.positions[$0])] }
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
