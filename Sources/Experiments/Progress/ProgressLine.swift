import Foundation
import Support

/// The state that a progress line shows. Nil fields are left out.
public struct ProgressState: Equatable, Sendable {
    /// The phase of the work, such as `train` or `evaluate`.
    public var phase: String
    /// The epoch under way, counted from 1.
    public var epoch: Int?
    /// The number of epochs in all.
    public var epochs: Int?
    /// The number of steps done.
    public var step: Int
    /// The number of steps in all, from which the share done and the time left follow.
    public var steps: Int?
    /// The latest training loss, or a running mean of it; shown with four significant digits.
    public var loss: Double?
    /// The accuracy, from 0 to 1.
    public var accuracy: Double?
    /// Images in one step, from which images per second follow.
    public var imagesPerStep: Int?

    /// The state at `step` of `phase`; what is not given is not shown.
    public init(
        phase: String, epoch: Int? = nil, epochs: Int? = nil, step: Int, steps: Int? = nil, loss: Double? = nil,
        accuracy: Double? = nil, imagesPerStep: Int? = nil
    ) {
        self.phase = phase
        self.epoch = epoch
        self.epochs = epochs
        self.step = step
        self.steps = steps
        self.loss = loss
        self.accuracy = accuracy
        self.imagesPerStep = imagesPerStep
    }
}

/// Renders progress as one line of text: a pure function of its arguments.
public enum ProgressLine {
    /// Renders a line such as `train  epoch 3/30  step 1234/9000 (14%)  loss 1.234  accuracy 71.2%  1.2 k images/s
    /// 4m12s left`.
    ///
    /// - Parameters:
    ///   - state: the state to show; nil fields are left out.
    ///   - stepsPerSecond: nil while it is not known yet.
    ///   - width: columns of the terminal. A line that is too long first loses its least important fields, and is then
    ///     cut. Nil for any length.
    public static func render(_ state: ProgressState, stepsPerSecond: Double?, width: Int? = nil) -> String {
        var fields = fields(state, stepsPerSecond)
        func line() -> String { fields.map(\.text).joined(separator: "  ") }
        guard let width else { return line() }
        while TextWidth.of(line()) > width, fields.count > 1,
            let least = fields.indices.max(by: { fields[$0].rank < fields[$1].rank })
        {
            fields.remove(at: least)
        }
        return TextWidth.truncate(line(), to: width)
    }

    /// Seconds until the last step; nil where that is not known.
    public static func secondsLeft(_ state: ProgressState, stepsPerSecond: Double?) -> Double? {
        guard let steps = state.steps, let rate = stepsPerSecond, rate > 0 else { return nil }
        return Double(max(0, steps - state.step)) / rate
    }

    /// The fields in reading order. The higher its rank, the sooner a field is given up.
    private static func fields(_ state: ProgressState, _ rate: Double?) -> [(text: String, rank: Int)] {
        var fields: [(text: String, rank: Int)] = [(TerminalText.shown(state.phase, lines: false), 1)]
        func of(_ total: Int?) -> String { total.map { "/\($0)" } ?? "" }
        if let epoch = state.epoch { fields.append(("epoch \(epoch)\(of(state.epochs))", 4)) }
        let share = state.steps.flatMap { steps in
            steps > 0 ? " (\(Int(min(1, Double(state.step) / Double(steps)) * 100))%)" : nil
        }
        fields.append(("step \(state.step)\(of(state.steps))\(share ?? "")", 0))
        if let loss = state.loss { fields.append(("loss \(String(format: "%.4g", loss))", 3)) }
        if let accuracy = state.accuracy { fields.append((String(format: "accuracy %.1f%%", accuracy * 100), 5)) }
        if let images = state.imagesPerStep, let rate {
            let perSecond = Quantity.count(rate * Double(images))
            // `1.2 k images/s`, `950 images/s`
            fields.append(("\(perSecond) images/s", 6))
        }
        if let left = secondsLeft(state, stepsPerSecond: rate) {
            fields.append(("\(Quantity.duration(left)) left", 2))
        }
        return fields
    }
}

/// Durations and counts as people read them.
public enum Quantity {
    /// Writes a duration as `0.4s`, `37s`, `4m12s`, `1h03m` or `2d04h`, and `?` where it is not finite or negative.
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

    /// Writes a count with at most three digits and a decimal prefix: `0.25`, `9.50`, `950`, `1.2 k`, `34 M`; and `?`
    /// where it is not finite.
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

/// Columns that text takes on a terminal.
enum TextWidth {
    static func of(_ text: String) -> Int {
        text.reduce(0) { $0 + of($1) }
    }

    /// Cuts `text` to at most `width` columns, with an ellipsis where something was cut off.
    static func truncate(_ text: String, to width: Int) -> String {
        if of(text) <= width { return text }
        guard width > 0 else { return "" }
        var result = ""
        var used = 1
        for character in text {
            used += of(character)
            if used > width { break }
            result.append(character)
        }
        return result + "…"
    }

    /// Two for East Asian wide characters and emoji (the wide blocks of Unicode's EastAsianWidth), none for controls.
    private static func of(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        if scalar.properties.generalCategory == .control { return 0 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
