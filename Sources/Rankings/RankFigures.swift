/// The figures of ``RankingQuality`` without intervals, of a table or of a resample of it.
///
/// A resample holds some architectures several times. For tau, which counts pairs, a pair of an architecture with
/// itself says nothing: such pairs are left out, and others count as often as they were drawn; as ties they would lower
/// tau in every resample. The ten best and the best tenth are those of all draws, copies counted, so that they stand
/// for the same share of the population as in the table.
struct RankFigures {
    /// One value per figure; nil where it has no meaning.
    private var values = [Double?](repeating: nil, count: Figure.allCases.count)

    subscript(figure: Figure) -> Double? {
        get { values[figure.rawValue] }
        set { values[figure.rawValue] = newValue }
    }

    /// The fewest architectures whose correlation says anything.
    static let leastForCorrelation = 5
    /// The fewest architectures of which ten are at most half.
    static let leastForTen = 20

    /// The figures of a ranker.
    ///
    /// - Parameters:
    ///   - scores: the ranker's values.
    ///   - reference: the reference values of the same architectures, those drawn with their weights.
    init(_ scores: RankedScores, _ reference: RankedReference) {
        guard !scores.isConstant else { return }
        let count = reference.values.count
        let runs = scores.runs(weights: reference.all.weights)
        if count >= Self.leastForCorrelation {
            let all = RankCorrelations(scores, runs: runs, reference.all)
            (self[.tau], self[.tauA], self[.spearman], self[.pearson]) = (all.tau, all.tauA, all.rho, all.r)
        }
        if reference.topTenth.size >= Self.leastForCorrelation {
            let top = RankCorrelations(
                scores, runs: scores.runs(weights: reference.topTenth.weights), reference.topTenth)
            (self[.tauTopTenth], self[.spearmanTopTenth], self[.pearsonTopTenth]) = (top.tau, top.rho, top.r)
        }
        if reference.topQuarter.size >= Self.leastForCorrelation {
            let top = RankCorrelations(
                scores, runs: scores.runs(weights: reference.topQuarter.weights), reference.topQuarter)
            (self[.tauTopQuarter], self[.spearmanTopQuarter], self[.pearsonTopQuarter]) = (top.tau, top.rho, top.r)
        }
        self[.regret] = reference.best - Self.expectedBest(of: 1, runs: runs, reference)
        if count >= Self.leastForTen {
            self[.regretOfTen] = reference.best - Self.expectedBest(of: 10, runs: runs, reference)
            self[.precisionAtTen] = Self.precision(at: 10, runs: runs, reference)
        }
    }

    /// The mean of each figure where it is defined.
    init(meanOf figures: [RankFigures]) {
        for figure in Figure.allCases {
            let defined = figures.compactMap { $0[figure] }
            if !defined.isEmpty { self[figure] = defined.reduce(0, +) / Double(defined.count) }
        }
    }

    /// The expected best reference value of the `places` draws that the ranker puts first, draws of equal score in any
    /// order.
    private static func expectedBest(of places: Int, runs: [[Int]], _ reference: RankedReference) -> Double {
        var (left, best) = (places, -Double.infinity)
        for run in runs.reversed() {
            var untried = run.reduce(0) { $0 + reference.all.weights[$1] }
            let descending = run.sorted { reference.values[$0] > reference.values[$1] }
            if untried <= left {
                best = max(best, reference.values[descending[0]])
                left -= untried
                if left == 0 { break }
                continue
            }
            // Each draw, the best first, decides the result if it gets one of the places and none before it did.
            var (expected, noneYet) = (0.0, 1.0)
            for architecture in descending where reference.values[architecture] > best {
                for _ in 0..<reference.all.weights[architecture] where untried >= left {
                    let chance = Double(left) / Double(untried)
                    expected += noneYet * chance * reference.values[architecture]
                    noneYet *= 1 - chance
                    untried -= 1
                }
            }
            return noneYet > 0 ? expected + noneYet * best : expected
        }
        return best
    }

    /// The expected share of the `places` draws that the ranker puts first which are among the ten best by reference.
    private static func precision(at places: Int, runs: [[Int]], _ reference: RankedReference) -> Double {
        var (left, shared) = (places, 0.0)
        for run in runs.reversed() where left > 0 {
            let size = run.reduce(0) { $0 + reference.all.weights[$1] }
            let chance = Double(min(left, size)) / Double(size)
            for architecture in run {
                // Copies are one and the same: those on either side are matched as far as they go.
                shared += min(
                    chance * Double(reference.all.weights[architecture]), Double(reference.topTen.weights[architecture])
                )
            }
            left -= min(left, size)
        }
        return shared / Double(places)
    }
}
