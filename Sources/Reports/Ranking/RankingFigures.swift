/// How well a measure ranks architectures whose truth is known. Nil: without meaning, such as for equal scores or too
/// few architectures.
public struct RankingFigures: Sendable, Equatable {
    /// Kendall's τ between measure and truth.
    public var tau: Estimate?
    /// Spearman's rank correlation.
    public var spearman: Estimate?
    /// Pearson's correlation of the values.
    public var pearson: Estimate?
    /// Kendall's τ among the quarter of the architectures that is best by truth.
    public var tauTopQuarter: Estimate?
    /// Likewise, among the best tenth.
    public var tauTopTenth: Estimate?
    /// The share of the ten best by the measure that are among the ten best by truth.
    public var precisionAtTen: Estimate?
    /// Truth of the best less truth of the one that the measure puts first, as a share of one.
    public var regret: Estimate?
    /// Truth of the best less the best truth among the ten that the measure puts first, as a share of one.
    public var regretOfTen: Estimate?

    /// Whatever is known; the report checks the ranges.
    public init(
        tau: Estimate? = nil, spearman: Estimate? = nil, pearson: Estimate? = nil, tauTopQuarter: Estimate? = nil,
        tauTopTenth: Estimate? = nil, precisionAtTen: Estimate? = nil, regret: Estimate? = nil,
        regretOfTen: Estimate? = nil
    ) {
        self.tau = tau
        self.spearman = spearman
        self.pearson = pearson
        self.tauTopQuarter = tauTopQuarter
        self.tauTopTenth = tauTopTenth
        self.precisionAtTen = precisionAtTen
        self.regret = regret
        self.regretOfTen = regretOfTen
    }

    /// A figure's name, where to find it, and how it is read.
    struct Column: Sendable {
        let name: String
        let figure: @Sendable (RankingFigures) -> Estimate?
        var unit = FigureUnit.plain
        var limits: ClosedRange<Double> = -1...1

        /// The name with the unit, for a table's head.
        var head: String { unit == .points ? "\(name), points" : name }
    }

    /// In a table's order.
    static let columns = [
        Column(name: "Kendall's τ", figure: { $0.tau }), Column(name: "Spearman's ρ", figure: { $0.spearman }),
        Column(name: "Pearson's r", figure: { $0.pearson }),
        Column(name: "τ, best quarter", figure: { $0.tauTopQuarter }),
        Column(name: "τ, best tenth", figure: { $0.tauTopTenth }),
        Column(name: "precision at 10", figure: { $0.precisionAtTen }, limits: 0...1),
        Column(name: "regret", figure: { $0.regret }, unit: .points),
        Column(name: "regret, best of ten", figure: { $0.regretOfTen }, unit: .points),
    ]
}
