import Foundation
import Metrics
import Support
import Testing

@testable import Rankings

struct BootstrapTests {
    /// Normal scores and truth; population tau is 2/π asin of the correlation with the mean of the seeds.
    private static func table(
        _ table: UInt64, count: Int, seeds: Int, noise: Double
    ) -> (scores: [Double], reference: [[Double]]) {
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
            let quality = try RankingQuality.measure(ranker: scores, reference: truth, resamples: 100, seed: 1)
            let tau = try #require(quality.tau)
            for interval in [tau, quality.spearman, quality.pearson, quality.regret, quality.regretOfTen] {
                let interval = try #require(interval)
                #expect(interval.low <= interval.value && interval.value <= interval.high)
            }
            if (tau.low...tau.high).contains(population) { held += 1 }
        }
        return Double(held) / Double(tables)
    }

    @Test(arguments: [1, 3]) func intervalsHoldThePopulationsTauAbout95TimesInAHundred(seeds: Int) throws {
        let share = try Self.coverage(tables: 40, count: 24, seeds: seeds, noise: seeds == 1 ? 0 : 1)
        #expect((0.85...1).contains(share), "\(share)")
    }

    @Test func intervalsAreNarrowerForMoreArchitecturesAndTheSameForTheSameSeed() throws {
        let (scores, truth) = Self.table(1, count: 160, seeds: 1, noise: 0)
        let many = try #require(
            try RankingQuality.measure(ranker: scores, reference: truth, resamples: 60, seed: 1).tau)
        let few = try RankingQuality.measure(
            ranker: Array(scores[..<20]), reference: Array(truth[..<20]), resamples: 60, seed: 1)
        let again = try RankingQuality.measure(
            ranker: Array(scores[..<20]), reference: Array(truth[..<20]), resamples: 60, seed: 1)
        let other = try RankingQuality.measure(
            ranker: Array(scores[..<20]), reference: Array(truth[..<20]), resamples: 60, seed: 2)
        let tau = try #require(few.tau)
        #expect(many.high - many.low < 0.6 * (tau.high - tau.low))
        #expect(few == again)
        #expect(few != other)
    }

    @Test func intervalsOfAPerfectRankingAreCertainUnlessSeedsDiffer() throws {
        let truth = (0..<25).map(Double.init)
        let sure = try RankingQuality.measure(ranker: truth, reference: truth, resamples: 60)
        #expect(sure.tau == Interval(value: 1, low: 1, high: 1))
        #expect(sure.regret == Interval(value: 0, low: 0, high: 0))
        #expect(sure.precisionAtTen == Interval(value: 1, low: 1, high: 1))
        let noisy = truth.map { [$0 - 4, $0 + 4] }
        let unsure = try RankingQuality.measure(ranker: truth, reference: noisy, resamples: 60)
        let tau = try #require(unsure.tau)
        #expect(tau.value == 1)
        #expect(tau.low < 1)
    }

    @Test func thereAreNoIntervalsOfBadValuesOrFewDraws() {
        #expect(throws: RankingError.lengths(ranker: "ranker", values: 2, architectures: 3)) {
            try RankingQuality.measure(ranker: [1, 2], reference: [1, 2, 3])
        }
        #expect(throws: RankingError.notFinite(ranker: "ranker", position: 1, value: .infinity)) {
            try RankingQuality.measure(ranker: [1, .infinity], reference: [1, 2])
        }
        #expect(throws: RankingError.referenceNotFinite(position: 1, seed: 0, value: -.infinity)) {
            try RankingQuality.measure(ranker: [1, 2], reference: [1, -.infinity])
        }
        #expect(throws: RankingError.untrained(position: 1)) {
            try RankingQuality.measure(ranker: [1, 2], reference: [[1], []])
        }
        #expect(throws: RankingError.tooFewArchitectures(count: 0, least: 10)) {
            try RankingQuality.measure(ranker: [], reference: [Double]())
        }
        #expect(throws: RankingError.tooFewResamples(count: 5, least: 40)) {
            try RankingQuality.measure(ranker: [1, 2], reference: [1, 2], resamples: 5)
        }
    }
}

extension RankingQuality {
    /// The quality of one ranker, judged alone.
    fileprivate static func measure(
        ranker values: [Double], reference: [[Double]], resamples: Int = 1000, seed: UInt64 = 0
    ) throws -> RankingQuality {
        let table = try SeededReference(reference)
        try Ranker(name: "ranker", kind: .proxy, values: values).check(architectures: table.count)
        try Bootstrap.check(resamples: resamples)
        return Bootstrap(scores: [RankedScores(values)], reference: table, resamples: resamples, seed: seed).quality(
            of: 0)
    }

    fileprivate static func measure(
        ranker values: [Double], reference: [Double], resamples: Int = 1000
    ) throws -> RankingQuality {
        try measure(ranker: values, reference: reference.map { [$0] }, resamples: resamples)
    }
}
