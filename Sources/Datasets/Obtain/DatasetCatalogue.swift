/// The data sets that can be had by name.
public enum DatasetCatalogue {
    /// One of them.
    private struct Entry: Sendable {
        let name: String
        let obtain: @Sendable (String?, @escaping (String) -> Void) throws(DatasetError) -> String
        let reader: Reader
    }

    /// What opens the folder that was obtained, by what the data set is for.
    private enum Reader: Sendable {
        case classification(@Sendable (String) throws(DatasetError) -> OpenedDataset)
        case reidentification(@Sendable (String) throws(DatasetError) -> MarketDataset)

        /// In words.
        var task: String {
            switch self {
            case .classification: "classification"
            case .reidentification: "re-identification"
            }
        }
    }

    private static let entries: [Entry] =
        [
            Entry(
                name: "fashion-mnist", obtain: FashionMNIST.obtain, reader: .classification(FashionMNIST.open)),
            Entry(
                name: "mnist-part", obtain: DigitSet.mnistPart.obtain, reader: .classification(DigitSet.mnistPart.open)),
            Entry(
                name: "uci-digits", obtain: DigitSet.uciDigits.obtain, reader: .classification(DigitSet.uciDigits.open)),
        ]
        + Emoji.Style.allCases.map { style in
            Entry(
                name: style.rawValue,
                obtain: { cache, progress throws(DatasetError) in
                    try Emoji.obtain(style, cache: cache, progress: progress)
                }, reader: .classification(Emoji.open))
        }
        + [
            Entry(name: "photo-stamps", obtain: PhotoStamps.obtain, reader: .classification(PhotoStamps.open)),
            Entry(
                name: "emoji-retrieval", obtain: EmojiRetrieval.obtain, reader: .reidentification(EmojiRetrieval.open)),
        ]

    /// All of them, in the order in which to list them.
    public static var names: [String] { entries.map(\.name) }

    /// Those with one class an image, which `open` opens.
    public static var classificationNames: [String] {
        entries.filter { if case .classification = $0.reader { true } else { false } }.map(\.name)
    }

    /// Those of re-identification, which `openReidentification` opens.
    public static var reidentificationNames: [String] {
        entries.filter { if case .reidentification = $0.reader { true } else { false } }.map(\.name)
    }

    /// Finds or fetches a data set with one class an image, and opens its training and test sets.
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
        let entry = try entry(name, of: classificationNames)
        guard case .classification(let open) = entry.reader else {
            throw forAnotherTask(entry, wanted: "classification", classificationNames)
        }
        return try open(entry.obtain(cache, progress))
    }

    /// Finds or fetches a data set of re-identification, and opens its training images, queries and gallery.
    ///
    /// - Parameters:
    ///   - name: one of `reidentificationNames`.
    ///   - cache: the folder under which data sets are kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done; not called when the data set is there already.
    /// - Throws: as `open` does.
    public static func openReidentification(
        _ name: String, cache: String? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> MarketDataset {
        let entry = try entry(name, of: reidentificationNames)
        guard case .reidentification(let open) = entry.reader else {
            throw forAnotherTask(entry, wanted: "re-identification", reidentificationNames)
        }
        return try open(entry.obtain(cache, progress))
    }

    /// Finds or fetches a data set of any task.
    ///
    /// - Parameters:
    ///   - name: one of `names`.
    ///   - cache: the folder under which data sets are kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done; not called when the data set is there already.
    /// - Throws: as `open` does.
    public static func openTask(
        _ name: String, cache: String? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> TaskDataset {
        let entry = try entry(name, of: names)
        let folder = try entry.obtain(cache, progress)
        switch entry.reader {
        case .classification(let open): return .classification(try open(folder))
        case .reidentification(let open): return .reidentification(try open(folder))
        }
    }

    private static func entry(_ name: String, of known: [String]) throws(DatasetError) -> Entry {
        guard let entry = entries.first(where: { $0.name == name }) else {
            throw DatasetError(
                .unrecognised, "there is no data set or file \(name)",
                advice: "Give the path of your images, or one of \(known.joined(separator: ", ")).")
        }
        return entry
    }

    private static func forAnotherTask(_ entry: Entry, wanted: String, _ known: [String]) -> DatasetError {
        DatasetError(
            .unrecognised, "the data set \(entry.name) is for \(entry.reader.task), not for \(wanted)",
            advice: "Choose that task, or give the path of your images or one of \(known.joined(separator: ", ")).")
    }
}
