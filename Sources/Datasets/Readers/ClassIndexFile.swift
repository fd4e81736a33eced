import Foundation

/// What a class index says, entry by entry, before it is held against the folders.
struct ClassIndexFile {
    struct Entry {
        /// Nil in JSON.
        let line: Int?
        let folder: String
        let name: String
    }

    /// In the order of the classes.
    private(set) var entries: [Entry] = []
    private(set) var problems: [DatasetError.Problem] = []

    static let maximumBytes = 64 << 20

    init(_ bytes: [UInt8], path: String, folders: [String]) {
        let name = LayoutSurvey.split(path).name.lowercased()
        if name.hasSuffix(".json") {
            readJSON(bytes)
        } else {
            let text = ListText(bytes, format: .lines)
            problems = text.problems
            let lines = text.records.map { (line: $0.line, text: $0.fields[0]) }
            readLines(lines, folders: folders, firstSynonym: name == "loc_synset_mapping.txt")
        }
        if problems.isEmpty, entries.isEmpty { problems.append(.init("names no class")) }
    }

    private mutating func readJSON(_ bytes: [UInt8]) {
        guard let pairs = try? JSONDecoder().decode([String: [String]].self, from: Data(bytes)) else {
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
            entries.append(Entry(line: nil, folder: pair[0], name: pair[1]))
        }
    }

    private mutating func readLines(_ lines: [(line: Int, text: String)], folders: [String], firstSynonym: Bool) {
        let known = Set(folders)
        let named = lines.map { Self.divided($0.text, known: known) }
        guard named.contains(where: { known.contains($0.folder) }) || firstSynonym else {
            return readNames(lines, folders: folders)
        }
        for (line, pair) in zip(lines, named) {
            let name = firstSynonym ? pair.name.prefix { $0 != "," } : pair.name[...]
            entries.append(Entry(line: line.line, folder: pair.folder, name: name.isEmpty ? pair.folder : String(name)))
        }
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
            entries.append(Entry(line: line.line, folder: folder, name: line.text))
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
