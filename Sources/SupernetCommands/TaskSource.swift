import Catalogue
import Datasets
import Foundation
import Support
import Tasks

/// Opens the data of tasks.
enum TaskSource {
    /// The functions that open the data of tasks by name or path.
    static let open = TaskData(
        classes: DataSource.open, people: people, faces: faces)

    /// Whether images are synthetic, which reports say: a named synthetic set, or a folder whose README.txt says so.
    static func isSynthetic(_ source: String) -> Bool {
        if DatasetCatalogue.syntheticNames.contains(source) { return true }
        let readme = FilePath.join(source, "README.txt")
        guard let bytes = try? InputFile.readAll(readme) else { return false }
        return String(decoding: bytes.prefix(4096), as: UTF8.self).lowercased().contains("synthetic")
    }

    /// The names of synthetic data sets, for help texts.
    static var names: String { DatasetCatalogue.syntheticNames.joined(separator: ", ") }

    private static func people(_ source: String) throws -> MarketDataset {
        if DatasetCatalogue.reidentificationNames.contains(source) {
            return try DatasetCatalogue.openReidentification(source) { Console.say($0) }
        }
        let path = try path(source, "re-identification")
        let people = try MarketDataset.open(path)
        ImageNotes.passedOver(in: path)
        return people
    }

    private static func faces(_ source: String, _ labels: FaceDataset.Target) throws -> OpenedDataset {
        if DatasetCatalogue.faceNames.contains(source) {
            return DataSource.say(try DatasetCatalogue.openFaces(source, as: labels) { Console.say($0) }.opened)
        }
        let path = try path(source, "faces")
        let faces = DataSource.say(try FaceDataset.open(path, as: labels).opened)
        ImageNotes.passedOver(in: path)
        return faces
    }

    private static func path(_ source: String, _ wanted: String) throws -> String {
        guard DatasetCatalogue.names.contains(source), !FileManager.default.fileExists(atPath: source) else {
            return source
        }
        throw DatasetError(
            .unrecognised, "the data set \(source) is not for \(wanted)",
            advice: "Give the path of your images, or one of \(names).")
    }
}
