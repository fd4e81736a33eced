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

    /// Names of files that are taken as a class index where they lie beside the data, in any case.
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

    /// Names that are told apart, where several classes share one, by the folders behind them.
    static func unique(_ names: [String], folders: [String]) -> [String] {
        var counts: [String: Int] = [:]
        for name in names { counts[name, default: 0] += 1 }
        let told = zip(names, folders).map { name, folder in counts[name] == 1 ? name : "\(name) (\(folder))" }
        // A name may already be what another becomes.
        return Set(told).count == told.count ? told : folders
    }
}
