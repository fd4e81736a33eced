import Datasets
import Foundation
import Support

/// Emoji in two styles of drawing, by the groups of Unicode: the same 1,779 emoji in each, so that a network trained on
/// one style can be tested on the other. In colour; the background is transparent.
///
/// A fifth of the emoji of each group are for the test, the same ones in both styles; emoji that differ by the tone of
/// a skin only are never on both sides. This is where the drawings may be had, and how they are sorted into class folders,
/// `STYLE/train/GROUP` and `STYLE/test/GROUP`.
struct Emoji: Sendable {
    /// The publishers whose drawings there are.
    enum Style: String, Sendable, CaseIterable {
        /// EmojiOne (CC BY-SA 4.0), 64x64, as Debian's package `ruby-gemojione` carries them.
        case emojiOne = "emoji-one"
        /// Noto Emoji (Apache License 2.0; flags in the public domain), 72x72, flags 128x128, as Debian's package
        /// `ruby-tanuki-emoji` carries them.
        case noto = "emoji-noto"
    }

    static let gemojione = DebianPackage(
        name: "ruby-gemojione",
        build: .init(
            version: "3.3.0-1",
            sha256: "9981df47963de53e10ce097857825c72f2f11dbe2d4cd4887698a99a751bb6bb"))
    static let tanuki = DebianPackage(
        name: "ruby-tanuki-emoji",
        build: .init(
            version: "0.6.0-2",
            sha256: "00828824084225f7f70e3e6aa1147468bac84d58a8252281693a28589633d410"))
    private static let gems = "usr/share/rubygems-integration/all/gems"

    /// The packages and the digest that must match. Others are for tests.
    var emojiOne = Self.gemojione
    var noto = Self.tanuki
    var digest = "7aa942085bd7a72896d473ce323873853db69d2d9d2ce6cebbdafd7b7cf83b93"
    /// The folders where programs are looked for; nil for the system's own search path.
    var searchPath: String? = Tool.systemSearchPath

    var prepared: PreparedSource {
        PreparedSource(name: "emoji", digest: digest, neededBytes: 250_000_000, searchPath: searchPath) {
            fetcher, folder throws(FetchFailure) in
            let one = try fetcher.debianPackage(emojiOne)
            let noto = try fetcher.debianPackage(noto)
            fetcher.progress("sorting the drawings by Unicode's groups")
            try FetchFailure.guarded { () throws(DatasetError) in
                let tanuki = FilePath.join(noto, "\(Self.gems)/tanuki_emoji-0.6.0")
                let list = FilePath.join(tanuki, "vendor/unicode/emoji-test.txt")
                let text = String(decoding: try FileBytes.read(list, limit: 16 << 20), as: UTF8.self)
                try Self.sort(
                    [
                        .emojiOne: Self.drawings(
                            in: FilePath.join(one, "\(Self.gems)/gemojione-3.3.0/assets/png"),
                            named: EmojiSequence.init(emojiOne:)),
                        .noto: Self.drawings(
                            in: FilePath.join(tanuki, "app/assets/images/tanuki_emoji"),
                            named: EmojiSequence.init(noto:)),
                    ],
                    groups: EmojiGroups(text, name: list).groups, into: folder)
            }
        }
    }

    /// The paths of drawings in a folder, by emoji.
    private static func drawings(
        in folder: String, named sequence: (String) -> EmojiSequence?
    ) throws(DatasetError) -> [EmojiSequence: String] {
        var paths: [EmojiSequence: String] = [:]
        for name in try Folder.list(folder).files {
            if let emoji = sequence(name) { paths[emoji] = FilePath.join(folder, name) }
        }
        return paths
    }

    /// Moves the drawings of emoji that all styles have to `STYLE/train/GROUP/CODE-POINTS.png`, or `test`.
    static func sort(
        _ styles: [Style: [EmojiSequence: String]], groups: [EmojiSequence: String], into folder: String
    ) throws(DatasetError) {
        let common = groups.keys.filter { emoji in styles.values.allSatisfy { $0[emoji] != nil } }
        let split = EmojiSplit(of: common, groups: groups)
        for (style, drawings) in styles {
            for (part, emoji) in [("train", split.train), ("test", split.test)] {
                for one in emoji {
                    guard let source = drawings[one], let group = groups[one] else { continue }
                    let target = FilePath.join(folder, "\(style.rawValue)/\(part)/\(group)")
                    try Folder.make(target)
                    try FileBytes.move(source, to: FilePath.join(target, "\(one.name).png"))
                }
            }
        }
    }
}
