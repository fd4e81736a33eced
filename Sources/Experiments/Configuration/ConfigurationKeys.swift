/// Swift's `camelCase` and the configuration file's `kebab-case`.
enum KeyStyle {
    /// Converts a name to kebab-case: `batchSize` → `batch-size`, `imageURLPath` → `image-url-path`, `conv1x1Stride` →
    /// `conv1x1-stride`, `top_k` → `top-k`.
    static func kebab(_ name: String) -> String {
        let letters = Array(name)
        var result = ""
        for (index, letter) in letters.enumerated() {
            let previous = index > 0 ? letters[index - 1] : nil
            let next = index + 1 < letters.count ? letters[index + 1] : nil
            if letter == "_", index > 0 {
                result += "-"
                continue
            }
            if letter.isUppercase, let previous {
                let startsWord = previous.isLowercase || previous.isNumber
                let endsAcronym = previous.isUppercase && next?.isLowercase == true
                if startsWord || endsAcronym { result += "-" }
            }
            result += letter.lowercased()
        }
        return result
    }

    /// Converts a key to camel case: `batch-size` → `batchSize`.
    static func camel(_ key: String) -> String {
        let words = key.split(separator: "-", omittingEmptySubsequences: false)
        guard let first = words.first else { return key }
        return first + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}

/// Known keys that a mistyped one may have meant.
public enum NearestKeys {
    /// Up to three of `candidates`, nearest first, within a third of the word's length (and at least two) edits.
    public static func of(_ key: String, among candidates: [String]) -> [String] {
        // No key is so long, and telling how far it is from one would take long.
        guard key.utf8.count <= 100 else { return [] }
        let key = KeyStyle.kebab(key)
        let limit = max(2, key.count / 3)
        return candidates.map { (distance(key, $0), $0) }
            // Two edits turn any two-letter word into any other.
            .filter { $0.0 <= limit && $0.0 < max(key.count, $0.1.count) }
            .sorted { $0 < $1 }
            .prefix(3).map(\.1)
    }

    /// Damerau–Levenshtein distance in its optimal string alignment form: insertions, deletions, substitutions and
    /// swaps of neighbours, each costing 1.
    static func distance(_ a: String, _ b: String) -> Int {
        let a = Array(a)
        let b = Array(b)
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
                row.append(cost)
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}

/// Keys of YAML that are lists or sections. Nothing here has such keys, but the parser hashes them before anybody can
/// count what the aliases in them unfold to, which is without end for those who want it so.
enum KeysOfManyValues {
    /// Aliases that cannot do harm in a text of a few megabytes.
    private static let mostAliases = 8
    /// Such keys within each other, each of which the parser goes through again.
    private static let mostKeys = 50

    /// The line of the first of such keys, from 1, in a text that must not be given to the parser; nil for any other
    /// text, which may well have a few of them. Words in quotes may look like such keys, too, so that a single one is
    /// no reason.
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
