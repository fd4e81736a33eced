import Datasets
import Foundation

/// Opens what a configuration or an argument names as data.
enum DataSource {
    /// A data set of the catalogue, fetched first if need be, or a path. Of a folder with `train` and `val` alone, `val`
    /// is the test.
    static func open(_ source: String) throws -> OpenedDataset {
        // What is neither is for the catalogue to refuse, unless it can only be meant as a path.
        let isPath = !isNamed(source) && (source.contains("/") || FileManager.default.fileExists(atPath: source))
        if isPath { return try openDataset(at: source).keepingFinalScore }
        return try DatasetCatalogue.open(source) { Console.say($0) }
    }

    /// Whether the catalogue has it. A folder of the same name is reached as `./NAME`.
    static func isNamed(_ source: String) -> Bool { DatasetCatalogue.names.contains(source) }

    /// The names, for help.
    static var names: String { DatasetCatalogue.names.joined(separator: ", ") }
}
