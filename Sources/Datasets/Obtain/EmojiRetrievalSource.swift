import Foundation

/// How `EmojiRetrieval` is made of the two styles of `Emoji`.
struct EmojiRetrievalSource: Sendable {
    /// The table of identities beside the images.
    static let tableName = "identities.csv"

    /// What must match. Others are for tests.
    var emoji = EmojiSource().prepared
    var digest = "a47f08af5c01ce7c1671ca74c189bb691d6fb7ff2611d82b8c03de0c4188997d"

    func obtain(cache: String?, progress: @escaping (String) -> Void) throws(DatasetError) -> String {
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
        /// Of Unicode.
        let group: String
        let isTest: Bool
        /// Below the folder of any style.
        let file: String
    }

    /// Copies the drawings of all styles in `styles` under names of Market-1501. Identities are numbered from 1 in the
    /// order of their code points, over training and test together.
    static func arrange(_ styles: String, into folder: String) throws(DatasetError) {
        for part in MarketDataset.folders { try DatasetCache.makeFolder(Folder.join(folder, part)) }
        let drawings = try Self.drawings(of: Folder.join(styles, Emoji.Style.emojiOne.rawValue))
        var table = "identity,emoji,group\n"
        for (index, drawing) in drawings.sorted(by: { $0.emoji < $1.emoji }).enumerated() {
            let identity = ReidentificationPart.text(index + 1)
            table += "\(identity),\(drawing.emoji.name),\(drawing.group)\n"
            for (style, camera, testPart) in [(Emoji.Style.emojiOne, 1, "query"), (.noto, 2, "bounding_box_test")] {
                let part = drawing.isTest ? testPart : "bounding_box_train"
                try DatasetCache.copyFile(
                    Folder.join(styles, "\(style.rawValue)/\(drawing.file)"),
                    to: Folder.join(folder, "\(part)/\(identity)_c\(camera)s1_000000_00.png"))
            }
        }
        try FileBytes.writeAtomically(Array(table.utf8), to: Folder.join(folder, tableName))
    }

    /// Those in `train/GROUP` and `test/GROUP`.
    private static func drawings(of style: String) throws(DatasetError) -> [Drawing] {
        try Folder.files(below: style) { $0.hasSuffix(".png") }.compactMap { file in
            let places = file.split(separator: "/").map(String.init)
            guard places.count == 3, let emoji = EmojiSequence(emojiOne: places[2]) else { return nil }
            return Drawing(emoji: emoji, group: places[1], isTest: places[0] == "test", file: file)
        }
    }
}
