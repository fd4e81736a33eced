import Metrics

/// The quality with which one ranker orders the architectures of a benchmark table, each figure with its 95 % interval.
/// A figure is nil where it has no meaning, such as for equal values or fewer than five architectures. The best tenth
/// and the best quarter are those by ground-truth accuracy, rounded up.
public struct RankingQuality: Sendable, Codable, Equatable {
    /// Kendall's tau-b over all architectures.
    public var tau: Interval?
    /// Kendall's tau-a over all architectures, which does not flatter a ranker with few levels: pairs of equal scores count as
    /// undecided. Nil in the files of version 0.8.
    public var tauA: Interval?
    /// Spearman's rho over all architectures.
    public var spearman: Interval?
    /// Pearson's r over all architectures.
    public var pearson: Interval?
    /// Kendall's tau-b within the best tenth.
    public var tauTopTenth: Interval?
    /// Spearman's rho within the best tenth.
    public var spearmanTopTenth: Interval?
    /// Pearson's r within the best tenth.
    public var pearsonTopTenth: Interval?
    /// Kendall's tau-b within the best quarter.
    public var tauTopQuarter: Interval?
    /// Spearman's rho within the best quarter.
    public var spearmanTopQuarter: Interval?
    /// Pearson's r within the best quarter.
    public var pearsonTopQuarter: Interval?
    /// The share of the ten best by the ranker that are among the ten truly best; nil below twenty architectures.
    public var precisionAtTen: Interval?
    /// The accuracy of the best architecture less that of the one that the ranker puts first, in the unit of the table.
    public var regret: Interval?
    /// The accuracy of the best architecture less the best accuracy among the ten that the ranker puts first; nil below
    /// twenty architectures.
    public var regretOfTen: Interval?

    /// The figures by an interval for each; nil for one without meaning.
    init(_ interval: (Figure) -> Interval?) {
        tau = interval(.tau)
        tauA = interval(.tauA)
        spearman = interval(.spearman)
        pearson = interval(.pearson)
        tauTopTenth = interval(.tauTopTenth)
        spearmanTopTenth = interval(.spearmanTopTenth)
        pearsonTopTenth = interval(.pearsonTopTenth)
        tauTopQuarter = interval(.tauTopQuarter)
        spearmanTopQuarter = interval(.spearmanTopQuarter)
        pearsonTopQuarter = interval(.pearsonTopQuarter)
        precisionAtTen = interval(.precisionAtTen)
        regret = interval(.regret)
        regretOfTen = interval(.regretOfTen)
    }
}

/// The figures of ``RankingQuality``, as indices.
enum Figure: Int, CaseIterable {
    case tau, tauA, spearman, pearson
    case tauTopTenth, spearmanTopTenth, pearsonTopTenth
    case tauTopQuarter, spearmanTopQuarter, pearsonTopQuarter
    case precisionAtTen, regret, regretOfTen

    /// Whether noise in the accuracies lowers the figure on average, whatever the ranking.
    var isCorrelation: Bool { rawValue < Figure.precisionAtTen.rawValue }

    /// The values that the figure can have.
    var range: ClosedRange<Double> {
        switch self {
        case .precisionAtTen: 0...1
        case .regret, .regretOfTen: 0...Double.infinity
        default: -1...1
        }
    }
}
