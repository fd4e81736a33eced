import Metrics
import Testing

struct SignificanceTests {
    @Test func pairedTestsAreAsInSciPy() throws {
        let goldens = try StatisticsGoldens.read().tests
        #expect(goldens.count == 6)
        for golden in goldens {
            let test = try #require(PairedTest(golden.first, golden.second))
            let (t, p) = (try #require(test.t), try #require(test.p))
            #expect(test.pairs == golden.first.count)
            #expect(abs(test.meanDifference - golden.mean) < 1e-12, "\(golden.name)")
            #expect(abs(test.standardDeviation - golden.deviation) < 1e-12, "\(golden.name)")
            #expect(abs(t - golden.t) < 1e-9 * max(1, abs(golden.t)), "\(golden.name)")
            #expect(abs(p - golden.p) < 1e-9 * golden.p, "\(golden.name): \(p), \(golden.p)")
        }
    }

    @Test func thereIsNoTestOfOnePairAndNoPOfEqualDifferences() throws {
        #expect(PairedTest([1], [2]) == nil)
        #expect(PairedTest([1, 2], [1, 2, 3]) == nil)
        #expect(PairedTest([1, .nan], [1, 2]) == nil)
        let equal = try #require(PairedTest([2, 3, 4], [1, 2, 3]))
        #expect(equal.meanDifference == 1)
        #expect(equal.p == nil)
        #expect(equal.t == nil)
    }

    @Test func combinedTestsAreAsInSciPyByStouffersMethod() throws {
        let goldens = try StatisticsGoldens.read().combinations
        #expect(goldens.count == 4)
        for golden in goldens {
            let tests = golden.lists.compactMap { PairedTest($0, [Double](repeating: 0, count: $0.count)) }
            let found = try #require(ManyTests.combined(tests.map { ($0, true) }))
            #expect(found.count == golden.lists.count)
            #expect(abs(found.p - golden.p) < 1e-9 * golden.p, "\(golden.name): \(found.p), \(golden.p)")
        }
        #expect(ManyTests.combined([]) == nil)
        let equal = try #require(PairedTest([2, 3, 4], [1, 2, 3]))
        #expect(ManyTests.combined([(equal, true)]) == nil)
        // Where less is better, what is below counts as ahead: the two cancel.
        let ahead = try #require(PairedTest([1, 2.5, 3], [0, 1, 1]))
        #expect(abs(try #require(ManyTests.combined([(ahead, true), (ahead, false)])).p - 1) < 1e-12)
    }

    @Test func oneOfManyIsCorrectedForTheirNumberAsByHolm() throws {
        // Times 4, 3, 2, 1 in the order of size, and never less than one before.
        let found = ManyTests.corrected([0.04, 0.01, 0.3, 0.02])
        for (value, expected) in zip(found, [0.08, 0.04, 0.3, 0.06]) {
            #expect(abs(try #require(value) - expected) < 1e-12)
        }
        #expect(ManyTests.corrected([0.02, 0.02, 0.9]) == [0.06, 0.06, 0.9])
        #expect(ManyTests.corrected([0.6, 0.7]) == [1, 1])
        #expect(ManyTests.corrected([0.03]) == [0.03] && ManyTests.corrected([]).isEmpty)
        // One without a p is no test.
        #expect(ManyTests.corrected([0.02, nil, 0.9]) == [0.04, nil, 0.9])
    }

    @Test func wilsonIntervalsAgreeWithThePublishedOnes() throws {
        // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
        let published: [(Int, Int, Double, Double)] = [
            (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718),
        ]
        for (successes, trials, lower, upper) in published {
            let interval = try #require(WilsonInterval(successes: successes, of: trials))
            #expect(abs(interval.lower - lower) < 5e-5 && abs(interval.upper - upper) < 5e-5)
        }
    }

    @Test func wilsonIntervalsMirrorShrinkAndHoldTheShare() throws {
        for trials in [1, 10, 1000] {
            for successes in 0...trials {
                let interval = try #require(WilsonInterval(successes: successes, of: trials))
                let mirror = try #require(WilsonInterval(successes: trials - successes, of: trials))
                let larger = try #require(WilsonInterval(successes: successes * 4, of: trials * 4))
                let share = Double(successes) / Double(trials)
                #expect(interval.lower <= share + 1e-12 && share <= interval.upper + 1e-12)
                #expect(abs(interval.lower - (1 - mirror.upper)) < 1e-12)
                #expect(larger.upper - larger.lower < interval.upper - interval.lower)
                // The interval's ends are where the score test just fails to reject: (p − x)² = z² p (1 − p) / n.
                for end in [interval.lower, interval.upper] where end > 0 && end < 1 {
                    let score =
                        (share - end) * (share - end) - 1.959963984540054 * 1.959963984540054 * end * (1 - end)
                        / Double(trials)
                    #expect(abs(score) < 1e-9)
                }
            }
        }
        #expect(WilsonInterval(successes: 0, of: 0) == nil)
        #expect(WilsonInterval(successes: 9, of: 3) == WilsonInterval(successes: 3, of: 3))
    }
}
