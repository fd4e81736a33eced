/// Two contexts side by side, for an error message.
enum ContextDifference {
    /// How many lines are shown; the rest are counted.
    static let maximumLines = 20

    /// The lines that only one of the two texts has.
    static func lines(stored: String, wanted: String) -> [String] {
        let (old, new) = (split(stored), split(wanted))
        var lines = only(in: old, not: new).map { "stored: \($0)" } + only(in: new, not: old).map { "wanted: \($0)" }
        if lines.isEmpty { lines = ["the same lines in another order, or other blank lines"] }
        let rest = lines.count - maximumLines
        return rest > 0 ? lines.prefix(maximumLines) + ["and \(rest) more lines"] : lines
    }

    private static func split(_ text: String) -> [Substring] {
        text.split(whereSeparator: \.isNewline)
    }

    private static func only(in lines: [Substring], not others: [Substring]) -> [Substring] {
        let others = Set(others)
        return lines.filter { !others.contains($0) }
    }
}
