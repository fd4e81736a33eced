import Catalogue
import Datasets
import Foundation
import Synchronization

/// Opens the data sets that configurations and arguments name.
enum DataSource {
    /// Opens a data set of classes by its name in the catalogue, from which it is fetched if needed, or by its path. In
    /// a folder with `train` and `val` only, `val` is the test part.
    static func open(_ source: String) throws -> OpenedDataset {
        if isPath(source) {
            let data = say(try openDataset(at: source).keepingFinalScore.withSeveralClasses(source))
            ImageNotes.passedOver(in: source)
            return data
        }
        return try DatasetCatalogue.open(source) { Console.say($0) }
    }

    /// Opens a data set of any task by name or path; the task follows from the layout of the files.
    static func openTask(_ source: String) throws -> TaskDataset {
        guard isPath(source) else { return try DatasetCatalogue.openTask(source) { Console.say($0) } }
        let data = try TaskDataset.open(at: source)
        switch data {
        case .classification(let opened): return .classification(say(try opened.withSeveralClasses(source)))
        case .faces(let parts): say(parts.opened)
        case .reidentification: break
        }
        return data
    }

    /// Prints the notes on how the data was read, each once, however often a command opens it.
    @discardableResult
    static func say(_ data: OpenedDataset) -> OpenedDataset {
        for note in data.notes where said.withLock({ $0.insert(note).inserted }) { Console.say("note: \(note)") }
        return data
    }

    private static let said = Mutex<Set<String>>([])

    /// Whether a source is a path: it exists or has a slash, and is no name of the catalogue.
    private static func isPath(_ source: String) -> Bool {
        !isNamed(source) && (source.contains("/") || FileManager.default.fileExists(atPath: source))
    }

    /// Whether a source is a single file, such as a list.
    static func isFile(_ source: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: source, isDirectory: &isFolder) && !isFolder.boolValue
    }

    /// Whether a source is a name of the catalogue. A folder of the same name is reached as `./NAME`.
    static func isNamed(_ source: String) -> Bool { DatasetCatalogue.names.contains(source) }

    /// The names of the catalogue, for help texts.
    static var names: String { DatasetCatalogue.names.joined(separator: ", ") }
}
