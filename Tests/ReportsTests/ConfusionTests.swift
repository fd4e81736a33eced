import Metrics
import Testing

@testable import Reports

struct ConfusionTests {
    @Test func sharesFollowFromTheCounts() throws {
        let matrix = try ConfusionMatrix([[8, 2, 0], [1, 9, 0], [0, 0, 0]])
        #expect(matrix.total == 20 && matrix.correct == 17 && matrix.classCount == 3)
        #expect(matrix.recalls == [0.8, 0.9, nil])
        #expect(matrix.precisions == [8.0 / 9, 9.0 / 11, nil])
        #expect(
            matrix.confusions(atMost: 9) == [
                .init(truth: 0, prediction: 1, count: 2, share: 0.2),
                .init(truth: 1, prediction: 0, count: 1, share: 0.1),
            ])
        #expect(matrix.confusions(atMost: 1).count == 1 && matrix.confusions(atMost: -1).isEmpty)
    }

    @Test func everyBadRowAndCountIsReported() {
        let problems = [
            "the confusion matrix has 3 rows, but row 0 has 2 columns",
            "the confusion matrix counts -4 in row 1, column 2",
            "the confusion matrix has 3 rows, but row 2 has 4 columns",
            "the confusion matrix counts \(Int.max) in row 2, column 3",
        ]
        #expect(throws: ReportError(problems)) { try ConfusionMatrix([[1, 2], [0, 0, -4], [0, 0, 0, .max]]) }
    }

    @Test func intervalsAgreeWithThePublishedOnes() throws {
        // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
        let published: [(Int, Int, Double, Double)] = [
            (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718),
        ]
        for (successes, trials, lower, upper) in published {
            let interval = try #require(WilsonInterval(successes: successes, of: trials))
            #expect(abs(interval.lower - lower) < 5e-5 && abs(interval.upper - upper) < 5e-5)
        }
    }

    @Test func intervalsMirrorShrinkAndHoldTheShare() throws {
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
