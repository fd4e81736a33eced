import Datasets
import Drawings
import Support

/// A data set of the catalogue: how it is obtained, and what opens it.
struct NamedDataset: Sendable {
    /// What a data set is for, as messages say it.
    enum Task: String {
        case classification
        case reidentification = "re-identification"
        case faces
        case segmentation
        case detection
    }

    /// What opens the folder that was obtained.
    enum Reader: Sendable {
        case classification(@Sendable (String) throws(DatasetError) -> OpenedDataset)
        case reidentification
        case faces
        case segmentation
        case detection
        /// The same images in two layouts.
        case segmentationAndDetection

        /// What the data set is for, the first thing first.
        var tasks: [Task] {
            switch self {
            case .classification: [.classification]
            case .reidentification: [.reidentification]
            case .faces: [.faces]
            case .segmentation: [.segmentation]
            case .detection: [.detection]
            case .segmentationAndDetection: [.segmentation, .detection]
            }
        }
    }

    /// Finds or makes the data set in the cache that is given, or the default one, and gives its folder. Tells in words
    /// what is being done, if anything has to be.
    typealias Obtain = @Sendable (String?, @escaping (String) -> Void) throws(DatasetError) -> String

    let name: String
    let reader: Reader
    let obtain: Obtain

    init(name: String, reader: Reader, obtain: @escaping Obtain) {
        (self.name, self.reader, self.obtain) = (name, reader, obtain)
    }

    /// A data set of classes that is made from packages.
    init(_ source: PreparedSource, layout: DatasetLayout) {
        self.init(
            name: source.name,
            reader: .classification { folder throws(DatasetError) in try openDataset(at: folder, layout: layout) },
            obtain: source.obtain)
    }

    func isForAnotherTask(_ wanted: Task) -> DatasetError {
        let known = DatasetCatalogue.names(of: wanted).joined(separator: ", ")
        return DatasetError(
            .unrecognised, "the data set \(name) is for \(reader.tasks[0].rawValue), not for \(wanted.rawValue)",
            advice: "Choose that task, or give the path of your images or one of \(known).")
    }
}

// MARK: - Rendered

extension NamedDataset {
    /// 300 persons to learn from and 60 to find, rendered.
    static let syntheticPedestrians = rendered("synthetic-pedestrians", .reidentification) {
        folder, _, _ throws(DatasetError) in
        var options = SyntheticPedestrians.Options()
        (options.trainingIdentities, options.seed) = (300, seed)
        try SyntheticPedestrians(options).write(to: folder)
    }

    /// 3,000 faces, rendered.
    static let syntheticFaces = rendered("synthetic-faces", .faces) { folder, _, _ throws(DatasetError) in
        var options = SyntheticFaces.Options()
        options.seed = seed
        try SyntheticFaces(options).write(to: folder)
    }

    /// 1,500 scenes of cut-outs, which are those of `photo-stamps-9`.
    static let syntheticScenes = rendered("synthetic-scenes", .segmentationAndDetection) {
        folder, cache, progress throws(DatasetError) in
        var options = SyntheticScenes.Options()
        options.seed = seed
        let cutOuts = try PhotoStamps.nine.prepared.obtain(cache: cache, progress: progress)
        try SyntheticScenes(cutOuts: cutOuts, options).write(to: folder)
    }

    /// 750 streets of fifteen cities.
    static let syntheticStreets = rendered("synthetic-streets", .segmentation) { folder, _, _ throws(DatasetError) in
        var options = SyntheticStreets.Options()
        options.seed = seed
        try SyntheticStreets(options).write(to: folder)
    }

    /// The seed of the drawings, so that they are not those of `supernet data synth` without `--seed`.
    private static let seed: UInt64 = 1

    /// A set that is rendered where it is not there yet. Whatever stands at its place is taken for it: sets that earlier
    /// versions rendered remain.
    private static func rendered(
        _ name: String, _ reader: Reader,
        write:
            @escaping @Sendable (
                _ folder: String, _ cache: String?, _ progress: @escaping (String) -> Void
            ) throws(DatasetError) -> Void
    ) -> NamedDataset {
        NamedDataset(name: name, reader: reader) { cache, progress throws(DatasetError) in
            let folder = FilePath.join(try DatasetCache.folder(cache), name)
            if FilePath.exists(folder) { return folder }
            progress("rendering \(name) into \(folder)")
            try write(folder, cache, progress)
            return folder
        }
    }
}
