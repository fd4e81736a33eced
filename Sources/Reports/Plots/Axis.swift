import Foundation

/// The number format of an axis or a column.
public enum NumberFormat: Sendable, Equatable {
    /// Numbers as they are: `0.05`, `20 k`.
    case number
    /// Shares of one as percentages.
    case percent

    /// The values of ticks.
    func ticks(_ values: [Double], _ kind: Scale.Kind) -> [String] {
        let scaled = self == .percent ? values.map { $0 * 100 } : values
        let texts = kind == .linear ? NumberText.ticks(scaled) : scaled.map(NumberText.tick)
        return self == .percent ? texts.map { $0 + NumberText.space + "%" } : texts
    }

    /// A measured value, in short.
    func measured(_ value: Double) -> String {
        switch self {
        case .number: NumberText.measured(value)
        case .percent: NumberText.percent(value)
        }
    }
}

/// What an axis measures, and how it is to be divided.
struct Axis: Sendable, Equatable {
    /// The quantity, with its unit if it has one.
    var title: String
    /// The meaning of equal steps.
    var kind: Scale.Kind
    /// The format of ticks and measured values.
    var format: NumberFormat
    /// The range that the quantity cannot leave, such as 0 to 1 for a share; nil for none.
    var limits: ClosedRange<Double>?
    /// A value to be on the axis whatever the data are; nil for none.
    var including: Double?
    /// Whether the axis ends at round values beyond the data, rather than where the data end.
    var isRounded: Bool

    /// An axis without data: what it spans is up to those it is given.
    init(
        _ title: String, kind: Scale.Kind = .linear, format: NumberFormat = .number, limits: ClosedRange<Double>? = nil,
        including: Double? = nil, isRounded: Bool = true
    ) {
        (self.title, self.kind, self.format, self.limits) = (title, kind, format, limits)
        (self.including, self.isRounded) = (including, isRounded)
    }

    /// A scale with its ticks.
    struct Division: Sendable, Equatable {
        /// The scale of the axis.
        let scale: Scale
        /// The values of the ticks in ascending order, all on the scale.
        let ticks: [Double]
        /// The text of each tick.
        let texts: [String]

        /// Every how many ticks one can be written below the axis without its text meeting the next: 1 for all of them.
        ///
        /// - Parameter size: the size of the text, in the units of the drawing.
        func textStep(size: Double) -> Int {
            let halves = texts.map { TextMeasure.width($0, size: size) / 2 }
            func isFree(_ step: Int) -> Bool {
                let written = stride(from: 0, to: ticks.count, by: step)
                return zip(written, written.dropFirst()).allSatisfy { left, right in
                    let apart = abs(scale.position(of: ticks[right]) - scale.position(of: ticks[left]))
                    return apart >= halves[left] + halves[right] + size / 2
                }
            }
            return (1...max(ticks.count, 1)).first(where: isFree) ?? 1
        }
    }

    /// A scale that has all the values that can be drawn, and some `count` intervals between ticks.
    func division(of values: [Double], start: Double, end: Double, count: Int) -> Division {
        let drawable = (values + [including].compactMap(\.self)).filter { Scale.isDrawable($0, kind) }
        var (lower, upper) = spread(drawable)
        var values = ticks(from: lower, to: upper, count, isCovering: isRounded)
        if isRounded, let first = values.first, let last = values.last {
            (lower, upper) = clamped(min(first, lower), max(last, upper))
            values.removeAll { $0 < lower || $0 > upper }
        }
        let scale = Scale(kind, from: lower, to: upper, start: start, end: end)
        return Division(scale: scale, ticks: values, texts: format.ticks(values, kind))
    }

    private func ticks(from lower: Double, to upper: Double, _ count: Int, isCovering: Bool) -> [Double] {
        switch kind {
        case .linear: Ticks.linear(from: lower, to: upper, count: count, isCovering: isCovering)
        case .logarithmic: Ticks.logarithmic(from: lower, to: upper, count: count, isCovering: isCovering)
        }
    }

    /// The ends of the values, apart even if there is only one.
    private func spread(_ values: [Double]) -> (Double, Double) {
        guard let least = values.min(), let most = values.max() else {
            return kind == .linear ? clamped(0, 1) : clamped(1, 10)
        }
        // Differences that rounding may have made are none.
        if most - least > max(abs(least), abs(most)) * 1e-9 { return (least, most) }
        if kind == .logarithmic { return (least / 2, most * 2) }
        return most == 0 ? clamped(0, 1) : clamped(least - abs(least) / 2, most + abs(most) / 2)
    }

    private func clamped(_ lower: Double, _ upper: Double) -> (Double, Double) {
        guard let limits else { return (lower, upper) }
        let (low, high) = (max(lower, limits.lowerBound), min(upper, limits.upperBound))
        return low < high ? (low, high) : (lower, upper)
    }
}

/// The places of values on a line of the drawing.
struct Scale: Sendable, Equatable {
    /// The scale, by which equal steps on the drawing change a value.
    enum Kind: Sendable, Equatable {
        /// Equal steps are equal differences.
        case linear
        /// Equal steps are equal factors; values must be positive.
        case logarithmic

        /// The kind for some values: those that differ by more than a factor would crowd at one end of a linear scale.
        static func spanning(_ values: [Double], moreThan factor: Double = 10) -> Kind {
            guard let least = values.min(), let most = values.max(), least > 0 else { return .linear }
            return most / least > factor ? .logarithmic : .linear
        }
    }

    /// The meaning of equal steps.
    let kind: Kind
    /// The value at `start`; below `upper`.
    let lower: Double
    /// The value at `end`.
    let upper: Double
    /// The place of the lower value in pixels; it may lie beyond `end`, as it does for an axis that points up.
    let start: Double
    /// The place of the upper value in pixels.
    let end: Double

    /// A scale over a range of values. One that is empty, not finite, or not positive for a logarithmic scale,
    /// becomes 0 to 1, or 1 to 10.
    init(_ kind: Kind, from lower: Double, to upper: Double, start: Double, end: Double) {
        let isUsable = lower < upper && (upper - lower).isFinite && (kind == .linear || lower > 0)
        self.kind = kind
        self.lower = isUsable ? lower : kind == .linear ? 0 : 1
        self.upper = isUsable ? upper : kind == .linear ? 1 : 10
        (self.start, self.end) = (start, end)
    }

    /// The place of a value, in pixels; beyond the ends for a value beyond the range.
    func position(of value: Double) -> Double {
        let share =
            switch kind {
            case .linear: (value - lower) / (upper - lower)
            case .logarithmic: (log(value) - log(lower)) / (log(upper) - log(lower))
            }
        return start + share * (end - start)
    }

    /// The value at a place: the inverse of ``position(of:)``.
    func value(at position: Double) -> Double {
        let share = (position - start) / (end - start)
        return
            switch kind
        {
        case .linear: lower + share * (upper - lower)
        case .logarithmic: exp(log(lower) + share * (log(upper) - log(lower)))
        }
    }

    /// Whether such a scale has a place for the value: finite, not so large that differences overflow, and positive
    /// where logarithms are taken.
    static func isDrawable(_ value: Double, _ kind: Kind) -> Bool {
        abs(value) <= 1e300 && (kind == .linear || value >= 1e-300)
    }
}
