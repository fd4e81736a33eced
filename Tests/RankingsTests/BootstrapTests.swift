import Foundation
import Metrics
import Support
import Testing

@testable import Rankings

@Suite("Intervals of the bootstrap")
struct BootstrapTests {
    /// Normal scores and truth; population tau is 2/π asin of the correlation with the mean of the seeds.
    private static func table(
        _ table: UInt64, count: Int, seeds: Int, noise: Double
    ) -> (scores: [Double], truth: [[Double]]) {
        var generator = SeededGenerator(seed: 17, table)
        var (scores, truth) = ([Double](), [[Double]]())
        for _ in 0..<count {
            let quality = generator.normal()
            scores.append(0.6 * quality + 0.8 * generator.normal())
            truth.append((0..<seeds).map { _ in quality + noise * generator.normal() })
        }
        return (scores, truth)
    }

    private static func coverage(tables: Int, count: Int, seeds: Int, noise: Double) throws -> Double {
        let correlation = 0.6 / (1 + noise * noise / Double(seeds)).squareRoot()
        let population = 2 / Double.pi * asin(correlation)
        var held = 0
        for number in 0..<tables {
            let (scores, truth) = Self.table(UInt64(number), count: count, seeds: seeds, noise: noise)
            let quality = try RankingQuality.measure(predictor: scores, truth: truth, resamples: 100, seed: 1)
            let tau = try #require(quality.tau)
            for interval in [tau, quality.spearman, quality.pearson, quality.regret, quality.regretOfTen] {
                let interval = try #require(interval)
                #expect(interval.low <= interval.value && interval.value <= interval.high)
            }
            if (tau.low...tau.high).contains(population) { held += 1 }
        }
        return Double(held) / Double(tables)
    }

    @Test("hold the population's tau about 95 times in a hundred", arguments: [1, 3])
    func coverage(seeds: Int) throws {
        let share = try Self.coverage(tables: 40, count: 24, seeds: seeds, noise: seeds == 1 ? 0 : 1)
        #expect((0.85...1).contains(share), "\(share)")
    }

    @Test("are narrower for more architectures, and the same for the same seed")
    func width() throws {
        let (scores, truth) = Self.table(1, count: 160, seeds: 1, noise: 0)
        let many = try #require(
            try RankingQuality.measure(predictor: scores, truth: truth, resamples: 60, seed: 1).tau)
        let few = try RankingQuality.measure(
            predictor: Array(scores[..<20]), truth: Array(truth[..<20]), resamples: 60, seed: 1)
        let again = try RankingQuality.measure(
            predictor: Array(scores[..<20]), truth: Array(truth[..<20]), resamples: 60, seed: 1)
        let other = try RankingQuality.measure(
            predictor: Array(scores[..<20]), truth: Array(truth[..<20]), resamples: 60, seed: 2)
        let tau = try #require(few.tau)
        #expect(many.high - many.low < 0.6 * (tau.high - tau.low))
        #expect(few == again)
        #expect(few != other)
    }

    @Test("of a perfect ranking are certain where the truth is, and not where its seeds differ")
    func certainty() throws {
        let truth = (0..<25).map(Double.init)
        let sure = try RankingQuality.measure(predictor: truth, truth: truth, resamples: 60)
        #expect(sure.tau == Interval(value: 1, low: 1, high: 1))
        #expect(sure.regret == Interval(value: 0, low: 0, high: 0))
        #expect(sure.precisionAtTen == Interval(value: 1, low: 1, high: 1))
        let noisy = truth.map { [$0 - 4, $0 + 4] }
        let unsure = try RankingQuality.measure(predictor: truth, truth: noisy, resamples: 60)
        let tau = try #require(unsure.tau)
        #expect(tau.value == 1)
        #expect(tau.low < 1)
    }

    @Test("cannot be had from what is not finite, of other lengths, or from a handful of draws")
    func refusals() {
        #expect(throws: RankingError.lengths(predictor: "predictor", values: 2, architectures: 3)) {
            try RankingQuality.measure(predictor: [1, 2], truth: [1, 2, 3])
        }
        #expect(throws: RankingError.notFinite(predictor: "predictor", position: 1, value: .infinity)) {
            try RankingQuality.measure(predictor: [1, .infinity], truth: [1, 2])
        }
        #expect(throws: RankingError.truthNotFinite(position: 1, seed: 0, value: -.infinity)) {
            try RankingQuality.measure(predictor: [1, 2], truth: [1, -.infinity])
        }
        #expect(throws: RankingError.noTruth(position: 1)) {
            try RankingQuality.measure(predictor: [1, 2], truth: [[1], []])
        }
        #expect(throws: RankingError.tooFewArchitectures(count: 0, least: 10)) {
            try RankingQuality.measure(predictor: [], truth: [Double]())
        }
        #expect(throws: RankingError.tooFewResamples(count: 5, least: 40)) {
            try RankingQuality.measure(predictor: [1, 2], truth: [1, 2], resamples: 5)
        }
    }
}
