/// The group of each emoji, as Unicode's `emoji-test.txt` (Technical Standard 51) orders them.
struct EmojiGroups {
    /// Folder names such as `people-body`, by emoji.
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

    /// `people-body` for `People & Body`.
    private static func folder(_ title: String) -> String {
        title.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
    }
}
