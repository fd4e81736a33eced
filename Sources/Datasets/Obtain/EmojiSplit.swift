/// Which emoji go into the training and the test part: the same ones in every style.
///
/// A fifth of each group is for the test. Emoji that differ by the tone of a skin only are counted as one and stay
/// together: otherwise the test would ask for pictures that were all but seen.
struct EmojiSplit {
    /// In order.
    let train: [EmojiSequence]
    /// In order.
    let test: [EmojiSequence]

    /// - Parameters:
    ///   - emoji: in any order; each must have a group.
    ///   - groups: by emoji.
    ///   - seed: of the choice.
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
            of: ordered.map(\.value), classes: names.count, fraction: 0.2, seed: seed, stream: [0xE0701])
        let held = Set(zip(ordered, isTest).compactMap { $1 ? $0.key : nil })
        train = emoji.filter { !held.contains($0.withoutTone) }
        test = emoji.filter { held.contains($0.withoutTone) }
    }
}
