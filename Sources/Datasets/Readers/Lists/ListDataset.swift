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
    /// The class names that were given, or the labels found, in order.
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

    /// Gathers the samples of a part of a list.
    ///
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

/// A list that was read: its images with their labels and, where it tells them, parts; not yet which class a label is.
struct ListContent {
    /// The list's own path.
    let path: String
    let reader: ListReader
    /// What a person should know of how the list was read.
    let notes: [String]

    static let advice = "Write each line as path,label; a header, if there is one, names the columns path and label."

    /// Reads a list.
    ///
    /// - Throws: as `ListDataset` does, for all but its labels.
    init(at path: String, role: SplitRole? = nil, checksFiles: Bool = true) throws(DatasetError) {
        let text = try DatasetText.read(path, limit: ListDataset.maximumBytes)
        try self.init(text, path: path, role: role, checksFiles: checksFiles)
    }

    init(_ text: String, path: String, role: SplitRole? = nil, checksFiles: Bool) throws(DatasetError) {
        let list = ListText(text, name: path)
        let header: ListHeader?
        do {
            header = try ListHeader(list.records)
        } catch {
            throw DatasetError(.malformed, file: path, line: list.records.first?.line, error.what, advice: Self.advice)
        }
        var reader = ListReader(
            folder: Folder.split(path).folder, header: header, role: role, checksFiles: checksFiles)
        for record in list.records.dropFirst(header == nil ? 0 : 1) { reader.read(record) }
        let problems = list.problems + reader.problems()
        guard problems.isEmpty else {
            throw DatasetError(
                .malformed, file: path, problems: problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) },
                advice: Self.advice)
        }
        guard !reader.paths.isEmpty else {
            throw DatasetError(.empty, file: path, "lists no image", advice: "Write one line an image: path,label.")
        }
        self.path = path
        self.reader = reader
        notes =
            reader.finder.moved.map { moved in
                let count = moved.count == 1 ? "1 image was" : "\(moved.count) images were"
                return ["\(count) found by name, not by the path in \(path): \(moved.found) for \(moved.written)"]
            } ?? []
    }

    /// The parts that the list tells, in their order; none where it has no such column.
    var roles: [SplitRole] { SplitRole.allCases.filter(Set(reader.roles).contains) }

    /// The samples of a part; all of them for nil.
    func indices(of role: SplitRole?) -> [Int] {
        guard let role else { return Array(reader.paths.indices) }
        return reader.roles.indices.filter { reader.roles[$0] == role }
    }

    /// The classes: those that are given, those of a class file, or the labels of a part.
    ///
    /// - Parameters:
    ///   - known: the only class names allowed, in order; nil to take them from elsewhere.
    ///   - file: a class file; nil for none.
    ///   - role: the part; nil for all.
    /// - Throws: `DatasetError` for labels that make no classes.
    func classes(
        known: [String]? = nil, file: String? = nil, role: SplitRole? = nil
    ) throws(DatasetError) -> ListClasses {
        if let known { return ListClasses(known: known) }
        do {
            let labels = labels(of: role)
            if let file { return try ListClasses(contentsOf: file, labels: labels) }
            return try ListClasses(of: labels)
        } catch let error as ListClasses.Refusal {
            throw DatasetError(.malformed, file: path, problems: error.problems, advice: error.advice)
        } catch let error as DatasetError {
            throw error
        } catch {
            throw DatasetError(.malformed, file: path, "\(error)", advice: Self.advice)
        }
    }

    /// Gives the class of each label.
    ///
    /// - Throws: `DatasetError` that names each label of the part which is none of the classes.
    func places(in classes: ListClasses, role: SplitRole?) throws(DatasetError) -> [Int32] {
        let labels = labels(of: role)
        if let problem = classes.countedFromOne(labels) {
            throw DatasetError(
                .malformed, file: path, problems: [problem],
                advice: "Write the names of the classes, or count from 0. " + Self.advice(for: classes))
        }
        let unknown = labels.filter { classes.place(of: $0.text) == nil }
        guard unknown.isEmpty else {
            throw DatasetError(
                .malformed, file: path,
                problems: unknown.map {
                    .init(line: $0.line, "label \($0.text) is none of the \(classes.names.count) classes")
                },
                advice: Self.advice(for: classes))
        }
        return reader.labels.map { Int32(clamping: classes.place(of: $0.text) ?? 0) }
    }

    private func labels(of role: SplitRole?) -> [ListClasses.Label] {
        guard let role else { return reader.labels }
        let used = Set(indices(of: role).map { reader.positions[$0] })
        return reader.labels.indices.filter { used.contains(Int32(clamping: $0)) }.map { reader.labels[$0] }
    }

    private static func advice(for classes: ListClasses) -> String {
        let names = classes.names.prefix(12).joined(separator: ", ")
        return "The classes are \(names)\(classes.names.count > 12 ? " and others" : ""): those of the training images."
    }
}

/// Opens the lists of a data set's parts, or the one list that may tell the parts in a column.
///
/// - Parameters:
///   - parts: the lists.
///   - index: the class file beside them; nil for none.
/// - Throws: as `ListDataset` does; `DatasetError` for images that are in several parts, and for a list that tells parts
///   but none to train on.
func openLists(_ parts: LayoutSurvey.Parts, index: String?) throws(DatasetError) -> OpenedDataset {
    let content = try ListContent(at: parts.train, role: .train)
    let isAlone = parts.validation == nil && parts.test == nil
    let roles = isAlone ? content.roles : []
    guard roles.isEmpty || roles.contains(.train) else {
        throw DatasetError(
            .malformed, file: parts.train,
            "tells no image to train on: all are of \(roles.map(\.rawValue).joined(separator: " and "))",
            advice: "Write train in the column of parts for the images to learn from.")
    }
    let own = roles.isEmpty ? nil : SplitRole.train
    let classes = try content.classes(file: index, role: own)
    let train = try ListDataset(content, classes: classes, role: own)
    func heldOut(_ role: SplitRole, _ path: String?) throws(DatasetError) -> ListDataset? {
        if roles.contains(role) { return try ListDataset(content, classes: classes, role: role) }
        guard let path else { return nil }
        return try ListDataset(ListContent(at: path, role: role), classes: classes)
    }
    let validation = try heldOut(.validation, parts.validation)
    let test = try heldOut(.test, parts.test)
    try checkApart([train, validation, test].compactMap { $0 })
    var notes: [String] = []
    for note in [train, validation, test].compactMap({ $0 }).flatMap(\.notes) where !notes.contains(note) {
        notes.append(note)
    }
    return OpenedDataset(layout: .lists, train: train, validation: validation, test: test, notes: notes)
}

/// Refuses images that are in two lists.
///
/// - Throws: `DatasetError` that names each image which an earlier list names, too.
private func checkApart(_ lists: [ListDataset]) throws(DatasetError) {
    var known: [String: String] = [:]
    for list in lists {
        let sources = (0..<list.count).map { ListPaths.normalised(list.source(at: $0)) }
        let shared = sources.filter { known[$0] != nil }
        guard shared.isEmpty else {
            throw DatasetError(
                .malformed, file: list.path, problems: shared.map { .init("\($0) is in \(known[$0] ?? "") as well") },
                advice: "Keep each image in one part: a test on learnt images tells nothing.")
        }
        for source in sources { known[source] = list.path }
    }
}
