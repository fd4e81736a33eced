import Foundation

/// What a class index says, entry by entry, before it is held against the folders.
struct ClassIndexFile {
    struct Entry {
        /// Nil in JSON.
        let line: Int?
        let folder: String
        let name: String
        /// All of the line, where a line may be a name alone; the name elsewhere.
        let whole: String
    }

    /// In the order of the classes.
    private(set) var entries: [Entry] = []
    private(set) var problems: [DatasetError.Problem] = []

    static let maximumBytes = 64 << 20

    /// Reads a class index for the class folders there are.
    ///
    /// - Throws: `DatasetError` for a file that cannot be read or is no text.
    init(at path: String, folders: [String]) throws(DatasetError) {
        try self.init(at: path) { file, lines, firstSynonym in
            file.readLines(lines, folders: folders, firstSynonym: firstSynonym)
        }
    }

    /// The entries of a class index whose classes are not known: of each line its first word as the folder, and the rest
    /// as the name.
    ///
    /// - Throws: `DatasetError` for a file that cannot be read, is no text, or names no class.
    static func entries(at path: String) throws(DatasetError) -> [Entry] {
        let file = try ClassIndexFile(at: path) { file, lines, firstSynonym in
            for (line, text) in lines {
                file.add(divided(text, known: []), line: line, whole: text, firstSynonym: firstSynonym)
            }
        }
        guard file.problems.isEmpty else {
            throw DatasetError(
                .malformed, file: path, problems: file.problems, advice: "Name one class a line, in order.")
        }
        return file.entries
    }

    private init(
        at path: String, lines read: (inout ClassIndexFile, [(line: Int, text: String)], _ firstSynonym: Bool) -> Void
    ) throws(DatasetError) {
        let text = try DatasetText.read(path, limit: Self.maximumBytes)
        let name = LayoutSurvey.split(path).name.lowercased()
        if name.hasSuffix(".json") {
            readJSON(text)
        } else {
            let list = ListText(text, format: .lines)
            problems = list.problems
            read(&self, list.records.map { (line: $0.line, text: $0.fields[0]) }, name == "loc_synset_mapping.txt")
        }
        if problems.isEmpty, entries.isEmpty { problems.append(.init("names no class")) }
    }

    private mutating func readJSON(_ text: String) {
        guard let pairs = try? JSONDecoder().decode([String: [String]].self, from: Data(text.utf8)) else {
            problems.append(
                .init("is not a JSON object of positions, folders and names: {\"0\": [\"n01440764\", \"tench\"], ...}"))
            return
        }
        for position in 0..<pairs.count {
            guard let pair = pairs[String(position)] else {
                problems.append(.init("has \(pairs.count) classes, but none at position \(position)"))
                continue
            }
            guard pair.count == 2, !pair[0].isEmpty, !pair[1].isEmpty else {
                problems.append(.init("position \(position): not a folder and a name"))
                continue
            }
            entries.append(Entry(line: nil, folder: pair[0], name: pair[1], whole: pair[1]))
        }
    }

    private mutating func readLines(_ lines: [(line: Int, text: String)], folders: [String], firstSynonym: Bool) {
        let known = Set(folders)
        let named = lines.map { Self.divided($0.text, known: known) }
        guard named.contains(where: { known.contains($0.folder) }) || firstSynonym else {
            return readNames(lines, folders: folders)
        }
        for (line, pair) in zip(lines, named) {
            add(pair, line: line.line, whole: line.text, firstSynonym: firstSynonym)
        }
    }

    private mutating func add(
        _ pair: (folder: String, name: String), line: Int, whole: String, firstSynonym: Bool
    ) {
        let synonym = firstSynonym ? pair.name.prefix { $0 != "," } : pair.name[...]
        let name = synonym.isEmpty ? pair.folder : String(synonym)
        entries.append(Entry(line: line, folder: pair.folder, name: name, whole: firstSynonym ? name : whole))
    }

    /// A line as a folder and a name: at a tab, at the line's end where all of it is a folder, or at the first space.
    private static func divided(_ text: String, known: Set<String>) -> (folder: String, name: String) {
        if known.contains(text) { return (text, text) }
        guard let divider = text.firstIndex(of: "\t") ?? text.firstIndex(of: " ") else { return (text, text) }
        return (trimmed(text[..<divider]), trimmed(text[divider...]))
    }

    private static func trimmed(_ text: Substring) -> String {
        text.trimmingCharacters(in: .whitespaces)
    }

    private mutating func readNames(_ lines: [(line: Int, text: String)], folders: [String]) {
        guard lines.count == folders.count else {
            problems.append(
                .init(
                    "has \(lines.count) lines for \(folders.count) class folders, and no line begins with one of "
                        + "them, such as \(folders.min(by: Folder.precedes) ?? "")"))
            return
        }
        for (line, folder) in zip(lines, Self.inOrder(folders)) {
            entries.append(Entry(line: line.line, folder: folder, name: line.text, whole: line.text))
        }
    }

    /// Sorted by name, or by number where all are numbers: 2 before 10.
    private static func inOrder(_ folders: [String]) -> [String] {
        let sorted = folders.sorted(by: Folder.precedes)
        guard folders.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } && Int($0) != nil }) else {
            return sorted
        }
        return sorted.sorted { (Int($0) ?? 0) < (Int($1) ?? 0) }
    }
}
