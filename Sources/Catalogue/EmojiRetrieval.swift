import Datasets
import Foundation
import Support

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
struct EmojiRetrieval: Sendable {
    /// The table of identities beside the images.
    static let tableName = "identities.csv"

    /// The drawings and the digest that must match. Others are for tests.
    var emoji = Emoji().prepared
    var digest = "a47f08af5c01ce7c1671ca74c189bb691d6fb7ff2611d82b8c03de0c4188997d"

    /// Fetches the packages of `Emoji`, unless they are in the cache, and gives the folder of this data set, made of
    /// copies of their drawings.
    ///
    /// - Parameters:
    ///   - cache: the folder under which `emoji` and `emoji-retrieval` are kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done.
    /// - Throws: `DatasetError` of kind `.unobtainable`, which tells why each way failed, or `.unwritable`.
    @Sendable func obtain(cache: String?, progress: @escaping (String) -> Void) throws(DatasetError) -> String {
        let searchPath = emoji.searchPath
        return try PreparedSource(
            name: "emoji-retrieval", digest: digest, neededBytes: 40_000_000, searchPath: searchPath
        ) { fetcher, folder throws(FetchFailure) in
            try FetchFailure.guarded { () throws(DatasetError) in
                let styles = try emoji.obtain(cache: cache, progress: fetcher.progress)
                fetcher.progress("naming the drawings by identity and camera")
                try Self.arrange(styles, into: folder)
            }
        }.obtain(cache: cache, progress: progress)
    }

    /// One drawing of a style.
    private struct Drawing {
        let emoji: EmojiSequence
        /// The group of Unicode.
        let group: String
        let isTest: Bool
        /// The path of the file below the folder of any style.
        let file: String
    }

    /// Copies the drawings of all styles in `styles` under names of Market-1501. Identities are numbered from 1 in the
    /// order of their code points, over training and test together.
    static func arrange(_ styles: String, into folder: String) throws(DatasetError) {
        for part in MarketDataset.folders { try Folder.make(FilePath.join(folder, part)) }
        let drawings = try Self.drawings(of: FilePath.join(styles, Emoji.Style.emojiOne.rawValue))
        var table = "identity,emoji,group\n"
        for (index, drawing) in drawings.sorted(by: { $0.emoji < $1.emoji }).enumerated() {
            let identity = ReidentificationPart.text(index + 1)
            table += "\(identity),\(drawing.emoji.name),\(drawing.group)\n"
            for (style, camera, testPart) in [(Emoji.Style.emojiOne, 1, "query"), (.noto, 2, "bounding_box_test")] {
                let part = drawing.isTest ? testPart : "bounding_box_train"
                try FileBytes.copy(
                    FilePath.join(styles, "\(style.rawValue)/\(drawing.file)"),
                    to: FilePath.join(folder, "\(part)/\(identity)_c\(camera)s1_000000_00.png"))
            }
        }
        try FileBytes.writeAtomically(Array(table.utf8), to: FilePath.join(folder, tableName))
    }

    /// Gives the drawings in `train/GROUP` and `test/GROUP`.
    private static func drawings(of style: String) throws(DatasetError) -> [Drawing] {
        try Folder.files(below: style) { $0.hasSuffix(".png") }.compactMap { file in
            let places = file.split(separator: "/").map(String.init)
            guard places.count == 3, let emoji = EmojiSequence(emojiOne: places[2]) else { return nil }
            return Drawing(emoji: emoji, group: places[1], isTest: places[0] == "test", file: file)
        }
    }
}
