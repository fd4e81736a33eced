import Datasets
import Support

/// The data sets that can be had by name: fetched from public packages and sites, or rendered.
public enum DatasetCatalogue {
    private static let fetched: [NamedDataset] =
        [
            NamedDataset(
                name: "fashion-mnist", reader: .classification(FashionMNIST.open), obtain: FashionMNIST().obtain),
            NamedDataset(.mnistPart, layout: .idx),
            NamedDataset(.uciDigits, layout: .idx),
        ]
        + Emoji.Style.allCases.map { style in
            NamedDataset(
                name: style.rawValue,
                reader: .classification { folder throws(DatasetError) in
                    try openDataset(at: folder, layout: .splitFolders)
                },
                obtain: { cache, progress throws(DatasetError) in
                    FilePath.join(try Emoji().prepared.obtain(cache: cache, progress: progress), style.rawValue)
                })
        }
        + [
            NamedDataset(PhotoStamps.five.prepared, layout: .splitFolders),
            NamedDataset(PhotoStamps.nine.prepared, layout: .splitFolders),
            NamedDataset(name: Nuclei.prepared.name, reader: .segmentation, obtain: Nuclei.prepared.obtain),
            NamedDataset(name: Trees.prepared.name, reader: .detection, obtain: Trees.prepared.obtain),
            NamedDataset(name: "emoji-retrieval", reader: .reidentification, obtain: EmojiRetrieval().obtain),
        ]
    private static let synthetic: [NamedDataset] = [
        .syntheticPedestrians, .syntheticFaces, .syntheticScenes, .syntheticStreets,
    ]
    private static var all: [NamedDataset] { fetched + synthetic }

    /// The data sets that are fetched, in the order in which to list them.
    public static var names: [String] { fetched.map(\.name) }

    /// The data sets that are rendered. Whatever is measured on them is to be called synthetic.
    public static var syntheticNames: [String] { synthetic.map(\.name) }

    /// The data sets with one class an image, which `open` opens.
    public static var classificationNames: [String] { names(of: .classification) }

    /// The data sets for re-identification, which `openReidentification` opens.
    public static var reidentificationNames: [String] { names(of: .reidentification) }

    /// The data sets of faces, which `openFaces` opens.
    public static var faceNames: [String] { names(of: .faces) }

    /// The data sets for semantic segmentation, which `openSegmentation` opens.
    public static var segmentationNames: [String] { names(of: .segmentation) }

    /// The data sets with boxes of objects, which `openDetection` opens.
    public static var detectionNames: [String] { names(of: .detection) }

    /// Finds, fetches or renders a data set with one class an image, and opens its training and test sets.
    ///
    /// - Parameters:
    ///   - name: one of `classificationNames`.
    ///   - cache: the folder under which data sets are kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done; not called when the data set is there already.
    /// - Throws: `DatasetError` of kind `.unrecognised`, which lists the names, for a name that there is not or that is
    ///   for another task, before anything is fetched; of kind `.unobtainable`, which tells why each way failed; or
    ///   `.unwritable`.
    public static func open(
        _ name: String, cache: String? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> OpenedDataset {
        let dataset = try dataset(name, for: .classification)
        guard case .classification(let open) = dataset.reader else { throw dataset.isForAnotherTask(.classification) }
        return try open(dataset.obtain(cache, progress))
    }

    /// Finds, fetches or renders a data set for re-identification, and opens its training images, queries and gallery.
    ///
    /// - Parameters:
    ///   - name: one of `reidentificationNames`.
    ///   - cache: the folder under which data sets are kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done; not called when the data set is there already.
    /// - Throws: `DatasetError` as `open` does.
    public static func openReidentification(
        _ name: String, cache: String? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> MarketDataset {
        try MarketDataset.open(dataset(name, for: .reidentification).obtain(cache, progress))
    }

    /// Finds, fetches or renders a data set of faces, and opens its training and test parts.
    ///
    /// - Parameters:
    ///   - name: one of `faceNames`.
    ///   - target: what the classes are.
    ///   - cache: the folder under which data sets are kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done; not called when the data set is there already.
    /// - Throws: `DatasetError` as `open` does.
    public static func openFaces(
        _ name: String, as target: FaceDataset.Target = .age, cache: String? = nil,
        progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> FaceParts {
        try FaceDataset.open(dataset(name, for: .faces).obtain(cache, progress), as: target)
    }

    /// Finds, fetches or renders a data set for semantic segmentation, and opens its parts.
    ///
    /// - Parameters:
    ///   - name: one of `segmentationNames`.
    ///   - cache: the folder under which data sets are kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done; not called when the data set is there already.
    /// - Throws: `DatasetError` as `open` does.
    public static func openSegmentation(
        _ name: String, cache: String? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> SegmentationParts {
        try SegmentationParts.open(dataset(name, for: .segmentation).obtain(cache, progress))
    }

    /// Finds, fetches or renders a data set with boxes of objects, and opens its parts.
    ///
    /// - Parameters:
    ///   - name: one of `detectionNames`.
    ///   - cache: the folder under which data sets are kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done; not called when the data set is there already.
    /// - Throws: `DatasetError` as `open` does.
    public static func openDetection(
        _ name: String, cache: String? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> DetectionParts {
        try DetectionParts.open(dataset(name, for: .detection).obtain(cache, progress))
    }

    /// Finds, fetches or renders a data set of any task.
    ///
    /// - Parameters:
    ///   - name: one of `names` or `syntheticNames`.
    ///   - cache: the folder under which data sets are kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done; not called when the data set is there already.
    /// - Throws: `DatasetError` as `open` does.
    public static func openTask(
        _ name: String, cache: String? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> TaskDataset {
        let dataset = try dataset(name, of: names)
        let folder = try dataset.obtain(cache, progress)
        switch dataset.reader {
        case .classification(let open): return .classification(try open(folder))
        case .reidentification: return .reidentification(try MarketDataset.open(folder))
        case .faces: return .faces(try FaceDataset.open(folder))
        case .segmentation, .segmentationAndDetection: return .segmentation(try SegmentationParts.open(folder))
        case .detection: return .detection(try DetectionParts.open(folder))
        }
    }

    /// Finds, fetches or renders a data set, and gives its folder.
    ///
    /// - Parameters:
    ///   - name: one of `names` or `syntheticNames`.
    ///   - cache: the folder under which data sets are kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done; not called when the data set is there already.
    /// - Throws: `DatasetError` as `open` does.
    public static func folder(
        of name: String, cache: String? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> String {
        try dataset(name, of: names).obtain(cache, progress)
    }

    static func names(of task: NamedDataset.Task) -> [String] {
        all.filter { $0.reader.tasks.contains(task) }.map(\.name)
    }

    private static func dataset(_ name: String, for task: NamedDataset.Task) throws(DatasetError) -> NamedDataset {
        let dataset = try dataset(name, of: names(of: task))
        guard dataset.reader.tasks.contains(task) else { throw dataset.isForAnotherTask(task) }
        return dataset
    }

    private static func dataset(_ name: String, of known: [String]) throws(DatasetError) -> NamedDataset {
        guard let dataset = all.first(where: { $0.name == name }) else {
            throw DatasetError(
                .unrecognised, "there is no data set or file \(name)",
                advice: "Give the path of your images, or one of \(known.joined(separator: ", ")).")
        }
        return dataset
    }
}
