/// What an axis measures, and how it is to be divided.
public struct Axis: Sendable, Equatable {
    /// How its values are written.
    public enum Format: Sendable, Equatable {
        /// `0.05`, `20 k`.
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

    /// The quantity, with its unit if it has one.
    public var title: String
    /// What equal steps mean.
    public var kind: Scale.Kind
    /// How ticks and measured values are written.
    public var format: Format
    /// What the quantity cannot leave, such as 0 to 1 for a share.
    public var limits: ClosedRange<Double>?
    /// A value to be on the axis whatever the data are.
    public var including: Double?
    /// Whether it ends at round values beyond the data, rather than where the data end.
    public var isRounded: Bool

    /// An axis without data: what it spans is up to those it is given.
    public init(
        _ title: String, kind: Scale.Kind = .linear, format: Format = .number, limits: ClosedRange<Double>? = nil,
        including: Double? = nil, isRounded: Bool = true
    ) {
        self.title = title
        self.kind = kind
        self.format = format
        self.limits = limits
        self.including = including
        self.isRounded = isRounded
    }

    /// A scale with its ticks.
    public struct Division: Sendable, Equatable {
        /// Where values stand.
        public let scale: Scale
        /// In ascending order, all on the scale.
        public let ticks: [Double]
        /// How each tick is written.
        public let texts: [String]

        /// Every how many ticks one can be written below the axis without its text meeting the next: 1 for all of them.
        ///
        /// - Parameter size: of the text, in the units of the drawing.
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
    public func division(of values: [Double], start: Double, end: Double, count: Int) -> Division {
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
