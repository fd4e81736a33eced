import Metrics
import Support

/// Figures of rankers in many resamples of a benchmark table (Efron and Tibshirani, "An Introduction to the Bootstrap",
/// 1993): architectures are drawn with replacement, and then, with replacement again, the seeds of each architecture
/// drawn, once for all its copies.
///
/// The accuracies as measured already hold the noise of their seeds, and redrawing these adds it once more (Davison and
/// Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8): that lowers every correlation, and would
/// place the interval below its own figure. So each resample is judged by the accuracies as measured, too, and the
/// interval of a correlation is moved back by the mean difference. Precision and regret, which hang on few
/// architectures, keep theirs.
struct Bootstrap {
    /// The figures of the table itself, by ranker.
    let figures: [RankFigures]
    /// By resample and ranker: figures against the redrawn seeds.
    let draws: [[RankFigures]]
    /// By resample and ranker: figures against the values as measured; nil where no architecture has a second seed, so
    /// that both are equal.
    let asMeasured: [[RankFigures]]?

    /// Fewer draws have no 2.5 % to leave out.
    static let leastResamples = 40

    static func check(resamples: Int) throws {
        guard resamples >= leastResamples else {
            throw RankingError.tooFewResamples(count: resamples, least: leastResamples)
        }
    }

    /// - Parameters:
    ///   - scores: the rankers, all judged in the same resamples.
    ///   - reference: what they are compared with, of the same architectures.
    ///   - resamples: the number of resamples.
    ///   - seed: the seed of the draws.
    init(scores: [RankedScores], reference: SeededReference, resamples: Int, seed: UInt64) {
        let whole = RankedReference(values: reference.means, weights: [Int](repeating: 1, count: reference.count))
        figures = scores.map { RankFigures($0, whole) }
        let hasRepeats = reference.seeds.contains { $0.count > 1 }
        var (draws, asMeasured) = ([[RankFigures]](), [[RankFigures]]())
        for resample in 0..<resamples {
            var generator = SeededGenerator(seed: seed, Self.stream, UInt64(resample))
            let weights = Self.weights(count: reference.count, &generator)
            if hasRepeats {
                let redrawn = Self.redraw(reference, weights: weights, &generator)
                let ranked = RankedReference(values: redrawn, weights: weights)
                draws.append(scores.map { RankFigures($0, ranked) })
            }
            let ranked = RankedReference(values: reference.means, weights: weights)
            asMeasured.append(scores.map { RankFigures($0, ranked) })
        }
        self.draws = hasRepeats ? draws : asMeasured
        self.asMeasured = hasRepeats ? asMeasured : nil
    }

    /// The figures of a ranker with intervals.
    func quality(of ranker: Int) -> RankingQuality {
        RankingQuality { figure in
            interval(value: figures[ranker][figure], within: figure.range, isCorrelation: figure.isCorrelation) {
                $0[ranker][figure]
            }
        }
    }

    /// Anything that follows from the figures of one resample. Nil where the table has none, or half of the resamples.
    func interval(
        value: Double?, within range: ClosedRange<Double>, isCorrelation: Bool, _ figure: ([RankFigures]) -> Double?
    ) -> Interval? {
        let drawn = draws.map(figure)
        let defined = drawn.compactMap { $0 }
        guard let value, 2 * defined.count >= draws.count else { return nil }
        var shift = 0.0
        if isCorrelation, let asMeasured {
            let differences = zip(asMeasured, drawn).compactMap { measured, drawn in
                figure(measured).flatMap { measured in drawn.map { measured - $0 } }
            }
            shift = differences.reduce(0, +) / Double(max(differences.count, 1))
        }
        return Interval(value: value, draws: defined, shift: shift, within: range)
    }

    /// The first coordinate of the streams of resamples.
    static let stream: UInt64 = 1

    /// Draws as many times as there are architectures, and counts how often each is drawn.
    static func weights(count: Int, _ generator: inout SeededGenerator) -> [Int] {
        var weights = [Int](repeating: 0, count: count)
        for _ in 0..<count { weights[generator.below(count)] += 1 }
        return weights
    }

    private static func redraw(
        _ reference: SeededReference, weights: [Int], _ generator: inout SeededGenerator
    ) -> [Double] {
        var means = reference.means
        for (architecture, seeds) in reference.seeds.enumerated() where weights[architecture] > 0 && seeds.count > 1 {
            var sum = 0.0
            for _ in seeds { sum += seeds[generator.below(seeds.count)] }
            means[architecture] = sum / Double(seeds.count)
        }
        return means
    }
}

/// The noise ceiling: how well training with one seed ranks architectures like training with another.
enum NoiseCeiling {
    /// The mean figures over all ordered pairs of the seeds that every architecture has, with the interval of a
    /// bootstrap over architectures, the same draws as for the rankers; nil without a second seed.
    static func quality(reference: SeededReference, resamples: Int, seed: UInt64) -> RankingQuality? {
        guard reference.commonSeeds > 1 else { return nil }
        let columns = (0..<reference.commonSeeds).map(reference.column)
        let scores = columns.map { RankedScores($0) }
        let figures = { (weights: [Int]) -> RankFigures in
            let references = columns.map { RankedReference(values: $0, weights: weights) }
            return RankFigures(
                meanOf: scores.indices.flatMap { one in
                    references.indices.filter { $0 != one }.map { RankFigures(scores[one], references[$0]) }
                })
        }
        let whole = figures([Int](repeating: 1, count: reference.count))
        let draws = (0..<resamples).map { resample in
            var generator = SeededGenerator(seed: seed, Bootstrap.stream, UInt64(resample))
            return figures(Bootstrap.weights(count: reference.count, &generator))
        }
        return RankingQuality { figure in
            let defined = draws.compactMap { $0[figure] }
            guard let value = whole[figure], 2 * defined.count >= resamples else { return nil }
            return Interval(value: value, draws: defined, within: figure.range)
        }
    }
}

/// The quality of random orders.
enum RandomRanking {
    /// The mean figures of 100 orders with the range of 95 % of them. The orders are fifty and their reverses, so that
    /// the mean tau of all architectures is 0, as it is over all orders.
    static func quality(reference: SeededReference, seed: UInt64) -> RankingQuality {
        let whole = RankedReference(values: reference.means, weights: [Int](repeating: 1, count: reference.count))
        let orders = (0..<50).flatMap { draw -> [RankFigures] in
            var generator = SeededGenerator(seed: seed, 2, UInt64(draw))
            let order = generator.permutation(reference.count).map(Double.init)
            return [order, order.map { -$0 }].map { RankFigures(RankedScores($0), whole) }
        }
        let mean = RankFigures(meanOf: orders)
        return RankingQuality { figure in
            mean[figure].flatMap {
                Interval(value: $0, draws: orders.compactMap { $0[figure] }, within: figure.range)
            }
        }
    }
}
