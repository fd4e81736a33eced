extension RankingQuality {
    /// The quality of one measure, its intervals from a bootstrap over architectures and seeds.
    ///
    /// Architectures are drawn with replacement, and the seeds of each architecture drawn are drawn with replacement
    /// too. A value of the measure that several architectures share does not flatter it: figures that need one order
    /// are the expectation over all orders of the tied.
    ///
    /// - Parameters:
    ///   - predictor: the measure, one value per architecture, higher is better.
    ///   - truth: for each architecture the values of its seeds, higher is better; its truth is their mean.
    ///   - resamples: how many times to draw, at least 40.
    ///   - seed: of the draws; the same seed gives the same intervals.
    /// - Returns: The figures, all nil for a measure that is the same for all architectures.
    /// - Throws: `RankingError` for values that are not finite, lists of different lengths, an architecture without
    ///   truth, no architectures, or too few resamples.
    public static func measure(
        predictor: [Double], truth: [[Double]], resamples: Int = 1000, seed: UInt64 = 0
    ) throws -> RankingQuality {
        let table = try SeededTruth(truth)
        let measure = Ranker(name: "predictor", kind: .proxy, values: predictor)
        try measure.check(architectures: table.count)
        try Bootstrap.check(resamples: resamples)
        let bootstrap = Bootstrap(
            scores: [RankedScores(predictor)], truth: table, resamples: resamples, seed: seed)
        return bootstrap.quality(of: 0)
    }

    /// The quality of one measure where the truth is known from one seed.
    ///
    /// - Parameters:
    ///   - predictor: the measure, one value per architecture, higher is better.
    ///   - truth: one value per architecture, higher is better.
    ///   - resamples: how many times to draw architectures, at least 40.
    ///   - seed: of the draws; the same seed gives the same intervals.
    /// - Returns: The figures, all nil for a measure that is the same for all architectures.
    /// - Throws: `RankingError`, as for several seeds.
    public static func measure(
        predictor: [Double], truth: [Double], resamples: Int = 1000, seed: UInt64 = 0
    ) throws -> RankingQuality {
        try measure(predictor: predictor, truth: truth.map { [$0] }, resamples: resamples, seed: seed)
    }
}
