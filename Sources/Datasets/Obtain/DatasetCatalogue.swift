/// The data sets that can be had by name.
public enum DatasetCatalogue {
    /// One of them.
    private struct Entry: Sendable {
        let name: String
        let obtain: @Sendable (String?, @escaping (String) -> Void) throws(DatasetError) -> String
        let open: @Sendable (String) throws(DatasetError) -> OpenedDataset
    }

    private static let entries: [Entry] =
        [
            Entry(name: "fashion-mnist", obtain: FashionMNIST.obtain, open: FashionMNIST.open),
            Entry(name: "mnist-part", obtain: DigitSet.mnistPart.obtain, open: DigitSet.mnistPart.open),
            Entry(name: "uci-digits", obtain: DigitSet.uciDigits.obtain, open: DigitSet.uciDigits.open),
        ]
        + Emoji.Style.allCases.map { style in
            Entry(
                name: style.rawValue,
                obtain: { cache, progress throws(DatasetError) in
                    try Emoji.obtain(style, cache: cache, progress: progress)
                }, open: Emoji.open)
        }

    /// In the order in which to list them.
    public static var names: [String] { entries.map(\.name) }

    /// Finds or fetches a data set, and opens its training and test sets.
    ///
    /// - Parameters:
    ///   - name: one of `names`.
    ///   - cache: the folder under which data sets are kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done; not called when the data set is there already.
    /// - Throws: `DatasetError` of kind `.unrecognised`, which lists the names, for another name; of kind
    ///   `.unobtainable`, which tells why each way failed; or `.unwritable`.
    public static func open(
        _ name: String, cache: String? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> OpenedDataset {
        guard let entry = entries.first(where: { $0.name == name }) else {
            throw DatasetError(
                .unrecognised, "there is no data set or file \(name)",
                advice: "Give the path of your images, or one of \(names.joined(separator: ", ")).")
        }
        return try entry.open(entry.obtain(cache, progress))
    }
}
