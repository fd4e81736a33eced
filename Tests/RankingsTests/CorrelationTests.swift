import Foundation
import Metrics
import Support
import Testing

@testable import Rankings

@Suite("Correlations and the paired t-test")
struct CorrelationTests {
    private struct Goldens: Decodable {
        struct Correlation: Decodable {
            let name: String
            let x, y: [Double]
            let tau, rho, r: Double
        }
        struct Test: Decodable {
            let name: String
            let first, second: [Double]
            let mean, deviation, t, p: Double
        }
        struct Combination: Decodable {
            let name: String
            let lists: [[Double]]
            let p: Double
        }
        let correlations: [Correlation]
        let combinations: [Combination]
        let tests: [Test]
    }

    private static func goldens() throws -> Goldens {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Goldens/rankings.json")
        return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: file))
    }

    @Test("tau, rho and r as SciPy has them, also as figures of a table")
    func correlations() throws {
        let goldens = try Self.goldens().correlations
        #expect(goldens.count == 8)
        for golden in goldens {
            let tau = try #require(KendallTau.b(golden.x, golden.y))
            let rho = try #require(Spearman.rho(golden.x, golden.y))
            let r = try #require(Pearson.r(golden.x, golden.y))
            #expect(abs(tau - golden.tau) < 1e-12, "\(golden.name)")
            #expect(abs(rho - golden.rho) < 1e-12, "\(golden.name)")
            #expect(abs(r - golden.r) < 1e-12, "\(golden.name)")
            guard golden.x.count >= 5 else { continue }
            let ones = [Int](repeating: 1, count: golden.x.count)
            let figures = RankFigures(RankedScores(golden.x), RankedTruth(values: golden.y, weights: ones))
            #expect(abs(try #require(figures[.tau]) - tau) < 1e-12, "\(golden.name)")
            #expect(abs(try #require(figures[.spearman]) - rho) < 1e-12, "\(golden.name)")
            #expect(abs(try #require(figures[.pearson]) - r) < 1e-12, "\(golden.name)")
        }
    }

    @Test("have no value where there is nothing to correlate")
    func undefined() {
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

    @Test("r does not overflow")
    func extremes() throws {
        let r = try #require(Pearson.r([-1e308, 0, 1e308], [1e-300, 2e-300, 3e-300]))
        #expect(abs(r - 1) < 1e-12)
    }

    @Test("the t-test as SciPy has it")
    func paired() throws {
        let goldens = try Self.goldens().tests
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

    @Test("there is no t-test of fewer than two pairs, and no p of equal differences")
    func pairedRefusals() throws {
        #expect(PairedTest([1], [2]) == nil)
        #expect(PairedTest([1, 2], [1, 2, 3]) == nil)
        #expect(PairedTest([1, .nan], [1, 2]) == nil)
        let equal = try #require(PairedTest([2, 3, 4], [1, 2, 3]))
        #expect(equal.meanDifference == 1)
        #expect(equal.p == nil)
        #expect(equal.t == nil)
    }

    @Test("many t-tests together as SciPy has them by Stouffer's method")
    func combined() throws {
        let goldens = try Self.goldens().combinations
        #expect(goldens.count == 4)
        for golden in goldens {
            let tests = golden.lists.compactMap { PairedTest($0, [Double](repeating: 0, count: $0.count)) }
            let found = try #require(ManyTests.combined(tests))
            #expect(found.count == golden.lists.count)
            #expect(abs(found.p - golden.p) < 1e-9 * golden.p, "\(golden.name): \(found.p), \(golden.p)")
        }
        #expect(ManyTests.combined([]) == nil)
        let equal = try #require(PairedTest([2, 3, 4], [1, 2, 3]))
        #expect(ManyTests.combined([equal]) == nil)
    }

    @Test("one of many is corrected for their number as by Holm")
    func corrected() {
        // Times 4, 3, 2, 1 in the order of size, and never less than one before.
        let found = ManyTests.corrected([0.04, 0.01, 0.3, 0.02])
        for (value, expected) in zip(found, [0.08, 0.04, 0.3, 0.06]) { #expect(abs(value - expected) < 1e-12) }
        #expect(ManyTests.corrected([0.02, 0.02, 0.9]) == [0.06, 0.06, 0.9])
        #expect(ManyTests.corrected([0.6, 0.7]) == [1, 1])
        #expect(ManyTests.corrected([0.03]) == [0.03] && ManyTests.corrected([]).isEmpty)
        #expect(ManyTests.corrected([0.5, .nan]).isEmpty && ManyTests.corrected([1.5]).isEmpty)
    }

    @Test("signal and noise by hand")
    func signalToNoise() throws {
        let table = try #require(SignalToNoise(truth: [[1, 3], [5, 7], [10]]))
        #expect(abs(table.between - 4) < 1e-12)
        #expect(abs(table.within - 2.0.squareRoot()) < 1e-12)
        #expect(abs(try #require(table.ratio) - 8.0.squareRoot()) < 1e-12)
        #expect(SignalToNoise(truth: [[1], [2]]) == nil)
        #expect(SignalToNoise(truth: [[1, 2]]) == nil)
        #expect(SignalToNoise(truth: [[1, 1], [2, 2]])?.ratio == nil)
        // Seeds: 1 2 3, 1 3 2, 3 2 1. Taus 1/3, -1, -1/3.
        let tau = try #require(TauBetweenSeeds.mean(truth: [[1, 1, 3], [2, 3, 2], [3, 2, 1]]))
        #expect(abs(tau + 1.0 / 3) < 1e-12)
        #expect(TauBetweenSeeds.mean(truth: [[1], [2], [3]]) == nil)
        #expect(TauBetweenSeeds.mean(truth: []) == nil)
    }
}
