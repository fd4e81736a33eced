import Catalogue
import Datasets
import Foundation
import Synchronization

/// Opens what a configuration or an argument names as data.
enum DataSource {
    /// A data set of the catalogue with one class an image, fetched first if need be, or a path. Of a folder with `train`
    /// and `val` alone, `val` is the test.
    static func open(_ source: String) throws -> OpenedDataset {
        if isPath(source) {
            let data = say(try openDataset(at: source).keepingFinalScore.withSeveralClasses(source))
            ImageNotes.passedOver(in: source)
            return data
        }
        return try DatasetCatalogue.open(source) { Console.say($0) }
    }

    /// The same for any task, which a path's names tell.
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

    /// Says what a person should know of how the data was read, each thing once, however often a verb opens it.
    @discardableResult
    static func say(_ data: OpenedDataset) -> OpenedDataset {
        for note in data.notes where said.withLock({ $0.insert(note).inserted }) { Console.say("note: \(note)") }
        return data
    }

    private static let said = Mutex<Set<String>>([])

    /// What is neither a name nor a path is for the catalogue to refuse, unless it can only be meant as a path.
    private static func isPath(_ source: String) -> Bool {
        !isNamed(source) && (source.contains("/") || FileManager.default.fileExists(atPath: source))
    }

    /// Whether a source is a single file, such as a list.
    static func isFile(_ source: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: source, isDirectory: &isFolder) && !isFolder.boolValue
    }

    /// Whether the catalogue has it. A folder of the same name is reached as `./NAME`.
    static func isNamed(_ source: String) -> Bool { DatasetCatalogue.names.contains(source) }

    /// The names, for help.
    static var names: String { DatasetCatalogue.names.joined(separator: ", ") }
}
