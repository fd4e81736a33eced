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
