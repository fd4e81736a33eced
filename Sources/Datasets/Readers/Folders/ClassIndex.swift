import Foundation

/// The classes of a folder data set in the order of their labels: the folder by which each is known, and what it is
/// called.
///
/// ImageNet's folders are numbers of WordNet (`n01440764`), and a file beside the data says what they mean (`tench`).
/// Folders are what images are labelled by; names are for tables, reports and networks.
public struct ClassIndex: Sendable, Hashable {
    /// The name of each class's folder; no two alike.
    public let folders: [String]
    /// The name of each class for people; no two alike.
    public let names: [String]

    /// The names of files that are taken as a class index where they lie beside the data, in any case.
    public static let fileNames = ["imagenet_class_index.json", "LOC_synset_mapping.txt", "classes.txt"]

    /// Whether a file's name is one of `fileNames`.
    static func isFileName(_ name: String) -> Bool {
        fileNames.contains { $0.lowercased() == name.lowercased() }
    }

    /// Classes that are called as their folders.
    public init(folders: [String]) {
        self.folders = folders
        names = folders
    }

    /// Reads a class index:
    ///
    /// - `*.json`: an object from each position to folder and name, `{"0": ["n01440764", "tench"], ...}`;
    /// - text in which each line is a folder and a name, divided by spaces or tabs, as `n01440764 tench`, or a folder
    ///   alone: the order of the lines is that of the classes. Of synonyms between commas, as in ImageNet's
    ///   `LOC_synset_mapping.txt`, the first is the name in a file of that name, and all of them are elsewhere;
    /// - text of names alone, in which no line begins with a folder: the names of the folders in sorted order, or, where
    ///   every folder is a number, in the order of the numbers.
    ///
    /// A name that several classes have, as ImageNet's two cranes, gets the folder behind it: `crane (n02012849)`.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - folders: the class folders there are, in any order.
    /// - Throws: `DatasetError` that names every class that the file has and the folders lack, and every folder that
    ///   the file lacks or has twice; or as reading does.
    public init(contentsOf path: String, folders: [String]) throws(DatasetError) {
        try self.init(ClassIndexFile(at: path, folders: folders), folders: folders, path: path)
    }

    private init(_ file: ClassIndexFile, folders: [String], path: String) throws(DatasetError) {
        var problems = file.problems
        let present = Set(folders)
        var entries: Set<String> = []
        for entry in file.entries {
            if !entries.insert(entry.folder).inserted {
                problems.append(.init(line: entry.line, "folder \(entry.folder) is named twice"))
            } else if !present.contains(entry.folder) {
                let name = entry.name == entry.folder ? "" : " (\(entry.name))"
                problems.append(.init(line: entry.line, "class \(entry.folder)\(name) has no folder"))
            }
        }
        // Of a file that could not be read as a whole, nothing is known to be missing.
        if file.problems.isEmpty {
            problems += folders.filter { !entries.contains($0) }.sorted(by: Folder.precedes)
                .map { .init("folder \($0) is not named in it") }
        }
        guard problems.isEmpty else {
            throw DatasetError(
                .malformed, file: path, problems: problems,
                advice: "Name each class folder once, or move this file away to have the classes called as their "
                    + "folders.")
        }
        self.folders = file.entries.map(\.folder)
        names = Self.unique(file.entries.map(\.name), folders: self.folders)
    }

    /// Gives names that are told apart, where several classes share one, by the folders behind them.
    static func unique(_ names: [String], folders: [String]) -> [String] {
        var counts: [String: Int] = [:]
        for name in names { counts[name, default: 0] += 1 }
        let told = zip(names, folders).map { name, folder in counts[name] == 1 ? name : "\(name) (\(folder))" }
        // A name may already be what another becomes.
        return Set(told).count == told.count ? told : folders
    }
}

/// What a class index says, entry by entry, before it is held against the folders.
struct ClassIndexFile {
    struct Entry {
        /// The line on which the entry stands; nil in JSON.
        let line: Int?
        let folder: String
        let name: String
        /// All of the line, where a line may be a name alone; the name elsewhere.
        let whole: String
    }

    /// The entries in the order of the classes.
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
        let name = Folder.split(path).name.lowercased()
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

    /// Divides a line into a folder and a name: at a tab, at the line's end where all of it is a folder, or at the
    /// first space.
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

/// The names of classes that a text file lists, one a line in their order, or that `*.json` tells as a class index does.
/// Blank lines, and blanks at the ends of lines, count for nothing.
///
/// - Parameter path: the file, in UTF-8 or UTF-16, with or without a byte order mark.
/// - Throws: `DatasetError` for a file that cannot be read, is no text (with the line), or names no class.
public func classNames(listedIn path: String) throws(DatasetError) -> [String] {
    if path.lowercased().hasSuffix(".json") { return try ClassIndexFile.entries(at: path).map(\.name) }
    let text = try DatasetText.read(path, limit: ClassIndexFile.maximumBytes)
    let records = ListText(text, format: .lines).records
    let names = records.map { $0.fields[0] }
    // Names stand in tables and pages, and those of folders end there, too.
    let longest = 255
    let long = records.filter { $0.fields[0].utf8.count > longest }
    guard long.isEmpty else {
        throw DatasetError(
            .malformed, file: path,
            problems: long.prefix(3).map { .init(line: $0.line, "a name of \($0.fields[0].utf8.count) bytes") },
            advice: "The name of a class has at most \(longest) bytes.")
    }
    guard !names.isEmpty else {
        throw DatasetError(
            .empty, file: path, "names no class", advice: "Write one name a line, in the order of the outputs.")
    }
    return names
}

/// Names that are one name to a person.
enum NameVariants {
    /// A sentence about the first names that differ only in upper and lower case, or in what stands between words; nil
    /// where there are none. Single letters may well differ in that alone.
    static func note(_ names: [String], _ what: String) -> String? {
        var groups: [String: [String]] = [:]
        for name in names where name.count > 1 { groups[folded(name), default: []].append(name) }
        let variants = groups.values.filter { $0.count > 1 }.sorted { Folder.precedes($0[0], $1[0]) }
        guard let first = variants.first else { return nil }
        let others = variants.count > 1 ? ", and so do \(variants.count - 1) more" : ""
        return
            "the \(what) \(first.map { "\"\($0)\"" }.joined(separator: " and ")) differ only in case or spaces\(others): are they one?"
    }

    private static func folded(_ name: String) -> String {
        name.lowercased().split { $0.isWhitespace || $0 == "_" || $0 == "-" }.joined(separator: " ")
    }
}
