import Datasets
import Foundation

/// Opens what a configuration or an argument names as data.
enum DataSource {
    /// A data set of the catalogue with one class an image, fetched first if need be, or a path. Of a folder with `train`
    /// and `val` alone, `val` is the test.
    static func open(_ source: String) throws -> OpenedDataset {
        if isPath(source) {
            let data = try openDataset(at: source).keepingFinalScore
            ImageNotes.passedOver(in: source)
            return data
        }
        return try DatasetCatalogue.open(source) { Console.say($0) }
    }

    /// The same for any task, which a path's names tell.
    static func openTask(_ source: String) throws -> TaskDataset {
        if isPath(source) { return try TaskDataset.open(at: source) }
        return try DatasetCatalogue.openTask(source) { Console.say($0) }
    }

    /// What is neither a name nor a path is for the catalogue to refuse, unless it can only be meant as a path.
    private static func isPath(_ source: String) -> Bool {
        !isNamed(source) && (source.contains("/") || FileManager.default.fileExists(atPath: source))
    }

    /// Whether the catalogue has it. A folder of the same name is reached as `./NAME`.
    static func isNamed(_ source: String) -> Bool { DatasetCatalogue.names.contains(source) }

    /// The names, for help.
    static var names: String { DatasetCatalogue.names.joined(separator: ", ") }
}
