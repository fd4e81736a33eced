/// Faces that a list names with their ages, as MORPH comes: CSV (`ListText`) whose header names the columns, in any
/// order and beside others.
struct FaceList {
    private(set) var records: [FaceRecord] = []
    private(set) var problems: [DatasetError.Problem] = []

    /// The names of a header's columns, as `ListColumnNames` folds them.
    private static let ageColumns: Set<String> = ["age"]
    private static let genderColumns: Set<String> = ["gender", "sex"]
    private static let personColumns: Set<String> = ["subject", "subjectid", "person", "personid", "identity"]

    private struct Columns {
        let path, age: Int
        let gender, person: Int?
        let count: Int
    }

    private var finder: ListPaths
    private var lines: [String: Int] = [:]

    static let advice =
        "Write a header such as path,age,gender and a line for each image: its path from the list's folder, its age in "
        + "years and 0 or M, 1 or F. A column subject, if there is one, keeps a person's images together."

    /// Whether a file is a list whose header names images and ages, and no classes.
    ///
    /// - Throws: `DatasetError` for a file that cannot be read.
    static func isMeant(by path: String) throws(DatasetError) -> Bool {
        guard LayoutSurvey.isList(path) else { return false }
        let text = try DatasetText.read(path, limit: ListDataset.maximumBytes)
        let names = ListText(text, name: path).records.first?.fields.map(ListColumnNames.folded) ?? []
        return ListColumnNames.column(names, of: ListColumnNames.paths) != nil && !ageColumns.isDisjoint(with: names)
            && ListColumnNames.column(names, of: ListColumnNames.labels) == nil
    }

    /// Reads the list. A bad line is a problem, not a record.
    ///
    /// - Throws: `DatasetError` for a list that cannot be read, or whose header lacks path or age.
    init(at path: String) throws(DatasetError) {
        let text = ListText(try DatasetText.read(path, limit: ListDataset.maximumBytes), name: path)
        guard let first = text.records.first else {
            throw DatasetError(.empty, file: path, "lists no face", advice: Self.advice)
        }
        let names = first.fields.map(ListColumnNames.folded)
        func column(_ known: Set<String>) -> Int? { names.firstIndex(where: known.contains) }
        guard let pathColumn = ListColumnNames.column(names, of: ListColumnNames.paths),
            let age = column(Self.ageColumns)
        else {
            throw DatasetError(
                .malformed, file: path, line: first.line, "is no header that names a path and an age",
                advice: Self.advice)
        }
        var gender = column(Self.genderColumns)
        // A column that is blank throughout tells nothing.
        if let place = gender, text.records.dropFirst().allSatisfy({ $0.fields[safe: place]?.isEmpty ?? true }) {
            gender = nil
        }
        let columns = Columns(
            path: pathColumn, age: age, gender: gender, person: column(Self.personColumns), count: names.count)
        finder = ListPaths(folder: Folder.split(path).folder, checksFiles: true)
        problems = text.problems
        for record in text.records.dropFirst() {
            do throws(FaceRecord.Refusal) {
                records.append(try read(record, columns))
            } catch {
                problems.append(.init(line: record.line, error.what))
            }
        }
        problems.sort { ($0.line ?? 0) < ($1.line ?? 0) }
    }

    private mutating func read(
        _ record: ListText.Record, _ columns: Columns
    ) throws(FaceRecord.Refusal) -> FaceRecord {
        let fields = record.fields
        guard fields.count == columns.count else {
            throw .init(what: "\(fields.count) fields where the header has \(columns.count)")
        }
        let name = fields[columns.path]
        guard !name.isEmpty, !name.utf8.contains(0) else { throw .init(what: "an age without a path") }
        let image: String
        switch finder.find(name) {
        case .found(let found): image = found
        case .missing:
            throw .init(what: "there is no file \(name)" + (finder.folder.isEmpty ? "" : " in \(finder.folder)"))
        case .several(let images): throw .init(what: "\(name) names \(images.count) images")
        }
        if let first = lines[image] { throw .init(what: "\(name) was already listed on line \(first)") }
        lines[image] = record.line
        let path = ListReader.resolve(image, in: finder.folder)
        do throws(FaceRecord.Refusal) {
            let gender = try columns.gender.map { place throws(FaceRecord.Refusal) in
                try FaceRecord.gender(fields[place])
            }
            let person = columns.person.map { fields[$0] } ?? ""
            let (place, file) = Folder.split(image)
            return FaceRecord(
                path: path, age: try FaceRecord.age(fields[columns.age]), gender: gender,
                key: person.isEmpty ? place + FaceRecord.stem(file) : person)
        } catch {
            throw .init(what: "\(name): \(error.what)")
        }
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
