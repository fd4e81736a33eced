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
            folder: LayoutSurvey.split(path).folder, header: header, role: role, checksFiles: checksFiles)
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

    /// For each label its class.
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
