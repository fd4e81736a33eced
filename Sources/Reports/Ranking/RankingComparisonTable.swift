import Experiments
import Foundation

/// The figures of a space in words: a row for each method, then for each ranking that comes for nothing.
struct RankingComparisonTable {
    let space: RankingComparisonReport.Space

    /// A row of texts.
    struct Row: Equatable {
        let cells: [String]
        /// Whether it is there to compare with, rather than a method.
        let isContext: Bool
    }

    static let heads = [
        "ranking", "runs", "Kendall's τ", "Spearman's ρ", "τ, best quarter", "regret, points", "feature shift",
        "parameter shift", "training",
    ]

    /// What the figures are.
    static let explanation =
        "On the half of the architectures that is reported. Methods: mean ± standard deviation over runs, each with a "
        + "seed of its own. The best quarter is that by truth. Regret: the accuracy that is lost against the best "
        + "architecture by taking the first of the ranking, in points of per cent. Training: mean time of a run. "
        + "In the first drawing, small dots are runs, the large one is their mean, and the line reaches from the lowest "
        + "to the highest."

    var rows: [Row] {
        let context = space.trivial + [space.ceiling].compactMap(\.self)
        let methods = space.methods.map { Row(cells: cells($0.name, $0.runs, count: $0.runs.count), isContext: false) }
        return methods + context.map { Row(cells: cells($0.name, [$0], count: nil), isContext: true) }
    }

    private func cells(_ name: String, _ runs: [RankingComparisonReport.Run], count: Int?) -> [String] {
        func spread(_ decimals: Int = 2, _ figure: (RankingComparisonReport.Run) -> Double?) -> String {
            SampleSpread(runs.compactMap(figure))?.text { NumberText.fixed($0, decimals: decimals) } ?? "—"
        }
        let seconds = SampleSpread(runs.compactMap(\.seconds)).map { Quantity.duration($0.mean) } ?? "—"
        return [
            name, count.map(NumberText.grouped) ?? "—", spread { $0.tau }, spread { $0.spearman },
            spread { $0.tauTopQuarter }, spread { $0.regret.map { $0 * 100 } },
            spread(decimals { $0.featureShift }) { $0.featureShift },
            spread(decimals { $0.parameterShift }) { $0.parameterShift }, seconds,
        ]
    }

    /// As many decimals as give the least of the methods' means two digits, up to six.
    private func decimals(_ figure: (RankingComparisonReport.Run) -> Double?) -> Int {
        let means = space.methods.compactMap { SampleSpread($0.runs.compactMap(figure))?.mean }
        guard let least = means.map(abs).filter({ $0 > 0 }).min() else { return 2 }
        return Int(min(6, max(0, 1 - log10(least).rounded(.down))))
    }

    var markup: Markup {
        let rows = rows
        let styles = rows.enumerated().compactMap { index, row in row.isContext ? (index, "context") : nil }
        let table = Page.table(
            Self.heads, cells: rows.map { row in row.cells.map { [.text($0)] } },
            styles: Dictionary(uniqueKeysWithValues: styles))
        return Markup(
            "div", [:],
            [Page.scrolling(table: table), Markup("p", ["class": "explained"], text: Self.explanation)])
    }
}
