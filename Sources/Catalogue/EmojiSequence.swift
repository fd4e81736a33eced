import Datasets
import Support

/// The code points of one emoji, without those that only join others (U+200D) or ask for colour (U+FE0F), which
/// publishers of emoji write or leave out in the names of their files as they please.
struct EmojiSequence: Hashable, Comparable {
    let points: [UInt32]

    init(_ points: [UInt32]) {
        self.points = points.filter { $0 != 0x200D && $0 != 0xFE0F }
    }

    /// Reads hexadecimal numbers; nil when there is none, or a piece is not such a number.
    init?(_ text: some StringProtocol, separator: Character) {
        let pieces = text.split(separator: separator)
        let points = pieces.compactMap { UInt32($0, radix: 16) }
        guard !points.isEmpty, points.count == pieces.count else { return nil }
        self.init(points)
    }

    /// Reads the name of a file of EmojiOne (`1F44B-1F3FB.png`); nil for others.
    init?(emojiOne file: String) {
        guard file.hasSuffix(".png") else { return nil }
        self.init(file.dropLast(4), separator: "-")
    }

    /// Reads the name of a file of Noto Emoji: `emoji_u1f44b_1f3fb.png`, or `FR.png` for a country's flag; nil for
    /// others.
    init?(noto file: String) {
        guard file.hasSuffix(".png") else { return nil }
        let stem = file.dropLast(4)
        if stem.hasPrefix("emoji_u") {
            self.init(stem.dropFirst("emoji_u".count), separator: "_")
            return
        }
        // A flag is the country's two letters, each as a regional indicator symbol.
        guard stem.utf8.count == 2, stem.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
        else { return nil }
        self.init(stem.utf8.map { 0x1F1E6 + UInt32($0 - UInt8(ascii: "A")) })
    }

    /// The code points in hexadecimal, as in `1F44B-1F3FB`.
    var name: String {
        points.map { String($0, radix: 16, uppercase: true) }.joined(separator: "-")
    }

    /// The sequence without tones of skin (U+1F3FB to U+1F3FF).
    var withoutTone: EmojiSequence {
        EmojiSequence(points.filter { !(0x1F3FB...0x1F3FF).contains($0) })
    }

    static func < (a: EmojiSequence, b: EmojiSequence) -> Bool {
        a.points.lexicographicallyPrecedes(b.points)
    }
}

/// The group of each emoji, as Unicode's `emoji-test.txt` (Technical Standard 51) orders them.
struct EmojiGroups {
    /// The groups as folder names such as `people-body`, by emoji.
    private(set) var groups: [EmojiSequence: String] = [:]

    /// Reads `emoji-test.txt`. Its group `Component` is left out: skin tones and hair by themselves are no pictures.
    ///
    /// - Throws: `DatasetError` that names the first line which is neither a comment nor an emoji of a group.
    init(_ text: String, name: String) throws(DatasetError) {
        var group = ""
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("# group: ") { group = Self.folder(String(line.dropFirst("# group: ".count))) }
            guard let points = line.prefix(while: { $0 != "#" }).split(separator: ";").first, !line.hasPrefix("#")
            else {
                continue
            }
            guard let emoji = EmojiSequence(points, separator: " "), !group.isEmpty else {
                throw DatasetError(
                    .malformed, file: name, line: index + 1, "is not an emoji of a group: \(line.prefix(80))",
                    advice: "Fetch the file again.")
            }
            if group != "component" { groups[emoji] = group }
        }
    }

    /// The name of a group's folder: `people-body` for `People & Body`.
    private static func folder(_ title: String) -> String {
        title.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
    }
}

/// Which emoji go into the training and the test part: the same ones in every style.
///
/// A fifth of each group is for the test. Emoji that differ by the tone of a skin only are counted as one and stay
/// together: otherwise the test would ask for pictures that were all but seen.
struct EmojiSplit {
    /// The emoji to learn from, in order.
    let train: [EmojiSequence]
    /// The emoji for the test, in order.
    let test: [EmojiSequence]

    /// Divides emoji.
    ///
    /// - Parameters:
    ///   - emoji: in any order; each must have a group.
    ///   - groups: the group of each emoji.
    ///   - seed: the seed of the choice.
    init(of emoji: some Sequence<EmojiSequence>, groups: [EmojiSequence: String], seed: UInt64 = 0) {
        let emoji = emoji.filter { groups[$0] != nil }.sorted()
        let names = Set(emoji.compactMap { groups[$0] }).sorted(by: Folder.precedes)
        // The group of a family is that of its first member, which is all of it but for tones.
        var families: [EmojiSequence: Int] = [:]
        for one in emoji where families[one.withoutTone] == nil {
            families[one.withoutTone] = groups[one].flatMap(names.firstIndex)
        }
        let ordered = families.sorted { $0.key < $1.key }
        let isTest = stratifiedChoice(
            of: ordered.map(\.value), classes: names.count, fraction: 0.2, seed: seed, stream: [RandomStream.emojiTest])
        let held = Set(zip(ordered, isTest).compactMap { $1 ? $0.key : nil })
        train = emoji.filter { !held.contains($0.withoutTone) }
        test = emoji.filter { held.contains($0.withoutTone) }
    }
}
