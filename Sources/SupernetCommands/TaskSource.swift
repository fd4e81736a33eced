import Datasets
import Foundation
import Support
import Tasks

/// Opens what a task names as data.
enum TaskSource {
    /// Rendered sets by name, kept beside those that are fetched.
    enum Synthetic: String, CaseIterable {
        case pedestrians = "synthetic-pedestrians"
        case faces = "synthetic-faces"

        /// Of the drawings, so that they are not those of `supernet data synth` without `--seed`.
        private static let seed: UInt64 = 1

        /// Renders the set where it is not there yet, and returns its folder.
        ///
        /// - Throws: `DatasetError` of kind `.unwritable`.
        func folder() throws -> String {
            let path = try DatasetCache.defaultFolder() + "/" + rawValue
            if FileManager.default.fileExists(atPath: path) { return path }
            Console.say("rendering \(rawValue) into \(path)")
            switch self {
            case .pedestrians:
                var options = SyntheticPedestrians.Options()
                (options.trainingIdentities, options.seed) = (300, Self.seed)
                try SyntheticPedestrians(options).write(to: path)
            case .faces:
                var options = SyntheticFaces.Options()
                options.seed = Self.seed
                try SyntheticFaces(options).write(to: path)
            }
            return path
        }
    }

    /// By name or by path.
    static let open = TaskData(
        classes: DataSource.open, people: people, faces: faces)

    /// Whether images are drawings, to be called so wherever a figure stands: a set by name, or a folder that says so itself.
    static func isSynthetic(_ source: String) -> Bool {
        if Synthetic(rawValue: source) != nil { return true }
        let readme = FilePath.join(source, "README.txt")
        guard let bytes = try? InputFile.readAll(readme) else { return false }
        return String(decoding: bytes.prefix(4096), as: UTF8.self).lowercased().contains("synthetic")
    }

    /// Names beside those of `DataSource`, for help.
    static var names: String { Synthetic.allCases.map(\.rawValue).joined(separator: ", ") }

    private static func people(_ source: String) throws -> MarketDataset {
        if DatasetCatalogue.reidentificationNames.contains(source) {
            return try DatasetCatalogue.openReidentification(source) { Console.say($0) }
        }
        let path = try folder(source, "re-identification")
        let people = try MarketDataset.open(path)
        ImageNotes.passedOver(in: path)
        return people
    }

    private static func faces(_ source: String, _ labels: FaceDataset.Target) throws -> OpenedDataset {
        let path = try folder(source, "faces")
        let faces = DataSource.say(try FaceDataset.open(path, as: labels).opened)
        ImageNotes.passedOver(in: path)
        return faces
    }

    private static func folder(_ source: String, _ wanted: String) throws -> String {
        if let synthetic = Synthetic(rawValue: source) { return try synthetic.folder() }
        guard DatasetCatalogue.names.contains(source), !FileManager.default.fileExists(atPath: source) else {
            return source
        }
        throw DatasetError(
            .unrecognised, "the data set \(source) is not for \(wanted)",
            advice: "Give the path of your images, or one of \(names).")
    }
}
