import Foundation

/// Times as the archive writes them: ISO 8601 in UTC, to the nanosecond, all of one width so that their order as text
/// is their order. A `Date` of this century after its first year has no finer digits, and comes back as it was.
enum EvaluationTime {
    /// Seconds from 2001 to the start of 1970 and to the end of 9999.
    private static let range = -978_307_200.0..<252_423_993_600.0

    /// `2025-03-01T12:30:00.250000000Z`; nil outside 1970 to 9999.
    static func text(_ date: Date) -> String? {
        let interval = date.timeIntervalSinceReferenceDate
        guard range.contains(interval) else { return nil }
        var second = interval.rounded(.down)
        var nanoseconds = Int(((interval - second) * 1e9).rounded())
        if nanoseconds == 1_000_000_000 { (second, nanoseconds) = (second + 1, 0) }
        let digits = String(nanoseconds)
        let fraction = String(repeating: "0", count: 9 - digits.count) + digits
        return Date(timeIntervalSinceReferenceDate: second).formatted(.iso8601).dropLast() + ".\(fraction)Z"
    }

    /// The date of such a text, with nine or fewer digits after the point, or no point; nil for any other.
    static func date(_ text: String) -> Date? {
        guard text.hasSuffix("Z") else { return nil }
        let parts = text.dropLast().split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let date = try? Date("\(parts[0])Z", strategy: .iso8601) else { return nil }
        guard parts.count == 2 else { return date }
        guard (1...9).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
            let nanoseconds = Int(parts[1] + String(repeating: "0", count: 9 - parts[1].utf8.count))
        else { return nil }
        return Date(
            timeIntervalSinceReferenceDate: date.timeIntervalSinceReferenceDate + Double(nanoseconds) / 1e9)
    }
}
