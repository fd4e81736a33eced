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
