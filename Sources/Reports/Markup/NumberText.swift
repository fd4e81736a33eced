import Foundation

/// Numbers as people and drawings read them.
enum NumberText {
    /// Between a number and its unit.
    static let space = "\u{202F}"

    /// A coordinate: at most two decimals and no needless zeros. Not finite: `0`.
    static func coordinate(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "0" }
        return trimmed(String(format: "%.2f", value))
    }

    /// A whole number with a comma before each three digits: `10,000`.
    static func grouped(_ number: Int) -> String {
        let digits = String(number.magnitude)
        let grouped = digits.enumerated().reduce(into: "") { text, digit in
            if digit.offset > 0, (digits.count - digit.offset) % 3 == 0 { text += "," }
            text.append(digit.element)
        }
        return number < 0 ? minus + grouped : grouped
    }

    /// A share of one as a percentage: `91.6 %`. Not finite: `–`.
    static func percent(_ share: Double, decimals: Int = 1) -> String {
        guard share.isFinite else { return "–" }
        return signed(String(format: "%.\(max(0, min(decimals, 9)))f", share * 100)) + space + "%"
    }

    /// A value with so many decimals: `0.71`. Not finite: `–`.
    static func fixed(_ value: Double, decimals: Int = 2) -> String {
        guard value.isFinite else { return "–" }
        let text = String(format: "%.\(max(0, min(decimals, 9)))f", value)
        return text.contains { ("1"..."9").contains($0) } ? signed(text) : text.replacingOccurrences(of: "-", with: "")
    }

    /// A measured value with three significant digits: `0.231`, `12.4`, `3,120`, `1.2·10⁻⁵`. Not finite: `–`.
    static func measured(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let size = abs(value)
        if size == 0 { return "0" }
        if size < 1e-3 || size >= 1e7 { return scientific(value) }
        if size >= 1000 { return grouped(Int(value.rounded())) }
        let decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3
        return signed(String(format: "%.\(decimals)f", value))
    }

    /// The values of a linear axis: all in the same unit and with the same decimals.
    static func ticks(_ values: [Double]) -> [String] {
        let largest = values.map(abs).max() ?? 0
        guard largest >= 0.999e-3, largest < 1e15 else { return values.map(tick) }
        let unit =
            largest < 9999 ? 1 : largest < 0.999e6 ? 1e3 : largest < 0.999e9 ? 1e6 : largest < 0.999e12 ? 1e9 : 1e12
        let suffix = unit == 1 ? "" : space + (prefixes[unit] ?? "")
        let decimals = values.map { fractionDigits($0 / unit) }.max() ?? 0
        return values.map { value in
            if value == 0 { return "0" }
            let text = String(format: "%.\(decimals)f", value / unit)
            return (abs(value / unit) >= 1000 && decimals == 0 ? grouped(Int(value / unit)) : signed(text)) + suffix
        }
    }

    private static let prefixes = [1e3: "k", 1e6: "M", 1e9: "G", 1e12: "T"]

    /// The number of decimals that a value needs, up to six.
    private static func fractionDigits(_ value: Double) -> Int {
        let text = trimmed(String(format: "%.6f", value))
        return text.firstIndex(of: ".").map { text.distance(from: $0, to: text.endIndex) - 1 } ?? 0
    }

    /// A value of an axis, with as many decimals as it needs and a decimal prefix from 10,000 on.
    static func tick(_ value: Double) -> String {
        let size = abs(value)
        if size == 0 { return "0" }
        if size < 0.999e-3 || size >= 1e15 { return scientific(value) }
        guard size >= 9999 else { return size >= 1000 ? grouped(Int(value.rounded())) : shortest(value) }
        let unit = [1e12, 1e9, 1e6].first { size >= $0 * 0.999 } ?? 1e3
        return shortest(value / unit) + space + (prefixes[unit] ?? "")
    }

    /// A value with up to three digits and a power of ten, such as `2·10⁻⁴`.
    private static func scientific(_ value: Double) -> String {
        let parts = String(format: "%.2e", value).split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]) else { return shortest(value) }
        let mantissa = trimmed(String(parts[0]))
        let power = "10" + superscript(exponent)
        switch mantissa {
        case "1": return power
        case "-1": return minus + power
        default: return signed(mantissa) + "·" + power
        }
    }

    private static func superscript(_ number: Int) -> String {
        let digits: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
        let text = String(number.magnitude).compactMap { $0.wholeNumberValue }.map { digits[$0] }
        return (number < 0 ? "⁻" : "") + String(text)
    }

    /// A value with up to six significant digits, never with an exponent for the sizes it is given.
    private static func shortest(_ value: Double) -> String { signed(String(format: "%.6g", value)) }

    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var text = Substring(text)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text == "-0" ? "0" : String(text)
    }

    private static let minus = "−"

    private static func signed(_ text: String) -> String {
        text.hasPrefix("-") ? minus + text.dropFirst() : text
    }
}
