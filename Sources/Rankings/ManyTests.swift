import Foundation

/// Several tests that are read together.
public enum ManyTests {
    /// Each p as it would have to be read if it were the only one, so that under `level` one in the whole list is wrong with
    /// that probability at most (Holm, "A simple sequentially rejective multiple test procedure", 1979). It holds whether
    /// the tests depend on each other or not.
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
    /// them together if it made no difference on any, by Fisher's method over the one-sided tests of both directions
    /// ("Statistical Methods for Research Workers", 4th edition, 1932). The tests are taken to be independent.
    ///
    /// - Parameter tests: one a task. Those without p, whose differences are all the same, are left out.
    /// - Returns: the probability, and how many tests it rests on; nil where none has a p.
    public static func combined(_ tests: [PairedTest]) -> (p: Double, count: Int)? {
        let sides = tests.compactMap { test -> (above: Double, below: Double)? in
            guard let p = test.p, let t = test.t else { return nil }
            return t > 0 ? (p / 2, 1 - p / 2) : (1 - p / 2, p / 2)
        }
        guard !sides.isEmpty else { return nil }
        let oneSided = min(fisher(sides.map(\.above)), fisher(sides.map(\.below)))
        return (min(1, 2 * oneSided), sides.count)
    }

    /// The upper tail of chi-squared with twice as many degrees of freedom as there are values, which has a closed form.
    private static func fisher(_ values: [Double]) -> Double {
        let half = -values.reduce(0) { $0 + log(max($1, .leastNonzeroMagnitude)) }
        var (term, sum) = (1.0, 1.0)
        for degree in 1..<max(values.count, 1) {
            term *= half / Double(degree)
            sum += term
        }
        return min(1, exp(-half) * sum)
    }
}
