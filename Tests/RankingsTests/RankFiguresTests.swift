import Metrics
import Support
import Testing

@testable import Rankings

struct RankFiguresTests {
    private static func figures(_ scores: [Double], _ truth: [Double], weights: [Int]? = nil) -> RankFigures {
        let weights = weights ?? [Int](repeating: 1, count: truth.count)
        return RankFigures(RankedScores(scores), RankedReference(values: truth, weights: weights))
    }

    @Test func aPerfectRankingAndItsReverseAreTheExtremes() throws {
        let truth = (0..<60).map { Double($0) / 10 }
        let perfect = Self.figures(truth.map { $0 * $0 }, truth)
        let reversed = Self.figures(truth.map { -$0 }, truth)
        for figure in [Figure.tau, .spearman, .tauTopTenth, .spearmanTopTenth, .tauTopQuarter, .spearmanTopQuarter] {
            #expect(abs(try #require(perfect[figure]) - 1) < 1e-12)
            #expect(abs(try #require(reversed[figure]) + 1) < 1e-12)
        }
        #expect(perfect[.precisionAtTen] == 1)
        #expect(perfect[.regret] == 0)
        #expect(perfect[.regretOfTen] == 0)
        #expect(reversed[.precisionAtTen] == 0)
        #expect(reversed[.regret] == 5.9)
        #expect(reversed[.regretOfTen] == 5.9 - 0.9)
    }

    @Test func precisionAndRegretAreAsByHand() {
        // After those named, the measure puts the worst first.
        let truth = (0..<30).map(Double.init)
        let one = Self.figures(truth.map { $0 == 29 ? 100 : -$0 }, truth)
        #expect(one[.precisionAtTen] == 0.1)
        #expect(one[.regret] == 0)
        let other = Self.figures(truth.map { $0 == 20 ? 100 : $0 == 25 ? 99 : -$0 }, truth)
        #expect(other[.precisionAtTen] == 0.2)
        #expect(other[.regret] == 9)
        #expect(other[.regretOfTen] == 4)
    }

    @Test func tiesGiveTheMeanOverAllTheirOrders() throws {
        var generator = SeededGenerator(seed: 3)
        let truth = (0..<24).map { _ in Double(generator.below(12)) }
        let scores = (0..<24).map { _ in Double(generator.below(3)) }
        let tied = Self.figures(scores, truth)
        let draws = 2000
        var sums = [Figure.precisionAtTen: 0.0, .regret: 0, .regretOfTen: 0]
        for _ in 0..<draws {
            let order = generator.permutation(24)
            let broken = zip(scores, order).map { $0 + Double($1) / 100 }
            let first = broken.indices.sorted { broken[$0] > broken[$1] }
            // By definition, with the ten best by truth in order of position.
            let best = truth.indices.sorted { truth[$0] == truth[$1] ? $0 < $1 : truth[$0] > truth[$1] }
            sums[.precisionAtTen, default: 0] += Double(Set(first[..<10]).intersection(best[..<10]).count) / 10
            sums[.regret, default: 0] += truth[best[0]] - truth[first[0]]
            sums[.regretOfTen, default: 0] += truth[best[0]] - (first[..<10].map { truth[$0] }.max() ?? 0)
        }
        for (figure, sum) in sums {
            let expected = try #require(tied[figure])
            #expect(abs(expected - sum / Double(draws)) < 0.15, "\(figure): \(expected), \(sum / Double(draws))")
        }
        let regret = truth.max().map { best in
            let first = truth.indices.filter { scores[$0] == scores.max() }
            return best - first.reduce(0) { $0 + truth[$1] } / Double(first.count)
        }
        #expect(abs(try #require(tied[.regret]) - #require(regret)) < 1e-12)
    }

    @Test func copiesCountAsOftenAsDrawnButNotAgainstThemselves() throws {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<20 {
            let count = 6 + generator.below(20)
            let truth = (0..<count).map { _ in Double(generator.below(9)) }
            let scores = (0..<count).map { _ in Double(generator.below(7)) }
            let weights = Bootstrap.weights(count: count, &generator)
            #expect(weights.reduce(0, +) == count)
            var (sum, all, untiedX, untiedY) = (0.0, 0.0, 0.0, 0.0)
            for a in 0..<count {
                for b in 0..<a {
                    let pairs = Double(weights[a] * weights[b])
                    let (dx, dy) = (Self.sign(scores[a] - scores[b]), Self.sign(truth[a] - truth[b]))
                    sum += pairs * dx * dy
                    all += pairs
                    untiedX += pairs * abs(dx)
                    untiedY += pairs * abs(dy)
                }
            }
            let figures = Self.figures(scores, truth, weights: weights)
            let rows = (0..<count).flatMap { [Int](repeating: $0, count: weights[$0]) }
            let (x, y) = (rows.map { scores[$0] }, rows.map { truth[$0] })
            guard untiedX > 0, untiedY > 0 else { continue }
            #expect(abs(try #require(figures[.tau]) - sum / (untiedX * untiedY).squareRoot()) < 1e-12)
            #expect(abs(try #require(figures[.tauA]) - sum / all) < 1e-12)
            #expect(abs(try #require(figures[.spearman]) - #require(Spearman.rho(x, y))) < 1e-12)
            #expect(abs(try #require(figures[.pearson]) - #require(Pearson.r(x, y))) < 1e-12)
            let perfect = Self.figures(truth.indices.map { truth[$0] - Double($0) / 100 }, truth, weights: weights)
            #expect(perfect[.regret] == 0)
            if count >= RankFigures.leastForTen { #expect(perfect[.precisionAtTen] == 1) }
        }
    }

    @Test func theBestTenthAndQuarterAreThoseByReferenceRoundedUp() throws {
        var generator = SeededGenerator(seed: 5)
        let truth = (0..<47).map { _ in generator.normal() }
        let scores = truth.map { $0 + generator.normal() }
        let figures = Self.figures(scores, truth)
        let best = truth.indices.sorted { truth[$0] > truth[$1] }
        for (share, tau, r) in [
            (5, Figure.tauTopTenth, Figure.pearsonTopTenth), (12, .tauTopQuarter, .pearsonTopQuarter),
        ] {
            let (x, y) = (best[..<share].map { scores[$0] }, best[..<share].map { truth[$0] })
            #expect(abs(try #require(figures[tau]) - #require(KendallTau.b(x, y))) < 1e-12)
            #expect(abs(try #require(figures[r]) - #require(Pearson.r(x, y))) < 1e-9)
        }
    }

    @Test func thereAreNoFiguresOfEqualScoresOrTooFewArchitectures() {
        let truth = (0..<30).map(Double.init)
        let constant = Self.figures([Double](repeating: 0.1, count: 30), truth)
        #expect(Figure.allCases.allSatisfy { constant[$0] == nil })
        let few = Self.figures([1, 2, 3, 4], [1, 2, 4, 3])
        #expect(few[.tau] == nil)
        #expect(few[.regret] == 1)
        let nineteen = Self.figures((0..<19).map(Double.init), (0..<19).map(Double.init))
        #expect(nineteen[.tau] == 1)
        #expect(nineteen[.tauTopTenth] == nil)
        #expect(nineteen[.tauTopQuarter] == 1)
        #expect(nineteen[.precisionAtTen] == nil)
        #expect(nineteen[.regretOfTen] == nil)
    }

    private static func sign(_ value: Double) -> Double { value > 0 ? 1 : value < 0 ? -1 : 0 }
}
