/// Takes a list's records in turn and gathers samples from the good ones, problems from the others.
struct ListReader {
    /// Where a header says that path and label are.
    struct Columns {
        let path: Int
        let label: Int
        let count: Int

        /// Nil when the record is no header: it must name a column of `paths` and one of `labels`.
        init?(
            header record: ListText.Record, paths: Set<String> = ListDataset.pathColumns,
            labels: Set<String> = ListDataset.labelColumns
        ) {
            let names = record.fields.map { $0.lowercased() }
            guard let path = names.firstIndex(where: paths.contains),
                let label = names.firstIndex(where: labels.contains)
            else { return nil }
            self.path = path
            self.label = label
            count = names.count
        }
    }

    /// As written in the list.
    private(set) var paths: [String] = []
    var problems: [DatasetError.Problem] = []

    private let folder: String
    private let known: [String]?
    private let checksFiles: Bool
    /// For each sample a position in `names`, or, where labels are numbers, the number itself.
    private var labels: [Int32] = []
    private var names: [String] = []
    private var positions: [String: Int32] = [:]
    private var lines: [String: Int] = [:]
    /// Whether labels are numbers, and on which line that was settled. Nil before the first.
    private var numeric: (Bool, line: Int)?

    /// - Parameters:
    ///   - folder: what relative paths are relative to; empty or ending in a slash.
    ///   - known: the only class names allowed, in order; nil to take them from the records.
    init(folder: String, known: [String]?, checksFiles: Bool) {
        self.folder = folder
        self.known = known
        self.checksFiles = checksFiles
        if let known {
            names = known
            positions = Dictionary(
                known.enumerated().map { ($1, Int32(clamping: $0)) }, uniquingKeysWith: { first, _ in first })
        }
    }

    mutating func read(_ record: ListText.Record, columns: Columns?) {
        do throws(Refusal) {
            let (path, label) = try Self.pathAndLabel(of: record, columns: columns)
            try checkPath(path, line: record.line)
            let position = try position(of: label, line: record.line)
            paths.append(path)
            labels.append(position)
        } catch {
            problems.append(.init(line: record.line, error.what))
        }
    }

    /// The class names in their order, and for each sample its position in them.
    func labelling() -> (classNames: [String], labels: [Int32]) {
        if let known { return (known, labels) }
        if numeric?.0 == true { return ((0...(labels.max() ?? 0)).map(String.init), labels) }
        let sorted = names.sorted(by: Folder.precedes)
        let ranks = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, Int32($0)) })
        let moved = names.map { ranks[$0] ?? 0 }
        return (sorted, labels.map { moved[Int($0)] })
    }

    static func resolve(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : folder + path
    }

    // MARK: - Checks

    private struct Refusal: Error {
        let what: String
    }

    private static func pathAndLabel(
        of record: ListText.Record, columns: Columns?
    ) throws(Refusal) -> (path: String, label: String) {
        let fields = record.fields
        if let columns {
            guard fields.count == columns.count else {
                throw Refusal(what: "\(fields.count) fields where the header has \(columns.count)")
            }
        } else if fields.count != 2 {
            throw Refusal(what: fields.count < 2 ? "a path without a label" : "\(fields.count) fields instead of 2")
        }
        let path = fields[columns?.path ?? 0]
        let label = fields[columns?.label ?? 1]
        guard !path.isEmpty else { throw Refusal(what: "a label without a path") }
        guard !label.isEmpty else { throw Refusal(what: "a path without a label") }
        guard !path.utf8.contains(0) else { throw Refusal(what: "a path with a zero byte") }
        return (path, label)
    }

    private mutating func checkPath(_ path: String, line: Int) throws(Refusal) {
        let first = lines.updateValue(line, forKey: Self.normalised(path))
        if let first {
            lines[Self.normalised(path)] = first
            throw Refusal(what: "\(path) was already listed on line \(first)")
        }
        if checksFiles, !FileBytes.isFile(Self.resolve(path, in: folder)) {
            throw Refusal(what: "there is no file \(path)" + (folder.isEmpty ? "" : " in \(folder)"))
        }
    }

    private mutating func position(of label: String, line: Int) throws(Refusal) -> Int32 {
        let number = Self.number(label)
        if known != nil {
            if let position = positions[label] { return position }
            guard let number, number < names.count else {
                throw Refusal(what: "label \(label) is none of the \(names.count) classes")
            }
            return Int32(number)
        }
        let (expected, settled) = numeric ?? (number != nil, line: line)
        numeric = (expected, line: settled)
        guard expected == (number != nil) else {
            let found =
                expected ? "a name, but line \(settled) gives a number" : "a number, but line \(settled) gives a name"
            throw Refusal(what: "label \(label) is \(found)")
        }
        if let number {
            guard number < ListDataset.maximumClasses else {
                throw Refusal(what: "label \(label); labels must be below \(ListDataset.maximumClasses)")
            }
            return Int32(number)
        }
        if let position = positions[label] { return position }
        guard names.count < ListDataset.maximumClasses else {
            throw Refusal(what: "label \(label) would be class \(names.count + 1); there may be \(names.count)")
        }
        let position = Int32(names.count)
        names.append(label)
        positions[label] = position
        return position
    }

    /// A label of decimal digits alone. Numbers too large for an integer are as good as the largest.
    static func number(_ label: String) -> Int? {
        guard label.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(label) ?? Int.max
    }

    /// The path without steps that lead nowhere, so that `a//b` and `./a/b` are one.
    private static func normalised(_ path: String) -> String {
        guard path.hasPrefix("./") || path.contains("//") || path.contains("/./") else { return path }
        let steps = path.split(separator: "/").filter { $0 != "." }
        return (path.hasPrefix("/") ? "/" : "") + steps.joined(separator: "/")
    }
}
