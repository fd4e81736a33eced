import Foundation

/// Durations and counts as people read them.
public enum Quantity {
    /// `0.4s`, `37s`, `4m12s`, `1h03m`, `2d04h`. Not finite or negative: `?`.
    public static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0 else { return "?" }
        if seconds < 9.95 { return String(format: "%.1fs", seconds) }
        guard seconds < 8_639_999_999 else { return "years" }
        let whole = Int(seconds.rounded())
        let (minutes, hours, days) = (whole / 60, whole / 3600, whole / 86_400)
        if minutes == 0 { return "\(whole)s" }
        if hours == 0 { return "\(minutes)m\(twoDigits(whole % 60))s" }
        if days == 0 { return "\(hours)h\(twoDigits(minutes % 60))m" }
        return "\(days)d\(twoDigits(hours % 24))h"
    }

    /// At most three digits and a decimal prefix: `0.25`, `9.50`, `950`, `1.2 k`, `34 M`. Not finite: `?`.
    public static func count(_ value: Double) -> String {
        guard value.isFinite else { return "?" }
        var scaled = abs(value)
        var prefix = ""
        for next in [" k", " M", " G", " T"] where scaled >= 999.5 {
            scaled /= 1000
            prefix = next
        }
        let isWhole = prefix.isEmpty && scaled == scaled.rounded()
        let digits = scaled >= 99.5 || isWhole ? 0 : scaled >= 9.95 ? (prefix.isEmpty ? 1 : 0) : prefix.isEmpty ? 2 : 1
        return (value < 0 ? "-" : "") + String(format: "%.\(digits)f", scaled) + prefix
    }

    /// A rate, such as `1.2 k/s`.
    public static func rate(_ perSecond: Double) -> String { count(perSecond) + "/s" }

    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
