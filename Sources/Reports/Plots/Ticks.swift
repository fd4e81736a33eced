import Foundation

/// Round values for an axis: multiples of 1, 2 or 5 times a power of ten; on a logarithmic one, such values themselves.
enum Ticks {
    /// The multiples of the step of 1, 2 or 5 times a power of ten that comes nearest to `count` intervals.
    ///
    /// - Parameters:
    ///   - lower: the axis's lower end.
    ///   - upper: its upper end, above `lower`.
    ///   - count: how many intervals to aim at; less than 1 counts as 1.
    ///   - isCovering: whether the ticks reach up to or beyond both ends, rather than stay between them.
    /// - Returns: At least one value if `isCovering`; in ascending order. Empty when the ends are not finite, not in
    ///   order, or too near to each other to be told apart.
    static func linear(from lower: Double, to upper: Double, count: Int, isCovering: Bool) -> [Double] {
        guard lower.isFinite, upper.isFinite, lower < upper, (1e-300...1e300).contains(upper / 2 - lower / 2) else {
            return []
        }
        let exponent = Int(log10((upper - lower) / Double(max(1, count))).rounded(.down))
        let candidates = [(1, 0), (2, 0), (5, 0), (1, 1)].compactMap { mantissa, more in
            Step(mantissa: mantissa, exponent: exponent + more).factors(lower, upper, isCovering: isCovering)
        }
        // Intervals are compared by their ratio, as twice as many are as far off as half as many.
        let best = candidates.min { first, second in
            func distance(_ range: (step: Step, first: Int, last: Int)) -> Double {
                abs(log(max(0.5, Double(range.last - range.first)) / Double(max(1, count))))
            }
            return distance(first) < distance(second)
        }
        return best.map { best in (best.first...best.last).map(best.step.multiple) } ?? []
    }

    /// Powers of ten; with 2 and 5 times those where few would lie between the ends; every second, third … power
    /// where more than some `count` would. Between ends within a factor of three, linear ticks.
    ///
    /// - Parameters:
    ///   - lower: the axis's lower end, above 0.
    ///   - upper: its upper end, above `lower`.
    ///   - count: about how many intervals there should be at most; less than 1 counts as 1.
    ///   - isCovering: whether the ticks reach up to or beyond both ends, rather than stay between them.
    /// - Returns: In ascending order. Empty when the ends are not finite, positive and in order.
    static func logarithmic(from lower: Double, to upper: Double, count: Int, isCovering: Bool) -> [Double] {
        guard lower.isFinite, upper.isFinite, lower > 0, lower < upper else { return [] }
        if upper / lower < 3 {
            return linear(from: lower, to: upper, count: count, isCovering: isCovering).filter { $0 > 0 }
        }
        let decades = log10(upper) - log10(lower)
        let mantissas = decades < 2.5 ? [1, 2, 5] : [1]
        let stride = decades < 2.5 ? 1 : max(1, Int((decades / Double(max(1, count))).rounded(.up)))
        let bottom = Int(log10(lower).rounded(.down))
        let start = Int((Double(bottom) / Double(stride)).rounded(.down)) * stride
        let end = Int(log10(upper).rounded(.up)) + stride
        let values = Swift.stride(from: start, through: end, by: stride)
            .flatMap { exponent in mantissas.map { Step(mantissa: $0, exponent: exponent).size } }
            .filter { $0 > 0 && $0.isFinite }
        let slack = 1 + 1e-9
        let first = values.lastIndex { $0 <= lower * slack }
        let last = values.firstIndex { $0 >= upper / slack }
        if isCovering, let first, let last, first <= last { return Array(values[first...last]) }
        return values.filter { $0 >= lower / slack && $0 <= upper * slack }
    }

    /// 1, 2 or 5 times a power of ten.
    private struct Step {
        let mantissa: Int
        let exponent: Int

        var size: Double { multiple(1) }

        /// The first and the last multiple between or, if covering, around two values; nil for none, or for values
        /// too large for such a step.
        func factors(_ lower: Double, _ upper: Double, isCovering: Bool) -> (step: Step, first: Int, last: Int)? {
            guard size > 0, max(abs(lower), abs(upper)) / size < 1e12 else { return nil }
            // What is within rounding of a multiple counts as that multiple.
            let slack = 1e-9
            let (low, high) = (lower / size, upper / size)
            let first = isCovering ? (low + slack).rounded(.down) : (low - slack).rounded(.up)
            let last = isCovering ? (high - slack).rounded(.up) : (high + slack).rounded(.down)
            return first <= last ? (self, Int(first), Int(last)) : nil
        }

        /// Divides by a positive power of ten rather than multiply by a rounded negative one: 0.6 is then 0.6.
        func multiple(_ factor: Int) -> Double {
            let whole = Double(factor) * Double(mantissa)
            return exponent < 0 && exponent > -300
                ? whole / pow(10, Double(-exponent)) : whole * pow(10, Double(exponent))
        }
    }
}
