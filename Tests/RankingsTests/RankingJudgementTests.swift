import Foundation
import Metrics
import Rankings
import Support
import Testing

struct RankingJudgementTests {
    /// Truth of two seeds with a little noise, and measures that know it to some degree.
    private static func table(_ count: Int) -> (quality: [Double], truth: [[Double]], noise: [Double]) {
        var generator = SeededGenerator(seed: 23)
        let quality = (0..<count).map { _ in generator.normal() }
        let truth = quality.map { value in (0..<2).map { _ in value + 0.2 * generator.normal() } }
        return (quality, truth, quality.map { _ in generator.normal() })
    }

    private static func judge(supernet: Double, cost: Double, count: Int = 40) throws -> RankingJudgement {
        let (quality, truth, noise) = table(count)
        var generator = SeededGenerator(seed: 24)
        let rankers = [
            Ranker(name: "proxy", kind: .proxy, values: quality.map { _ in generator.normal() }),
            Ranker(name: "multiply-adds", kind: .cost, values: zip(quality, noise).map { cost * $0 + $1 }),
            Ranker(
                name: "supernet", kind: .supernet, values: quality.map { supernet * $0 + generator.normal() }),
        ]
        return try RankingJudgement.judge(rankers, reference: truth, resamples: 100, seed: 5)
    }

    @Test func aSupernetThatKnowsMoreThanTheCostsIsBetterBeyondNoise() throws {
        let judgement = try Self.judge(supernet: 5, cost: 0.5)
        let margin = try #require(judgement.margin)
        #expect(judgement.isBeyondNoise)
        #expect(margin.low > 0)
        #expect(judgement.bestBaseline == "multiply-adds")
        let taus = try judgement.rankers[..<2].map { try #require($0.quality.tau).value }
        #expect(abs(margin.value - (taus[0] - taus[1])) < 1e-12)
        let words = taus.map { String(format: "%.2f", $0) }
        #expect(
            judgement.verdict.hasPrefix(
                "The supernet's ranking (tau \(words[0])) is better than the best training-free baseline, "
                    + "multiply-adds (\(words[1])), beyond noise: the difference is "), "\(judgement.verdict)")
        #expect(judgement.warnings.isEmpty)
        #expect(judgement.architectures == 40)
        #expect(judgement.seeds == 2)
    }

    @Test func aSupernetThatKnowsAsMuchIsNotBetterAndOneThatKnowsNothingIsWorse() throws {
        let equal = try Self.judge(supernet: 1, cost: 1)
        #expect(!equal.isBeyondNoise)
        #expect(equal.verdict.contains("is not better than the best training-free baseline, multiply-adds ("))
        #expect(equal.verdict.contains(" beyond noise: the difference is "))
        #expect(equal.verdict.hasSuffix("Ranking by multiply-adds would do as well."), "\(equal.verdict)")
        let worse = try Self.judge(supernet: 0, cost: 5)
        #expect(!worse.isBeyondNoise)
        #expect(try #require(worse.margin).high < 0)
        #expect(worse.verdict.contains("is worse than the best training-free baseline"))
        #expect(worse.verdict.hasSuffix("Ranking by multiply-adds does better."), "\(worse.verdict)")
    }

    @Test func baselinesStandInOrderWithRandomAtZeroAndTheCeilingAbove() throws {
        let judgement = try Self.judge(supernet: 2, cost: 1)
        #expect(judgement.rankers.map(\.kind) == [.supernet, .cost, .proxy, .random, .ceiling])
        let random = try #require(judgement.rankers[3].quality.tau)
        #expect(abs(random.value) < 1e-12)
        #expect(random.low < -0.1 && random.low > -0.4 && random.high > 0.1 && random.high < 0.4)
        #expect(judgement.rankers[4].name == "noise ceiling (one seed against another)")
        let ceiling = try #require(judgement.rankers[4].quality.tau)
        let between = try #require(TauBetweenSeeds.mean(Self.table(40).truth))
        #expect(abs(ceiling.value - between) < 1e-12)
        #expect(ceiling.low < ceiling.value && ceiling.value < ceiling.high)
        let encoded = try JSONEncoder().encode(judgement)
        // The keys of files that are there already.
        #expect(String(decoding: encoded, as: UTF8.self).contains("\"bestTrivial\":\"multiply-adds\""))
        let copy = try JSONDecoder().decode(RankingJudgement.self, from: encoded)
        #expect(copy == judgement)
    }

    @Test func aRandomOrderIsTheBestBaselineWhereNoCostRanksTheRightWayRound() throws {
        let (quality, truth, noise) = Self.table(20)
        let rankers = [
            Ranker(name: "multiply-adds", kind: .cost, values: quality.map { -$0 }),
            Ranker(name: "supernet", kind: .supernet, values: noise),
        ]
        let judgement = try RankingJudgement.judge(rankers, reference: truth, resamples: 60)
        #expect(judgement.bestBaseline == "random")
        #expect(judgement.verdict.contains("the best training-free baseline, a random order (0.00)"))
        #expect(judgement.verdict.hasSuffix("A random order would do as well."), "\(judgement.verdict)")
        #expect(judgement.margin?.value == judgement.rankers[0].quality.tau?.value)
        #expect(judgement.warnings == ["from 20 architectures only: read the interval"])
    }

    @Test func equalCostsHaveNoFiguresAndCostsAloneNoMargin() throws {
        let (quality, truth, _) = Self.table(12)
        let judgement = try RankingJudgement.judge(
            [
                Ranker(name: "depth", kind: .cost, values: quality.map { _ in 3 }),
                Ranker(name: "parameters", kind: .cost, values: quality),
            ], reference: truth.map { [$0[0]] }, resamples: 40)
        #expect(judgement.rankers.map(\.kind) == [.cost, .cost, .random])
        #expect(judgement.rankers[0].quality.tau == nil)
        #expect(judgement.rankers[0].quality.regret == nil)
        #expect(judgement.bestBaseline == "parameters")
        #expect(judgement.margin == nil)
        #expect(!judgement.isBeyondNoise)
        #expect(judgement.warnings.count == 3)
    }

    @Test func badRankersAreRefusedWithAReason() throws {
        let (quality, truth, _) = Self.table(12)
        let good = Ranker(name: "supernet", kind: .supernet, values: quality)
        func refusal(_ rankers: [Ranker], _ truth: [[Double]]) -> RankingError? {
            do {
                _ = try RankingJudgement.judge(rankers, reference: truth, resamples: 40)
                return nil
            } catch {
                return error as? RankingError
            }
        }
        func with(_ values: [Double]) -> Ranker { Ranker(name: "supernet", kind: .supernet, values: values) }
        #expect(refusal([good], Array(truth[..<9])) == .tooFewArchitectures(count: 9, least: 10))
        #expect(
            refusal([with(Array(quality[..<11]))], truth)
                == .lengths(ranker: "supernet", values: 11, architectures: 12))
        var infinite = quality
        infinite[4] = -.infinity
        #expect(refusal([with(infinite)], truth) == .notFinite(ranker: "supernet", position: 4, value: -.infinity))
        infinite[4] = .nan
        let words = try #require(refusal([with(infinite)], truth)).description
        #expect(words.contains("supernet has the value nan for architecture 4"), "\(words)")
        let constant = refusal([with(quality.map { _ in 0.1 })], truth)
        #expect(constant == .constant(ranker: "supernet", architectures: 12))
        #expect(try #require(constant).description.contains("all 12 architectures have the same score"))
        #expect(refusal([good], truth.map { _ in [1, 3] }) == .constantReference(architectures: 12))
        #expect(refusal([good, good], truth) == .sameName("supernet"))
        let second = Ranker(name: "other", kind: .supernet, values: quality)
        #expect(refusal([good, second], truth) == .severalSupernets(names: ["supernet", "other"]))
        let random = Ranker(name: "dice", kind: .random, values: quality)
        #expect(refusal([random], truth) == .addedByItself(ranker: "dice", kind: .random))
        #expect(refusal([good], truth) == nil)
    }
}
