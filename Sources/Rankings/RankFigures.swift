/// The figures of `RankingQuality` without intervals, of a table or of a resample of it.
///
/// A resample holds some architectures several times. For tau, which counts pairs, a pair of an architecture with
/// itself says nothing: such pairs are left out, and others count as often as they were drawn; as ties they would lower
/// tau in every resample. The ten best and the best tenth are those of all draws, copies counted, so that they stand
/// for the same share of the population as in the table.
struct RankFigures {
    /// By figure.
    private var values = [Double?](repeating: nil, count: Figure.allCases.count)

    subscript(figure: Figure) -> Double? {
        get { values[figure.rawValue] }
        set { values[figure.rawValue] = newValue }
    }

    /// Fewer say nothing about a correlation.
    static let leastForCorrelation = 5
    /// With fewer, ten are more than half of all.
    static let leastForTen = 20

    /// - Parameters:
    ///   - scores: the measure.
    ///   - truth: of the same architectures, those drawn with their weights.
    init(_ scores: RankedScores, _ truth: RankedTruth) {
        guard !scores.isConstant else { return }
        let count = truth.values.count
        let runs = scores.runs(weights: truth.all.weights)
        if count >= Self.leastForCorrelation {
            let all = RankCorrelations(scores, runs: runs, truth.all)
            (self[.tau], self[.spearman], self[.pearson]) = (all.tau, all.rho, all.r)
        }
        if truth.topTenth.size >= Self.leastForCorrelation {
            let top = RankCorrelations(scores, runs: scores.runs(weights: truth.topTenth.weights), truth.topTenth)
            (self[.tauTopTenth], self[.spearmanTopTenth], self[.pearsonTopTenth]) = (top.tau, top.rho, top.r)
        }
        if truth.topQuarter.size >= Self.leastForCorrelation {
            let top = RankCorrelations(scores, runs: scores.runs(weights: truth.topQuarter.weights), truth.topQuarter)
            (self[.tauTopQuarter], self[.spearmanTopQuarter], self[.pearsonTopQuarter]) = (top.tau, top.rho, top.r)
        }
        self[.regret] = truth.best - Self.expectedBest(of: 1, runs: runs, truth)
        if count >= Self.leastForTen {
            self[.regretOfTen] = truth.best - Self.expectedBest(of: 10, runs: runs, truth)
            self[.precisionAtTen] = Self.precision(at: 10, runs: runs, truth)
        }
    }

    /// The mean of each figure where it is defined.
    init(meanOf figures: [RankFigures]) {
        for figure in Figure.allCases {
            let defined = figures.compactMap { $0[figure] }
            if !defined.isEmpty { self[figure] = defined.reduce(0, +) / Double(defined.count) }
        }
    }

    /// Expected best truth of the `places` draws that the measure puts first, draws of equal value in any order.
    private static func expectedBest(of places: Int, runs: [[Int]], _ truth: RankedTruth) -> Double {
        var (left, best) = (places, -Double.infinity)
        for run in runs.reversed() {
            var untried = run.reduce(0) { $0 + truth.all.weights[$1] }
            let descending = run.sorted { truth.values[$0] > truth.values[$1] }
            if untried <= left {
                best = max(best, truth.values[descending[0]])
                left -= untried
                if left == 0 { break }
                continue
            }
            // Each draw, the best first, decides the result if it gets one of the places and none before it did.
            var (expected, noneYet) = (0.0, 1.0)
            for architecture in descending where truth.values[architecture] > best {
                for _ in 0..<truth.all.weights[architecture] where untried >= left {
                    let chance = Double(left) / Double(untried)
                    expected += noneYet * chance * truth.values[architecture]
                    noneYet *= 1 - chance
                    untried -= 1
                }
            }
            return noneYet > 0 ? expected + noneYet * best : expected
        }
        return best
    }

    /// Expected share of the `places` draws that the measure puts first which are among the ten best by truth.
    private static func precision(at places: Int, runs: [[Int]], _ truth: RankedTruth) -> Double {
        var (left, shared) = (places, 0.0)
        for run in runs.reversed() where left > 0 {
            let size = run.reduce(0) { $0 + truth.all.weights[$1] }
            let chance = Double(min(left, size)) / Double(size)
            for architecture in run {
                // Copies are one and the same: those on either side are matched as far as they go.
                shared += min(
                    chance * Double(truth.all.weights[architecture]), Double(truth.topTen.weights[architecture]))
            }
            left -= min(left, size)
        }
        return shared / Double(places)
    }
}
