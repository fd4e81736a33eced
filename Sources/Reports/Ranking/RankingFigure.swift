import Metrics
import Rankings

/// A figure of a ``RankingQuality`` as tables show it: its name, where to find it, and how it is read.
struct RankingFigure: Sendable {
    /// The name in pages.
    let name: String
    /// The name in a terminal.
    let plainName: String
    /// The figure of a ranking; nil where it has no meaning.
    let interval: @Sendable (RankingQuality) -> Interval?
    /// The values that the figure can have.
    var limits: ClosedRange<Double> = -1...1
    /// Whether the figure is a difference of accuracies, which is read in points of per cent.
    var isRegret = false

    /// All figures in the order of tables.
    static let all = [
        RankingFigure(name: "Kendall's τ", plainName: "tau", interval: { $0.tau }),
        RankingFigure(name: "τ-a, ties undecided", plainName: "tau-a", interval: { $0.tauA }),
        RankingFigure(name: "Spearman's ρ", plainName: "Spearman", interval: { $0.spearman }),
        RankingFigure(name: "Pearson's r", plainName: "Pearson", interval: { $0.pearson }),
        RankingFigure(name: "τ, best quarter", plainName: "tau, top 25 %", interval: { $0.tauTopQuarter }),
        RankingFigure(name: "τ, best tenth", plainName: "tau, top 10 %", interval: { $0.tauTopTenth }),
        RankingFigure(
            name: "precision at 10", plainName: "precision at 10", interval: { $0.precisionAtTen }, limits: 0...1),
        RankingFigure(name: "regret", plainName: "regret", interval: { $0.regret }, isRegret: true),
        RankingFigure(
            name: "regret, best of ten", plainName: "regret of ten", interval: { $0.regretOfTen }, isRegret: true),
    ]

    /// Whether pages show the figure: a regret in nats has no points of per cent.
    func isShown(_ measure: RankingTrial.Measure) -> Bool { measure == .accuracy || !isRegret }

    /// The name with the unit, for the head of a column.
    var head: String { isRegret ? "\(name), points" : name }

    /// The figure in the unit in which it is read: regrets of accuracies in points of per cent.
    func shown(_ quality: RankingQuality, _ measure: RankingTrial.Measure) -> Interval? {
        guard let found = interval(quality), isRegret, measure == .accuracy else { return interval(quality) }
        return Interval(value: 100 * found.value, low: 100 * found.low, high: 100 * found.high)
    }

    /// What of a figure cannot be shown, after its place; nil if nothing.
    func problem(_ quality: RankingQuality, _ place: String) -> String? {
        guard let found = interval(quality) else { return nil }
        let name = "\(place): \(name)"
        if let end = [found.value, found.low, found.high].first(where: { !limits.contains($0) }) {
            return "\(name) is \(end), beyond \(NumberText.measured(limits.lowerBound)) to "
                + NumberText.measured(limits.upperBound)
        }
        return found.low <= found.high ? nil : "\(name) has an interval from \(found.low) down to \(found.high)"
    }
}

extension Interval {
    /// The figure alone: `0.71`.
    var figure: String { NumberText.fixed(value) }
    /// The interval alone, in brackets.
    var range: String { "(\(NumberText.fixed(low)) to \(NumberText.fixed(high)))" }
    /// The figure with its interval: `0.71 (0.60 to 0.79)`.
    var text: String { "\(figure) \(range)" }
}

extension SampleSpread {
    /// The mean with the standard deviation: `0.71 ± 0.03`; of a single value, that alone.
    func text(_ written: (Double) -> String) -> String { written(mean) + (deviation.map { " ± " + written($0) } ?? "") }

    /// The range from the lowest to the highest of several values; nil where they are all the same.
    static func range(_ values: [Double]) -> ClosedRange<Double>? {
        guard let least = values.min(), let most = values.max(), least < most else { return nil }
        return least...most
    }
}
