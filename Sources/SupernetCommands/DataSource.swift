import Catalogue
import Datasets
import Foundation
import Support
import Synchronization
import Tasks

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
        case .segmentation(let parts): say(parts.opened)
        case .detection(let parts): say(parts.opened)
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

    /// Whether a source is a name of the catalogue. A folder of the same name is reached as `./NAME`.
    static func isNamed(_ source: String) -> Bool { DatasetCatalogue.names.contains(source) }

    /// The names of the catalogue, for help texts.
    static var names: String { DatasetCatalogue.names.joined(separator: ", ") }
}

/// Opens the data of tasks.
enum TaskSource {
    /// The functions that open the data of tasks by name or path.
    static let open = TaskData(
        classes: DataSource.open, people: people, faces: faces, pixels: pixels, objects: objects)

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

    private static func pixels(_ source: String) throws -> OpenedDataset {
        if DatasetCatalogue.segmentationNames.contains(source) {
            return DataSource.say(try DatasetCatalogue.openSegmentation(source) { Console.say($0) }.opened)
                .keepingFinalScore
        }
        let path = try path(source, "segmentation")
        let parts = DataSource.say(try SegmentationParts.open(path).opened).keepingFinalScore
        ImageNotes.passedOver(in: path)
        return parts
    }

    private static func objects(_ source: String) throws -> OpenedDataset {
        if DatasetCatalogue.detectionNames.contains(source) {
            return DataSource.say(try DatasetCatalogue.openDetection(source) { Console.say($0) }.opened)
                .keepingFinalScore
        }
        let path = try path(source, "detection")
        return DataSource.say(try DetectionParts.open(path).opened).keepingFinalScore
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
