/// The emoji of both styles (`Emoji`) as a data set of re-identification in the layout of Market-1501: which drawing of
/// the one style shows the same emoji as a drawing of the other?
///
///     bounding_box_train/0001_c1s1_000000_00.png      an emoji to learn from, by EmojiOne
///     bounding_box_train/0001_c2s1_000000_00.png      the same by Noto
///     query/0004_c1s1_000000_00.png                   an emoji to find, by EmojiOne
///     bounding_box_test/0004_c2s1_000000_00.png       the gallery: the same by Noto
///     identities.csv                                  which emoji each number is, and its group
///
/// An identity is an emoji, a camera a style: 1 is EmojiOne, 2 is Noto. No emoji is in training and test: 1,430 identities
/// are to learn from, 349 to find. Each query has one match in the gallery. Emoji that differ by the tone of a skin only
/// are different identities, on one side of the split. Some flags of training are drawn alike to the pixel, such as those
/// of Norway and Svalbard in Noto; no two images of the gallery are. Licences are those of `Emoji.Style`.
public enum EmojiRetrieval {
    /// Fetches the packages of `Emoji`, unless they are in the cache, and gives the folder of this data set, made of
    /// copies of their drawings.
    ///
    /// - Parameters:
    ///   - cache: the folder under which `emoji` and `emoji-retrieval` are kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done.
    /// - Throws: `DatasetError` of kind `.unobtainable`, which tells why each way failed, or `.unwritable`.
    public static func obtain(
        cache: String? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> String {
        try EmojiRetrievalSource().obtain(cache: cache, progress: progress)
    }

    /// Opens training images, queries and gallery in a folder that `obtain` gave.
    ///
    /// - Throws: `DatasetError` that names what is missing or damaged.
    public static func open(at folder: String) throws(DatasetError) -> MarketDataset {
        try MarketDataset.open(folder)
    }
}
