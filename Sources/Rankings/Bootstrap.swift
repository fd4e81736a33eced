import Metrics
import Support

/// Figures of measures in many resamples of a table (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993):
/// architectures are drawn with replacement, and then, with replacement again, the seeds of each architecture drawn,
/// once for all its copies.
///
/// The truth as measured already holds the noise of its seeds, and redrawing them adds it once more (Davison and
/// Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8): that lowers every correlation, and would
/// place the interval below its own figure. So each resample is judged by the truth as measured, too, and the interval
/// of a correlation is moved back by the mean difference. Precision and regret, which hang on few architectures, keep
/// theirs.
struct Bootstrap {
    /// Figures of the table itself, by measure.
    let figures: [RankFigures]
    /// By resample and measure: figures against the redrawn seeds.
    let draws: [[RankFigures]]
    /// The same against the truth as measured. Nil where no architecture has a second seed, so that both are equal.
    let asMeasured: [[RankFigures]]?

    /// Fewer draws have no 2.5 % to leave out.
    static let leastResamples = 40

    static func check(resamples: Int) throws {
        guard resamples >= leastResamples else {
            throw RankingError.tooFewResamples(count: resamples, least: leastResamples)
        }
    }

    /// - Parameters:
    ///   - scores: the measures, all judged in the same resamples.
    ///   - truth: of the same architectures.
    ///   - resamples: how many.
    ///   - seed: of the draws.
    init(scores: [RankedScores], truth: SeededTruth, resamples: Int, seed: UInt64) {
        let whole = RankedTruth(values: truth.means, weights: [Int](repeating: 1, count: truth.count))
        figures = scores.map { RankFigures($0, whole) }
        let hasRepeats = truth.seeds.contains { $0.count > 1 }
        var (draws, asMeasured) = ([[RankFigures]](), [[RankFigures]]())
        for resample in 0..<resamples {
            var generator = SeededGenerator(seed: seed, Self.stream, UInt64(resample))
            let weights = Self.weights(count: truth.count, &generator)
            if hasRepeats {
                let redrawn = Self.redraw(truth, weights: weights, &generator)
                let ranked = RankedTruth(values: redrawn, weights: weights)
                draws.append(scores.map { RankFigures($0, ranked) })
            }
            let ranked = RankedTruth(values: truth.means, weights: weights)
            asMeasured.append(scores.map { RankFigures($0, ranked) })
        }
        self.draws = hasRepeats ? draws : asMeasured
        self.asMeasured = hasRepeats ? asMeasured : nil
    }

    /// Figures of a measure with intervals.
    func quality(of measure: Int) -> RankingQuality {
        RankingQuality { figure in
            interval(value: figures[measure][figure], within: figure.range, isCorrelation: figure.isCorrelation) {
                $0[measure][figure]
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

    /// How often each of so many architectures is drawn in as many draws.
    static func weights(count: Int, _ generator: inout SeededGenerator) -> [Int] {
        var weights = [Int](repeating: 0, count: count)
        for _ in 0..<count { weights[generator.below(count)] += 1 }
        return weights
    }

    private static func redraw(
        _ truth: SeededTruth, weights: [Int], _ generator: inout SeededGenerator
    ) -> [Double] {
        var means = truth.means
        for (architecture, seeds) in truth.seeds.enumerated() where weights[architecture] > 0 && seeds.count > 1 {
            var sum = 0.0
            for _ in seeds { sum += seeds[generator.below(seeds.count)] }
            means[architecture] = sum / Double(seeds.count)
        }
        return means
    }
}
