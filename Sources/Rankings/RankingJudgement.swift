import Metrics

/// A ranking beside all trivial ones, and a verdict in words.
public struct RankingJudgement: Sendable, Codable, Equatable {
    /// How many were judged.
    public var architectures: Int
    /// Seeds of the truth, per architecture at least.
    public var seeds: Int
    /// The supernet first, then costs, proxies, random orders, and the noise ceiling where the truth has several seeds.
    public var predictors: [JudgedRanker]
    /// Name of the cost, the proxy or the random order with the highest tau.
    public var bestTrivial: String
    /// Tau of the supernet less that of the best trivial ranking of each resample. Nil without a supernet.
    public var margin: Interval?
    /// Whether the supernet is better than the best trivial ranking in (almost) every resample: `margin` above 0.
    public var isBeyondNoise: Bool
    /// One or two sentences.
    public var verdict: String
    /// What a reader should know before believing the verdict.
    public var warnings: [String]

    /// With fewer, no ranking can be judged.
    public static let leastArchitectures = 10
    /// With fewer, a judgement has a warning.
    public static let fewArchitectures = 30

    /// Judges a supernet's ranking against what comes for nothing, all in the same resamples. Random orders and the
    /// noise ceiling (one seed of the truth against another, averaged over ordered pairs) are added.
    ///
    /// In each resample the supernet meets the best trivial ranking of that resample, a random order counting as its
    /// expectation, 0: the choice among several trivial ones is favoured by chance, so a verdict for the supernet is
    /// safe.
    ///
    /// - Parameters:
    ///   - predictors: a supernet's scores (at most one), costs and proxies, in any order.
    ///   - truth: for each architecture the values of its seeds, higher is better; its truth is their mean.
    ///   - resamples: draws of the bootstrap, at least 40.
    ///   - seed: of the draws and the random orders; the same seed gives the same judgement.
    /// - Returns: The judgement.
    /// - Throws: `RankingError`, see there.
    public static func judge(
        predictors: [Ranker], truth: [[Double]], resamples: Int = 1000, seed: UInt64 = 0
    ) throws -> RankingJudgement {
        let table = try SeededTruth(truth)
        try check(predictors, truth: table)
        try Bootstrap.check(resamples: resamples)
        let sorted = [Ranker.Kind.supernet, .cost, .proxy].flatMap { kind in
            predictors.filter { $0.kind == kind }
        }
        let scores = sorted.map { RankedScores($0.values) }
        let bootstrap = Bootstrap(scores: scores, truth: table, resamples: resamples, seed: seed)
        var ranked = sorted.indices.map {
            JudgedRanker(name: sorted[$0].name, kind: sorted[$0].kind, quality: bootstrap.quality(of: $0))
        }
        let supernet = ranked.first { $0.kind == .supernet }
        let random = JudgedRanker(
            name: "random", kind: .random, quality: RandomRanking.quality(truth: table, seed: seed))
        ranked.append(random)
        if let ceiling = NoiseCeiling.quality(truth: table, resamples: resamples, seed: seed) {
            ranked.append(
                JudgedRanker(name: "noise ceiling (one seed against another)", kind: .ceiling, quality: ceiling))
        }
        let trivial = sorted.indices.filter { sorted[$0].kind != .supernet }
        var best = random
        for candidate in trivial.map({ ranked[$0] }) where candidate.tau > max(best.tau, 0) { best = candidate }
        let margin = supernet.flatMap { _ in
            let difference = { (figures: [RankFigures]) -> Double? in
                figures[0][.tau].map { tau in tau - trivial.reduce(0) { max($0, figures[$1][.tau] ?? 0) } }
            }
            return bootstrap.interval(
                value: difference(bootstrap.figures), within: -2...2, isCorrelation: true, difference)
        }
        return RankingJudgement(
            architectures: table.count, seeds: table.commonSeeds, predictors: ranked, bestTrivial: best.name,
            margin: margin, isBeyondNoise: (margin?.low ?? 0) > 0,
            verdict: verdict(supernet: supernet, best: best, margin: margin),
            warnings: warnings(predictors: ranked, truth: table))
    }

    private static func check(_ predictors: [Ranker], truth: SeededTruth) throws {
        guard truth.count >= leastArchitectures else {
            throw RankingError.tooFewArchitectures(count: truth.count, least: leastArchitectures)
        }
        guard truth.means.contains(where: { $0 != truth.means[0] }) else {
            throw RankingError.constantTruth(architectures: truth.count)
        }
        var names: Set<String> = []
        for predictor in predictors {
            if predictor.kind == .random || predictor.kind == .ceiling {
                throw RankingError.addedByItself(predictor: predictor.name, kind: predictor.kind)
            }
            try predictor.check(architectures: truth.count)
            guard names.insert(predictor.name).inserted else { throw RankingError.sameName(predictor.name) }
            if predictor.kind == .supernet, RankedScores(predictor.values).isConstant {
                throw RankingError.constant(predictor: predictor.name, architectures: truth.count)
            }
        }
        let supernets = predictors.filter { $0.kind == .supernet }.map(\.name)
        if supernets.count > 1 { throw RankingError.severalSupernets(names: supernets) }
    }
}

extension JudgedRanker {
    /// Kendall's tau, 0 where it has no meaning: as a random order.
    var tau: Double { quality.tau?.value ?? 0 }
}
