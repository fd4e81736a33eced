/// All figures of all rankings, each above its interval.
struct RankingTable {
    let rows: [RankingReport.Row]

    private static let explanation =
        "95\(NumberText.space)% intervals in brackets. The best quarter and the best tenth are those by truth. Precision at 10: how many of "
        + "the ten that a ranking puts first are among the ten best. Regret: the accuracy that is lost against the best "
        + "architecture, in points of per cent, by taking the first of a ranking, or the best of its first ten."

    /// Nil if there is no row.
    var markup: Markup? {
        guard !rows.isEmpty else { return nil }
        let cells = rows.map { row in
            [[Markup.text(row.name)]] + RankingFigures.columns.map { Self.cell($0.figure(row.figures), $0.unit) }
        }
        let styles = rows.enumerated().compactMap { index, row in row.kind == .supernet ? (index, "leading") : nil }
        let table = Page.table(
            ["ranking"] + RankingFigures.columns.map(\.head), cells: cells,
            styles: Dictionary(uniqueKeysWithValues: styles))
        return Page.section(
            "All figures",
            [Page.scrolling(table: table), Markup("p", ["class": "explained"], text: Self.explanation)])
    }

    private static func cell(_ estimate: Estimate?, _ unit: FigureUnit) -> [Markup] {
        guard let estimate else { return [.text("—")] }
        return [
            .text(estimate.figure(unit) + " "), Markup("span", ["class": "range"], text: estimate.range(unit)),
        ]
    }
}
