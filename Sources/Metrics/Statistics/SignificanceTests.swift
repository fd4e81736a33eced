import Foundation

/// Student's t-test of paired values: whether two treatments of the same things differ in the mean (Student, "The
/// probable error of a mean", 1908).
public struct PairedTest: Sendable, Equatable {
    /// The number of pairs.
    public let pairs: Int
    /// The mean of first less second.
    public let meanDifference: Double
    /// The standard deviation of the differences, with n - 1 in the denominator.
    public let standardDeviation: Double
    /// The statistic, of n - 1 degrees of freedom; nil where all differences are the same, which has no test.
    public let t: Double?
    /// The two-sided probability of a statistic at least as large if there were no difference; nil where `t` is.
    public let p: Double?

    /// The test of two lists; nil for lists of different lengths, of fewer than two pairs, and for values that are not
    /// finite.
    ///
    /// - Parameters:
    ///   - first: values of one treatment, such as accuracies by seed.
    ///   - second: values of the other, in the same order.
    public init?(_ first: [Double], _ second: [Double]) {
        let differences = zip(first, second).map { $0 - $1 }
        guard first.count == second.count, differences.allSatisfy(\.isFinite), let spread = SampleSpread(differences),
            let deviation = spread.deviation
        else { return nil }
        (pairs, meanDifference, standardDeviation) = (differences.count, spread.mean, deviation)
        guard deviation > 0 else {
            (t, p) = (nil, nil)
            return
        }
        let (count, freedom) = (Double(differences.count), Double(differences.count - 1))
        let t = spread.mean / (deviation / count.squareRoot())
        self.t = t
        p = IncompleteBeta.regularized(freedom / (freedom + t * t), freedom / 2, 0.5)
    }
}

/// Several tests that are read together.
public enum ManyTests {
    /// Each p, made larger for the number of tests: where those below 0.05 are called findings, the probability that
    /// any of them is a false one is at most 0.05 (Holm, "A simple sequentially rejective multiple test procedure",
    /// 1979). It holds whether the tests depend on each other or not.
    ///
    /// - Parameter values: p of each test, a probability; nil for one that has none, which counts as no test.
    /// - Returns: in the same order, none below its own and none above 1.
    public static func corrected(_ values: [Double?]) -> [Double?] {
        let tests = values.enumerated().compactMap { place, p in p.map { (place: place, p: $0) } }.sorted {
            $0.p < $1.p
        }
        var corrected = values
        var largest = 0.0
        for (rank, test) in tests.enumerated() {
            largest = max(largest, min(1, Double(tests.count - rank) * test.p))
            corrected[test.place] = largest
        }
        return corrected
    }

    /// Whether one treatment is ahead of another over many tasks: the two-sided probability of what was seen on all of
    /// them together if it made no difference on any, by the sum of each test's normal deviate, in which what is ahead
    /// and what is behind cancel (Stouffer et al., "The American Soldier", vol. 1, 1949). The tests are taken to be
    /// independent.
    ///
    /// - Parameter tests: one a task, with whether larger values are better there. Those without p, whose differences
    ///   are all the same, are left out.
    /// - Returns: the probability, and how many tests it rests on; nil where none has a p.
    public static func combined(_ tests: [(test: PairedTest, isHigherBetter: Bool)]) -> (p: Double, count: Int)? {
        let deviates = tests.compactMap { test, isHigherBetter -> Double? in
            guard let p = test.p, let t = test.t else { return nil }
            return (t > 0) == isHigherBetter ? deviate(upperTail: p / 2) : -deviate(upperTail: p / 2)
        }
        guard !deviates.isEmpty else { return nil }
        let sum = deviates.reduce(0, +) / Double(deviates.count).squareRoot()
        return (2 * upperTail(abs(sum)), deviates.count)
    }

    /// The probability that a standard normal number is larger.
    private static func upperTail(_ deviate: Double) -> Double { erfc(deviate / 2.0.squareRoot()) / 2 }

    /// The standard normal number that is exceeded with a probability of at most a half, by bisection.
    private static func deviate(upperTail probability: Double) -> Double {
        // Beyond 38 the probability is no number any more.
        var (low, high) = (0.0, 38.0)
        for _ in 0..<100 {
            let middle = (low + high) / 2
            if upperTail(middle) > probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}

/// The regularised incomplete beta function.
enum IncompleteBeta {
    /// I_x(a, b) for 0 <= x <= 1 and positive a, b, by the continued fraction of the NIST Digital Library of
    /// Mathematical Functions, 8.17.22, evaluated from the front (Lentz 1976).
    static func regularized(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        // The fraction converges fast below the mean; above it the symmetry I_x(a, b) = 1 - I_(1-x)(b, a) helps.
        if x > (a + 1) / (a + b + 2) { return 1 - regularized(1 - x, b, a) }
        let logBeta = logGamma(a) + logGamma(b) - logGamma(a + b)
        let front = exp(a * log(x) + b * log1p(-x) - logBeta) / a
        return front / fraction(x, a, b)
    }

    private static func logGamma(_ value: Double) -> Double {
        var sign: Int32 = 0
        return lgamma_r(value, &sign)
    }

    /// 1 + d1/(1 + d2/(1 + ...)).
    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        var (value, upper, lower) = (1.0, 1.0, 0.0)
        for term in 1...1000 {
            let m = Double(term / 2)
            let d =
                term.isMultiple(of: 2)
                ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            lower = 1 + d * lower
            lower = 1 / (lower == 0 ? tiny : lower)
            upper = 1 + d / upper
            if upper == 0 { upper = tiny }
            value *= upper * lower
            if abs(upper * lower - 1) < 1e-16 { break }
        }
        return value
    }
}
