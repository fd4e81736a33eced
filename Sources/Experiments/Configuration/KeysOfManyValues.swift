/// Keys of YAML that are lists or sections. Nothing here has such keys, but the parser hashes them before anybody can count
/// what the aliases in them unfold to, which is without end for those who want it so.
enum KeysOfManyValues {
    /// Aliases that cannot do harm in a text of a few megabytes.
    private static let mostAliases = 8
    /// Such keys within each other, each of which the parser goes through again.
    private static let mostKeys = 50

    /// The line of the first of such keys, from 1, in a text that must not be given to the parser; nil for any other text,
    /// which may well have a few of them. Words in quotes may look like such keys, too, so that a single one is no reason.
    static func line(in text: String) -> Int? {
        var text = text
        return text.withUTF8 { line(in: $0) }
    }

    private static func line(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var (line, aliases, keys) = (1, 0, 0)
        var first: Int?
        var previous = UInt8(ascii: "\n")
        for (place, byte) in bytes.enumerated() {
            let isKey: Bool
            switch byte {
            case UInt8(ascii: "*") where beginsValue(after: previous):
                aliases += 1
                let end = bytes[(place + 1)...].firstIndex { isBlank($0) || flow.contains($0) } ?? bytes.endIndex
                isKey = isFollowedByColon(bytes, from: end)
            case UInt8(ascii: "?") where beginsValue(after: previous):
                isKey = place + 1 < bytes.count && isBlank(bytes[place + 1])
            case UInt8(ascii: "]"), UInt8(ascii: "}"): isKey = isFollowedByColon(bytes, from: place + 1)
            default: isKey = false
            }
            if isKey {
                keys += 1
                first = first ?? line
            }
            if byte == UInt8(ascii: "\n") { line += 1 }
            previous = byte
        }
        return keys > mostKeys || aliases > mostAliases ? first : nil
    }

    private static let flow = Array("[]{},".utf8)

    private static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    private static func beginsValue(after byte: UInt8) -> Bool { isBlank(byte) || flow.contains(byte) }

    private static func isFollowedByColon(_ bytes: UnsafeBufferPointer<UInt8>, from place: Int) -> Bool {
        // So many blanks are not between a key and its colon; looking for more would take long in a text of blanks.
        bytes[min(place, bytes.count)..<min(place + 1024, bytes.count)].first { !isBlank($0) } == UInt8(ascii: ":")
    }
}
