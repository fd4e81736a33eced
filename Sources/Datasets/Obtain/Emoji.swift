/// Emoji in two styles of drawing, by the groups of Unicode: the same 1,779 emoji in each, so that a network trained on
/// one style can be tested on the other. In colour; the background is transparent.
///
/// A fifth of the emoji of each group are for the test, the same ones in both styles; emoji that differ by the tone of
/// a skin only are never on both sides.
public enum Emoji {
    /// Whose drawings they are.
    public enum Style: String, Sendable, CaseIterable {
        /// EmojiOne (CC BY-SA 4.0), 64x64, as Debian's package `ruby-gemojione` carries them.
        case emojiOne = "emoji-one"
        /// Noto Emoji (Apache License 2.0; flags in the public domain), 72x72, flags 128x128, as Debian's package
        /// `ruby-tanuki-emoji` carries them.
        case noto = "emoji-noto"
    }

    /// Fetches both packages, whose common emoji are the data set, and gives the folder of one style: class folders in
    /// `train` and `test`. Where it is in the cache already, unharmed, nothing is fetched.
    ///
    /// - Parameters:
    ///   - style: whose drawings to give.
    ///   - cache: the folder under which `emoji` is kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done.
    /// - Throws: `DatasetError` of kind `.unobtainable`, which tells why each way failed, or `.unwritable`.
    public static func obtain(
        _ style: Style, cache: String? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> String {
        Folder.join(try EmojiSource().prepared.obtain(cache: cache, progress: progress), style.rawValue)
    }

    /// Opens the training and test sets in a folder that `obtain` gave.
    ///
    /// - Throws: `DatasetError` that names what is missing or damaged.
    public static func open(at folder: String) throws(DatasetError) -> OpenedDataset {
        try openDataset(at: folder, layout: .splitFolders)
    }
}
