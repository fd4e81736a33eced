import Foundation
import Metrics

/// A supernet's ranking beside the training-free baselines, and a verdict in words.
public struct RankingJudgement: Sendable, Codable, Equatable {
    /// The number of architectures that were judged.
    public var architectures: Int
    /// The number of seeds that every architecture of the benchmark table has at least.
    public var seeds: Int
    /// The supernet first, then costs, counts, proxies, ensembles of these, random orders, and the noise ceiling where the table has several seeds.
    public var rankers: [JudgedRanker]
    /// The name of the baseline with the highest tau: a cost, a count, a proxy, an ensemble of these, or the random order.
    public var bestBaseline: String
    /// The tau of the supernet less that of the best baseline of each resample; nil without a supernet.
    public var margin: Interval?
    /// Whether the supernet is better than the best baseline in (almost) every resample: `margin` above 0.
    public var isBeyondNoise: Bool
    /// The comparison in one or two sentences.
    public var verdict: String
    /// Reservations that a reader should know before believing the verdict.
    public var warnings: [String]

    private enum CodingKeys: String, CodingKey {
        case architectures, seeds, margin, isBeyondNoise, verdict, warnings
        // The keys of the files of version 0.8.
        case rankers = "predictors"
        case bestBaseline = "bestTrivial"
    }

    /// The fewest architectures that a ranking can be judged by.
    public static let leastArchitectures = 10
    /// The fewest architectures whose judgement has no warning of their number.
    public static let fewArchitectures = 30

    /// Judges a supernet's ranking against training-free baselines, all in the same resamples. Random orders and the
    /// noise ceiling (one seed of the table against another, averaged over ordered pairs) are added.
    ///
    /// In each resample the supernet meets the best baseline of that resample, a random order counting as its
    /// expectation, 0: the choice among several baselines is favoured by chance, so a verdict for the supernet is safe.
    ///
    /// - Parameters:
    ///   - rankers: a supernet's scores (at most one) and what ranks without training, in any order.
    ///   - reference: what they are compared with, such as accuracies: for each architecture the values of its seeds,
    ///     of which the mean counts; higher is better.
    ///   - resamples: the number of resamples of the bootstrap, at least 40.
    ///   - seed: the seed of the draws and the random orders; the same seed gives the same judgement.
    /// - Returns: The judgement.
    /// - Throws: `RankingError`.
    public static func judge(
        _ rankers: [Ranker], reference: [[Double]], resamples: Int = 1000, seed: UInt64 = 0
    ) throws -> RankingJudgement {
        let table = try SeededReference(reference)
        try check(rankers, reference: table)
        try Bootstrap.check(resamples: resamples)
        let sorted = [Ranker.Kind.supernet, .cost, .structure, .proxy, .ensemble].flatMap { kind in
            rankers.filter { $0.kind == kind }
        }
        let scores = sorted.map { RankedScores($0.values) }
        let bootstrap = Bootstrap(scores: scores, reference: table, resamples: resamples, seed: seed)
        var ranked = sorted.indices.map {
            JudgedRanker(name: sorted[$0].name, kind: sorted[$0].kind, quality: bootstrap.quality(of: $0))
        }
        let supernet = ranked.first { $0.kind == .supernet }
        let random = JudgedRanker(
            name: "random", kind: .random, quality: RandomRanking.quality(reference: table, seed: seed))
        ranked.append(random)
        if let ceiling = NoiseCeiling.quality(reference: table, resamples: resamples, seed: seed) {
            ranked.append(
                JudgedRanker(name: "noise ceiling (one seed against another)", kind: .ceiling, quality: ceiling))
        }
        let baselines = sorted.indices.filter { sorted[$0].kind != .supernet }
        var best = random
        for candidate in baselines.map({ ranked[$0] }) where candidate.tau > max(best.tau, 0) { best = candidate }
        let margin = supernet.flatMap { _ in
            let difference = { (figures: [RankFigures]) -> Double? in
                figures[0][.tau].map { tau in tau - baselines.reduce(0) { max($0, figures[$1][.tau] ?? 0) } }
            }
            return bootstrap.interval(
                value: difference(bootstrap.figures), within: -2...2, isCorrelation: true, difference)
        }
        return RankingJudgement(
            architectures: table.count, seeds: table.commonSeeds, rankers: ranked, bestBaseline: best.name,
            margin: margin, isBeyondNoise: (margin?.low ?? 0) > 0,
            verdict: verdict(supernet: supernet, best: best, margin: margin),
            warnings: warnings(ranked, reference: table))
    }

    private static func check(_ rankers: [Ranker], reference: SeededReference) throws {
        guard reference.count >= leastArchitectures else {
            throw RankingError.tooFewArchitectures(count: reference.count, least: leastArchitectures)
        }
        guard reference.means.contains(where: { $0 != reference.means[0] }) else {
            throw RankingError.constantReference(architectures: reference.count)
        }
        var names: Set<String> = []
        for ranker in rankers {
            if ranker.kind == .random || ranker.kind == .ceiling {
                throw RankingError.addedByItself(ranker: ranker.name, kind: ranker.kind)
            }
            try ranker.check(architectures: reference.count)
            guard names.insert(ranker.name).inserted else { throw RankingError.sameName(ranker.name) }
            if ranker.kind == .supernet, RankedScores(ranker.values).isConstant {
                throw RankingError.constant(ranker: ranker.name, architectures: reference.count)
            }
        }
        let supernets = rankers.filter { $0.kind == .supernet }.map(\.name)
        if supernets.count > 1 { throw RankingError.severalSupernets(names: supernets) }
    }
}

extension RankingJudgement {
    /// The comparison in one or two sentences.
    ///
    /// - Parameters:
    ///   - supernet: the supernet; nil where only baselines were judged.
    ///   - best: the best baseline.
    ///   - margin: the tau of the supernet less that of the best baseline.
    static func verdict(supernet: JudgedRanker?, best: JudgedRanker, margin: Interval?) -> String {
        let rival = best.kind == .random ? "a random order" : best.name
        guard let supernet else {
            return "No supernet was judged: the best training-free baseline is \(rival) (tau \(number(best.tau)))."
        }
        guard let margin else {
            return "The supernet cannot be compared with \(rival): too few values differ to rank by in most resamples."
        }
        let ranking = supernet.name == "supernet" ? "The supernet's ranking" : "The ranking by \(supernet.name)"
        let subject = "\(ranking) (tau \(number(supernet.tau)))"
        let object = "the best training-free baseline, \(rival) (\(number(best.tau)))"
        let difference =
            "the difference is \(number(margin.value)) (\(number(margin.low)) to \(number(margin.high)))."
        if margin.low > 0 { return "\(subject) is better than \(object), beyond noise: \(difference)" }
        if margin.high < 0 {
            return "\(subject) is worse than \(object), beyond noise: \(difference) "
                + (best.kind == .random ? "A random order does better." : "Ranking by \(rival) does better.")
        }
        return "\(subject) is not better than \(object) beyond noise: \(difference) "
            + (best.kind == .random ? "A random order would do as well." : "Ranking by \(rival) would do as well.")
    }

    /// Reservations that a reader should know before believing the verdict.
    static func warnings(_ rankers: [JudgedRanker], reference: SeededReference) -> [String] {
        var warnings: [String] = []
        if reference.count < fewArchitectures {
            warnings.append("from \(reference.count) architectures only: read the interval")
        }
        if reference.commonSeeds < 2 {
            warnings.append(
                "some architectures were trained with one seed alone: there is no noise ceiling to compare with")
        }
        for ranker in rankers where ranker.quality.regret == nil {
            warnings.append("\(ranker.name) is the same for all architectures and ranks nothing")
        }
        return warnings
    }

    /// Two decimals, without a sign before zero.
    private static func number(_ value: Double) -> String {
        let text = String(format: "%.2f", value)
        return text == "-0.00" ? "0.00" : text
    }
}
