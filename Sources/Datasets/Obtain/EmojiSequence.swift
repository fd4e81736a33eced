/// The code points of one emoji, without those that only join others (U+200D) or ask for colour (U+FE0F), which
/// publishers of emoji write or leave out in the names of their files as they please.
struct EmojiSequence: Hashable, Comparable {
    let points: [UInt32]

    init(_ points: [UInt32]) {
        self.points = points.filter { $0 != 0x200D && $0 != 0xFE0F }
    }

    /// From hexadecimal numbers; nil when there is none, or a piece is not such a number.
    init?(_ text: some StringProtocol, separator: Character) {
        let pieces = text.split(separator: separator)
        let points = pieces.compactMap { UInt32($0, radix: 16) }
        guard !points.isEmpty, points.count == pieces.count else { return nil }
        self.init(points)
    }

    /// From the name of a file of EmojiOne (`1F44B-1F3FB.png`); nil for others.
    init?(emojiOne file: String) {
        guard file.hasSuffix(".png") else { return nil }
        self.init(file.dropLast(4), separator: "-")
    }

    /// From the name of a file of Noto Emoji: `emoji_u1f44b_1f3fb.png`, or `FR.png` for a country's flag; nil for
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

    /// As in `1F44B-1F3FB`.
    var name: String {
        points.map { String($0, radix: 16, uppercase: true) }.joined(separator: "-")
    }

    /// The same without tones of skin (U+1F3FB to U+1F3FF).
    var withoutTone: EmojiSequence {
        EmojiSequence(points.filter { !(0x1F3FB...0x1F3FF).contains($0) })
    }

    static func < (a: EmojiSequence, b: EmojiSequence) -> Bool {
        a.points.lexicographicallyPrecedes(b.points)
    }
}
