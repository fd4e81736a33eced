import Metrics
import Support

/// What no knowledge at all gives: the quality of random orders.
enum RandomRanking {
    /// Mean figures of 100 orders with the range of 95 % of them. The orders are fifty and their reverses, so that the
    /// mean tau of all architectures is 0, as it is over all orders.
    static func quality(truth: SeededTruth, seed: UInt64) -> RankingQuality {
        let whole = RankedTruth(values: truth.means, weights: [Int](repeating: 1, count: truth.count))
        let orders = (0..<50).flatMap { draw -> [RankFigures] in
            var generator = SeededGenerator(seed: seed, 2, UInt64(draw))
            let order = generator.permutation(truth.count).map(Double.init)
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
