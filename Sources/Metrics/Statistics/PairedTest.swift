/// Student's t-test of paired values: whether two treatments of the same things differ in the mean (Student, "The
/// probable error of a mean", 1908).
public struct PairedTest: Sendable, Codable, Equatable {
    /// How many pairs.
    public var pairs: Int
    /// Mean of first less second.
    public var meanDifference: Double
    /// Of the differences, n - 1 in the denominator.
    public var standardDeviation: Double
    /// The statistic, of n - 1 degrees of freedom. Nil where all differences are the same, which has no test.
    public var t: Double?
    /// Two-sided probability of a statistic at least as large if there were no difference. Nil as `t`.
    public var p: Double?

    /// The test of two lists. Nil for lists of different lengths, of fewer than two pairs, and for values that are not
    /// finite.
    ///
    /// - Parameters:
    ///   - first: values of one treatment, such as accuracies by seed.
    ///   - second: values of the other, in the same order.
    public init?(_ first: [Double], _ second: [Double]) {
        guard first.count == second.count, first.count > 1 else { return nil }
        let differences = zip(first, second).map { $0 - $1 }
        guard differences.allSatisfy(\.isFinite) else { return nil }
        let count = Double(differences.count)
        let freedom = count - 1
        pairs = differences.count
        meanDifference = differences.reduce(0, +) / count
        standardDeviation = (SignalToNoise.squares(differences) / freedom).squareRoot()
        guard standardDeviation > 0 else { return }
        let t = meanDifference / (standardDeviation / count.squareRoot())
        self.t = t
        p = IncompleteBeta.regularized(freedom / (freedom + t * t), freedom / 2, 0.5)
    }
}
