import Foundation

/// Several tests that are read together.
public enum ManyTests {
    /// Each p, made larger for the number of tests: where those below 0.05 are called findings, the probability that any of
    /// them is a false one is at most 0.05 (Holm, "A simple sequentially rejective multiple test procedure", 1979). It
    /// holds whether the tests depend on each other or not.
    ///
    /// - Parameter values: p of each test.
    /// - Returns: in the same order, none below its own and none above 1; empty for values that are no probabilities.
    public static func corrected(_ values: [Double]) -> [Double] {
        guard values.allSatisfy({ (0...1).contains($0) }) else { return [] }
        var corrected = values
        var largest = 0.0
        for (place, index) in values.indices.sorted(by: { values[$0] < values[$1] }).enumerated() {
            largest = max(largest, min(1, Double(values.count - place) * values[index]))
            corrected[index] = largest
        }
        return corrected
    }

    /// Whether one treatment is ahead of another over many tasks: the two-sided probability of what was seen on all of
    /// them together if it made no difference on any, by the sum of each test's normal deviate, in which what is ahead
    /// and what is behind cancel (Stouffer et al., "The American Soldier", vol. 1, 1949). The tests are taken to be
    /// independent.
    ///
    /// - Parameter tests: one a task. Those without p, whose differences are all the same, are left out.
    /// - Returns: the probability, and how many tests it rests on; nil where none has a p.
    public static func combined(_ tests: [PairedTest]) -> (p: Double, count: Int)? {
        let deviates = tests.compactMap { test -> Double? in
            guard let p = test.p, let t = test.t else { return nil }
            return t < 0 ? -deviate(upperTail: p / 2) : deviate(upperTail: p / 2)
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
