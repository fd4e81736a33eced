import Support
import TestImages
import Testing

@testable import Catalogue

@Suite struct EmojiTests {
    @Test func bothPublishersNamesGiveTheSameEmoji() throws {
        for (one, noto) in [
            ("1F44B-1F3FB", "emoji_u1f44b_1f3fb"), ("00A9", "emoji_ua9"), ("1F1EB-1F1F7", "FR"),
            ("1F468-2764-1F468", "emoji_u1f468_200d_2764_fe0f_200d_1f468"), ("0023-20E3", "emoji_u0023_20e3"),
        ] {
            let emoji = try #require(EmojiSequence(emojiOne: one + ".png"))
            #expect(emoji == EmojiSequence(noto: noto + ".png"))
            #expect(EmojiSequence(emojiOne: emoji.name + ".png") == emoji)
        }
        for name in ["sprite.png", ".png", "1F44B.svg", "1F44B-x.png"] {
            #expect(EmojiSequence(emojiOne: name) == nil)
        }
        for name in ["emoji_u.png", "emoji_ux.png", "F1.png", "FRA.png", "fr.png", "emoji_u1f44b.svg"] {
            #expect(EmojiSequence(noto: name) == nil)
        }
    }

    static let list = """
        # emoji-test.txt
        # group: Smileys & Emotion

        # subgroup: face
        1F600                ; fully-qualified     # 😀 E1.0 grinning face
        # group: People & Body
        1F44B 1F3FB          ; fully-qualified     # 👋🏻 E1.0 waving hand
        1F441 FE0F 200D 1F5E8 FE0F ; fully-qualified # eye
        # group: Component
        1F3FB                ; component           # light skin tone
        #EOF

        """

    @Test func groupsAreFolderNamesWithoutComponents() throws {
        let groups = try EmojiGroups(Self.list, name: "list").groups
        #expect(
            groups == [
                EmojiSequence([0x1F600]): "smileys-emotion", EmojiSequence([0x1F44B, 0x1F3FB]): "people-body",
                EmojiSequence([0x1F441, 0x1F5E8]): "people-body",
            ])
        expectError(.malformed, "list: line 2", "words") {
            _ = try EmojiGroups("# group: A\nwords ; x\n", name: "list")
        }
        expectError(.malformed, "list: line 1") { _ = try EmojiGroups("1F600 ; x # before a group\n", name: "list") }
    }

    /// Emoji in three groups, some of them in six tones.
    private static func emoji(seed: UInt64) -> [EmojiSequence: String] {
        var generator = SeededGenerator(seed: seed)
        var groups: [EmojiSequence: String] = [:]
        for point in 0..<UInt32(60 + generator.below(60)) {
            let group = ["a", "b", "c"][generator.below(3)]
            groups[EmojiSequence([0x1F900 + point])] = group
            guard generator.chance(0.3) else { continue }
            for tone: UInt32 in 0x1F3FB...0x1F3FF { groups[EmojiSequence([0x1F900 + point, tone])] = group }
        }
        return groups
    }

    @Test(arguments: 0..<8)
    func splitKeepsTonesTogetherAndIsStratified(seed: UInt64) {
        let groups = Self.emoji(seed: seed)
        let split = EmojiSplit(of: groups.keys, groups: groups)
        #expect((split.train + split.test).sorted() == groups.keys.sorted())
        // The first code point is all but the tone.
        let families = [split.train, split.test].map { Set($0.map { EmojiSequence([$0.points[0]]) }) }
        #expect(families[0].isDisjoint(with: families[1]))
        for group in ["a", "b", "c"] {
            let counts = families.map { family in Double(family.count { groups[$0] == group }) }
            #expect(abs(counts[1] - 0.2 * (counts[0] + counts[1])) < 1)
        }
        // Whatever the order in which they come.
        let again = EmojiSplit(of: groups.keys.sorted().reversed(), groups: groups)
        #expect(again.test == split.test && again.train == split.train)
        let other = EmojiSplit(of: groups.keys, groups: groups, seed: 1)
        #expect(other.test != split.test)
    }

    @Test func emojiWithoutAGroupAreInNoPart() {
        let groups = Self.emoji(seed: 1)
        let more = Array(groups.keys) + [EmojiSequence([1]), EmojiSequence([2])]
        let split = EmojiSplit(of: more, groups: groups)
        #expect(split.train.count + split.test.count == groups.count)
    }
}
