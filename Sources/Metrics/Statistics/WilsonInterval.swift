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
