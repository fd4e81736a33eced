/// A figure with its 95 % interval.
public struct Interval: Sendable, Codable, Equatable {
    /// The figure itself, from all architectures.
    public var value: Double
    /// Where the interval begins.
    public var low: Double
    /// Where it ends.
    public var high: Double

    /// A figure and its interval.
    ///
    /// - Parameters:
    ///   - value: the figure itself.
    ///   - low: where its interval begins.
    ///   - high: where it ends.
    public init(value: Double, low: Double, high: Double) {
        self.value = value
        self.low = low
        self.high = high
    }

    /// The range that leaves out 2.5 % of the draws on each side (Efron and Tibshirani, "An Introduction to the
    /// Bootstrap", 1993, section 13.3), moved by `shift` and cut to what the figure can be. Nil without draws.
    package init?(value: Double, draws: [Double], shift: Double = 0, within range: ClosedRange<Double>) {
        guard !draws.isEmpty else { return nil }
        let sorted = draws.sorted()
        let bound = { (share: Double) in
            min(range.upperBound, max(range.lowerBound, Self.quantile(share, ofSorted: sorted) + shift))
        }
        self.init(value: value, low: bound(0.025), high: bound(0.975))
    }

    /// Linear between the two nearest of the values, which must not be none.
    private static func quantile(_ share: Double, ofSorted values: [Double]) -> Double {
        let place = share * Double(values.count - 1)
        let below = Int(place)
        let above = min(below + 1, values.count - 1)
        return values[below] + (place - Double(below)) * (values[above] - values[below])
    }
}

/// The score interval for a proportion (Wilson 1927, "Probable inference, the law of succession, and statistical
/// inference"), which holds near 0 and 1 and for small counts too.
public struct WilsonInterval: Sendable, Equatable {
    /// The quantile of the standard normal distribution that leaves 5 % outside, half on each side.
    public static let quantile95 = 1.959963984540054

    /// Between 0 and 1.
    public let lower: Double
    /// Between 0 and 1.
    public let upper: Double

    /// - Parameters:
    ///   - successes: 0 to `trials`; others are taken as the nearest of these.
    ///   - trials: how many there were. Nil comes back for none.
    ///   - quantile: of the standard normal distribution; by default for 95 %.
    public init?(successes: Int, of trials: Int, quantile: Double = quantile95) {
        guard trials > 0 else { return nil }
        let n = Double(trials)
        let share = Double(min(max(successes, 0), trials)) / n
        let square = quantile * quantile
        let centre = (share + square / (2 * n)) / (1 + square / n)
        let half = quantile / (1 + square / n) * (share * (1 - share) / n + square / (4 * n * n)).squareRoot()
        lower = max(0, centre - half)
        upper = min(1, centre + half)
    }
}
