/// The three correlations of a ranker with a part of the reference, draws counted with their weights.
struct RankCorrelations {
    /// Kendall's tau-b over pairs of different architectures; nil where it has no meaning.
    let tau: Double?
    /// Kendall's tau-a over the same pairs: of all pairs, so that those of equal scores count as undecided.
    let tauA: Double?
    /// Spearman's rho; nil where it has no meaning.
    let rho: Double?
    /// Pearson's r; nil where it has no meaning.
    let r: Double?

    /// The correlations with a part.
    ///
    /// - Parameters:
    ///   - scores: the ranker's values.
    ///   - runs: the part's architectures from the lowest score to the highest, in runs of equal scores.
    ///   - reference: the part.
    init(_ scores: RankedScores, runs: [[Int]], _ reference: RankedReference.Part) {
        let weights = reference.weights
        guard runs.count > 1, reference.untiedPairs > 0 else {
            (tau, tauA, rho, r) = (nil, nil, nil, nil)
            return
        }
        var lower = CumulativeCounts(levels: reference.levels.max() ?? 0)
        var (difference, tied, below) = (0, 0, 0)
        var (rankX, rankY, rankXY) = (0.0, 0.0, 0.0)
        var sum = 0.0
        for run in runs {
            var (weight, own) = (0, 0)
            for architecture in run {
                let (w, level) = (weights[architecture], reference.levels[architecture])
                difference += w * (lower[level - 1] + lower[level] - below)
                weight += w
                own += w * w
                sum += Double(w) * scores.values[architecture]
            }
            let rank = Double(below) + Double(weight - reference.size) / 2
            for architecture in run {
                let w = Double(weights[architecture])
                lower.add(weights[architecture], at: reference.levels[architecture])
                rankX += w * rank * rank
                rankY += w * reference.ranks[architecture] * reference.ranks[architecture]
                rankXY += w * rank * reference.ranks[architecture]
            }
            below += weight
            tied += (weight * weight - own) / 2
        }
        let untied = reference.pairs - tied
        tau = untied > 0 ? Double(difference) / (Double(untied) * Double(reference.untiedPairs)).squareRoot() : nil
        tauA = reference.pairs > 0 ? Double(difference) / Double(reference.pairs) : nil
        rho = Self.ratio(rankXY, rankX, rankY)
        let mean = sum / Double(reference.size)
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for architecture in reference.members {
            let w = Double(weights[architecture])
            let (x, y) = (scores.values[architecture] - mean, reference.deviations[architecture])
            xx += w * x * x
            yy += w * y * y
            xy += w * x * y
        }
        r = Self.ratio(xy, xx, yy)
    }

    private static func ratio(_ xy: Double, _ xx: Double, _ yy: Double) -> Double? {
        xx > 0 && yy > 0 ? min(1, max(-1, xy / (xx.squareRoot() * yy.squareRoot()))) : nil
    }
}

/// Counts by level, and their sums up to any level, each in logarithmic time (Fenwick, "A new data structure for
/// cumulative frequency tables", 1994).
private struct CumulativeCounts {
    private var nodes: [Int]

    /// Levels are 1...`levels`.
    init(levels: Int) { nodes = [Int](repeating: 0, count: levels + 1) }

    /// The sum of all counts up to and with `level`.
    subscript(level: Int) -> Int {
        var (sum, node) = (0, level)
        while node > 0 {
            sum += nodes[node]
            node &= node - 1
        }
        return sum
    }

    mutating func add(_ count: Int, at level: Int) {
        var node = level
        while node < nodes.count {
            nodes[node] += count
            node += node & -node
        }
    }
}
