import Metrics
import Support

/// What a second look at the truth would give: how well training with one seed ranks like training with another.
enum NoiseCeiling {
    /// Mean figures over all ordered pairs of the seeds that every architecture has, with the interval of a bootstrap
    /// over architectures, those of the other measures. Nil without a second seed.
    static func quality(truth: SeededTruth, resamples: Int, seed: UInt64) -> RankingQuality? {
        guard truth.commonSeeds > 1 else { return nil }
        let columns = (0..<truth.commonSeeds).map(truth.column)
        let scores = columns.map { RankedScores($0) }
        let figures = { (weights: [Int]) -> RankFigures in
            let truths = columns.map { RankedTruth(values: $0, weights: weights) }
            return RankFigures(
                meanOf: scores.indices.flatMap { one in
                    truths.indices.filter { $0 != one }.map { RankFigures(scores[one], truths[$0]) }
                })
        }
        let whole = figures([Int](repeating: 1, count: truth.count))
        let draws = (0..<resamples).map { resample in
            var generator = SeededGenerator(seed: seed, Bootstrap.stream, UInt64(resample))
            return figures(Bootstrap.weights(count: truth.count, &generator))
        }
        return RankingQuality { figure in
            let defined = draws.compactMap { $0[figure] }
            guard let value = whole[figure], 2 * defined.count >= resamples else { return nil }
            return Interval(value: value, draws: defined, within: figure.range)
        }
    }
}
