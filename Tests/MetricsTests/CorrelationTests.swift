import Foundation
import Metrics
import Support
import Testing

struct CorrelationTests {
    private struct Golden: Decodable {
        let name: String
        let x: [Double]
        let y: [Double]
        let tau: Double
    }

    @Test func tauIsAsInSciPy() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Goldens/kendall.json")
        let goldens = try JSONDecoder().decode([Golden].self, from: Data(contentsOf: file))
        #expect(goldens.count == 8)
        for golden in goldens {
            let tau = try #require(KendallTau.b(golden.x, golden.y))
            #expect(abs(tau - golden.tau) < 1e-12, "\(golden.name)")
        }
    }

    @Test func tauEqualsTheCountOverAllPairsInAnyOrder() throws {
        var generator = SeededGenerator(seed: 1)
        for count in 2..<40 {
            let x = (0..<count).map { _ in Double(generator.below(count)) }
            let y = (0..<count).map { _ in Double(generator.below(6)) }
            var (sum, untiedX, untiedY) = (0.0, 0.0, 0.0)
            for a in 0..<count {
                for b in 0..<a {
                    let (dx, dy) = ((x[a] - x[b]).sign(), (y[a] - y[b]).sign())
                    sum += dx * dy
                    untiedX += abs(dx)
                    untiedY += abs(dy)
                }
            }
            guard untiedX > 0, untiedY > 0 else {
                #expect(KendallTau.b(x, y) == nil)
                continue
            }
            let tau = try #require(KendallTau.b(x, y))
            #expect(abs(tau - sum / (untiedX * untiedY).squareRoot()) < 1e-12)
            #expect(KendallTau.b(y, x) == tau)
            #expect(KendallTau.b(x.map { -$0 }, y) == -tau)
            let order = generator.permutation(count)
            #expect(KendallTau.b(order.map { x[$0] }, order.map { y[$0] }) == tau)
            #expect(KendallTau.b(x, x) == 1)
        }
    }

    @Test func thereIsNoTauWhereThereIsNothingToRank() {
        #expect(KendallTau.b([], []) == nil)
        #expect(KendallTau.b([1], [2]) == nil)
        #expect(KendallTau.b([1, 2], [3, 3]) == nil)
        #expect(KendallTau.b([1, 2], [1, 2, 3]) == nil)
        #expect(KendallTau.b([1, .nan], [1, 2]) == nil)
        #expect(KendallTau.b([1, -.infinity, .infinity], [2, 1, 3]) == 1)
    }

    @Test func tauRhoAndRAreAsInSciPy() throws {
        let goldens = try StatisticsGoldens.read().correlations
        #expect(goldens.count == 8)
        for golden in goldens {
            #expect(abs(try #require(KendallTau.b(golden.x, golden.y)) - golden.tau) < 1e-12, "\(golden.name)")
            #expect(abs(try #require(Spearman.rho(golden.x, golden.y)) - golden.rho) < 1e-12, "\(golden.name)")
            #expect(abs(try #require(Pearson.r(golden.x, golden.y)) - golden.r) < 1e-12, "\(golden.name)")
        }
    }

    @Test func thereIsNoCorrelationOfNothing() {
        for correlation in [Spearman.rho, Pearson.r] {
            #expect(correlation([], []) == nil)
            #expect(correlation([1], [2]) == nil)
            #expect(correlation([1, 2], [3, 3]) == nil)
            #expect(correlation([0.1, 0.1, 0.1], [1, 2, 3]) == nil)
            #expect(correlation([1, 2], [1, 2, 3]) == nil)
            #expect(correlation([1, .nan], [1, 2]) == nil)
        }
        #expect(Pearson.r([1, .infinity], [1, 2]) == nil)
        #expect(Spearman.rho([1, .infinity, -.infinity], [2, 3, 1]) == 1)
    }

    @Test func pearsonDoesNotOverflow() throws {
        let r = try #require(Pearson.r([-1e308, 0, 1e308], [1e-300, 2e-300, 3e-300]))
        #expect(abs(r - 1) < 1e-12)
    }

    @Test func tauBetweenSeedsIsTheMeanOverPairs() throws {
        // Seeds: 1 2 3, 1 3 2, 3 2 1. Taus 1/3, -1, -1/3.
        let tau = try #require(TauBetweenSeeds.mean([[1, 1, 3], [2, 3, 2], [3, 2, 1]]))
        #expect(abs(tau + 1.0 / 3) < 1e-12)
        #expect(TauBetweenSeeds.mean([[1], [2], [3]]) == nil && TauBetweenSeeds.mean([]) == nil)
    }

    @Test func ranksAreAveragedAndTiesShareTheirs() {
        #expect(MeanRank.of([[3, 1, 2]]) == [3, 1, 2])
        #expect(MeanRank.of([[5, 5, 1, 9]]) == [2.5, 2.5, 1, 4])
        #expect(MeanRank.of([[3, 1, 2], [1, 3, 2]]) == [2, 2, 2])
        // What one list says in thousands counts no more than what another says in parts of one.
        #expect(MeanRank.of([[1, 2, 3], [-9000, 0.1, 0.2]]) == [1, 2, 3])
        #expect(MeanRank.of([]).isEmpty && MeanRank.of([[1, 2], [1]]).isEmpty)
    }
}

extension Double {
    fileprivate func sign() -> Double { self > 0 ? 1 : self < 0 ? -1 : 0 }
}
