/// Takes a list's records in turn and gathers samples from the good ones, problems from the others.
struct ListReader {
    /// The paths as written in the list, or where the image was found instead.
    private(set) var paths: [String] = []
    /// Labels by their text, each with the line where it stands first.
    private(set) var labels: [ListClasses.Label] = []
    /// The position in `labels` of each path's label.
    private(set) var positions: [Int32] = []
    /// The part of each path, where the list tells parts.
    private(set) var roles: [SplitRole] = []
    private(set) var finder: ListPaths

    private let header: ListHeader?
    private let role: SplitRole?
    private var places: [String: Int32] = [:]
    /// The line on which each path was listed first, and its label.
    private var lines: [String: (line: Int, label: String)] = [:]
    private var refusals: [(line: Int, refusal: Refusal)] = []

    /// Makes a reader that has read nothing yet.
    ///
    /// - Parameters:
    ///   - folder: what relative paths are relative to; empty or ending in a slash.
    ///   - header: what the first record says of the columns; nil for a path and a label.
    ///   - role: the part that the whole list is of, to choose between images of one name.
    ///   - checksFiles: whether to look for each image.
    init(folder: String, header: ListHeader?, role: SplitRole?, checksFiles: Bool) {
        finder = ListPaths(folder: folder, checksFiles: checksFiles)
        (self.header, self.role) = (header, role)
    }

    mutating func read(_ record: ListText.Record) {
        do throws(Refusal) {
            let (written, label, role) = try content(of: record)
            let path = try find(written, role: role ?? self.role)
            try note(path, written: written, label: label, line: record.line)
            paths.append(path)
            positions.append(position(of: label, line: record.line))
            if let role { roles.append(role) }
        } catch {
            refusals.append((record.line, error))
        }
    }

    /// What is wrong, line by line; or one problem for all lines, where all have the same.
    mutating func problems() -> [DatasetError.Problem] {
        guard let (line, first) = refusals.first else { return [] }
        if header?.hasBoxes == true, let (line, twice) = refusals.first(where: { $0.refusal.cause == .twice }) {
            return [.init(line: line, "\(twice.what): the list gives boxes on images, and no image one class")]
        }
        let isOne = refusals.count > 1 && paths.isEmpty && refusals.allSatisfy { $0.refusal.cause == first.cause }
        guard isOne else { return refusals.map { .init(line: $0.line, $0.refusal.what) } }
        let count = refusals.count
        switch first.cause {
        case .missing(let written):
            return [.init("none of its \(count) images is there: line \(line) names \(written)\(reason(for: written))")]
        default: return [.init("the same on all of its \(count) lines; on line \(line): \(first.what)")]
        }
    }

    static func resolve(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : folder + path
    }

    // MARK: - Checks

    private struct Refusal: Error {
        enum Cause: Equatable {
            case fields, noPath, noLabel, several, twice, role
            case missing(String)

            static func == (a: Cause, b: Cause) -> Bool {
                switch (a, b) {
                case (.fields, .fields), (.noPath, .noPath), (.noLabel, .noLabel), (.several, .several),
                    (.twice, .twice), (.role, .role), (.missing, .missing):
                    true
                default: false
                }
            }
        }

        let cause: Cause
        let what: String
    }

    private func content(
        of record: ListText.Record
    ) throws(Refusal) -> (path: String, label: String, role: SplitRole?) {
        let expected = header?.names.count ?? 2
        var fields = record.fields
        // Columns that are empty from some line on are of a table that was wider once.
        while fields.count > expected, fields.last == "" { fields.removeLast() }
        guard fields.count == expected else {
            let what =
                header != nil
                ? "\(fields.count) fields where the header has \(expected)"
                : fields.count < 2
                    ? "a path without a label" : "\(fields.count) fields instead of 2, a path and one label"
            throw Refusal(cause: .fields, what: what)
        }
        let path = fields[header?.path ?? 0]
        guard !path.isEmpty else { throw Refusal(cause: .noPath, what: "a label without a path") }
        guard let label = header == nil ? fields[1] : header?.label(of: fields) else {
            throw Refusal(
                cause: .noLabel, what: "\(path) has not one class: a single 1 is needed in the columns of classes")
        }
        guard !label.isEmpty else { throw Refusal(cause: .noLabel, what: "a path without a label") }
        let role = header?.role(of: fields)
        guard header?.split == nil || role != nil else {
            throw Refusal(cause: .role, what: "\(path) is of no known part: train, val or test")
        }
        return (path, label, role)
    }

    private mutating func find(_ written: String, role: SplitRole?) throws(Refusal) -> String {
        switch finder.find(written, role: role) {
        case .found(let path): return path
        case .missing:
            let folder = finder.folder
            throw Refusal(
                cause: .missing(written), what: "there is no file \(written)" + (folder.isEmpty ? "" : " in \(folder)"))
        case .several(let images):
            throw Refusal(
                cause: .several,
                what: "\(written) names \(images.count) images: \(images.prefix(3).joined(separator: ", "))"
                    + (images.count > 3 ? ", ..." : ""))
        }
    }

    private mutating func note(_ path: String, written: String, label: String, line: Int) throws(Refusal) {
        let key = ListPaths.normalised(path)
        if let first = lines[key] {
            let other = first.label == label ? "" : ", as \(first.label), here as \(label)"
            throw Refusal(cause: .twice, what: "\(written) was already listed on line \(first.line)\(other)")
        }
        lines[key] = (line, label)
    }

    private mutating func position(of label: String, line: Int) -> Int32 {
        if let place = places[label] { return place }
        let place = Int32(clamping: labels.count)
        places[label] = place
        labels.append(.init(text: label, line: line))
        return place
    }

    /// Why an image may not be where a list says, as the end of a sentence.
    private mutating func reason(for written: String) -> String {
        if written.contains("://") { return ", which is an address on the web: fetch the images first" }
        let isDrive = written.dropFirst().hasPrefix(":") || written.hasPrefix("\\\\")
        if isDrive || written.hasPrefix("/") { return ", a place on another machine, it seems" }
        let folder = finder.folder.isEmpty ? "this folder" : finder.folder
        return ", which is not in \(folder)"
            + (finder.example().map { "; an image that is: \($0)" } ?? ", nor is any image below it")
    }
}
