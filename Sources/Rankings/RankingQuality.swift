import Metrics

/// How well one measure ranks architectures whose truth is known, each figure with its 95 % interval. Nil: without
/// meaning here, such as for a measure that is the same for all, or for fewer than five architectures. "Top" is by
/// truth; a tenth and a quarter are rounded up.
public struct RankingQuality: Sendable, Codable, Equatable {
    /// Kendall's tau-b over all architectures.
    public var tau: Interval?
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
    /// Share of the ten best by the measure that are among the ten best by truth. Nil below twenty architectures.
    public var precisionAtTen: Interval?
    /// Truth of the best architecture less truth of the one that the measure puts first, in the truth's unit.
    public var regret: Interval?
    /// Truth of the best architecture less the best truth among the ten that the measure puts first. Nil below twenty
    /// architectures.
    public var regretOfTen: Interval?

    /// The figures that `interval` knows.
    init(_ interval: (Figure) -> Interval?) {
        tau = interval(.tau)
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

/// The figures of `RankingQuality`, as indices.
enum Figure: Int, CaseIterable {
    case tau, spearman, pearson
    case tauTopTenth, spearmanTopTenth, pearsonTopTenth
    case tauTopQuarter, spearmanTopQuarter, pearsonTopQuarter
    case precisionAtTen, regret, regretOfTen

    /// Whether noise in the truth lowers it on average, whatever the ranking.
    var isCorrelation: Bool { rawValue < Figure.precisionAtTen.rawValue }

    /// What it can be.
    var range: ClosedRange<Double> {
        switch self {
        case .precisionAtTen: 0...1
        case .regret, .regretOfTen: 0...Double.infinity
        default: -1...1
        }
    }
}
