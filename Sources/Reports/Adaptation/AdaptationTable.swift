import Experiments
import Results

/// The rows of an adaptation in figures: what each reached, how far that is from weights only, and what it cost. Where
/// networks of several sizes are compared, the sizes come first, and both validation and test are told.
struct AdaptationTable {
    private let comparison: AdaptationRows
    private let hasSizes: Bool
    private var metrics: [Metric] { comparison.metrics }
    private var rows: [AdaptationRow] { comparison.rows }

    /// - Parameters:
    ///   - comparison: the rows.
    ///   - hasSizes: whether the sizes of the networks have columns; they have in any case where the source is elastic.
    init(_ comparison: AdaptationRows, hasSizes: Bool = true) {
        (self.comparison, self.hasSizes) = (comparison, hasSizes)
    }

    /// A cell: what is read first, and what belongs to it.
    struct Cell: Equatable {
        let text: String
        /// The text below the first one; empty for none.
        var detail = ""
    }

    private struct Column {
        let head: String
        let cell: (AdaptationRow) -> Cell

        init(_ head: String, _ text: @escaping (AdaptationRow) -> String) {
            (self.head, cell) = (head, { Cell(text: text($0)) })
        }

        init(_ head: String, cell: @escaping (AdaptationRow) -> Cell) { (self.head, self.cell) = (head, cell) }
    }

    /// Whether the rows are networks of several sizes.
    private var hasManySizes: Bool { comparison.isElastic || !comparison.budgets.isEmpty }

    private var columns: [Column] { hasManySizes ? sizedColumns : plainColumns }

    private var plainColumns: [Column] {
        let figures = figures
        return [Column("row") { Cell(text: $0.name, detail: $0.explanation) }, seeds]
            + figures.map { figures in Column(figures.head) { figures.spread($0.values(of: figures.metric)) } }
            + (figures.first.map { first in
                [
                    Column("\(first.metric.name) against \(baseline)\(Self.unit(first))") {
                        Self.difference($0.difference, first)
                    }
                ]
            } ?? []) + costs + (hasSizes ? sizes : [])
    }

    private var sizedColumns: [Column] {
        let figures = figures
        var columns = [Column("row") { Cell(text: $0.shortName, detail: $0.weights) }]
        if !comparison.budgets.isEmpty { columns.append(Column("budget") { $0.budget ?? MetricFigures.none }) }
        if rows.contains(where: { $0.seeds > 1 }) { columns.append(seeds) }
        columns += sizes
        if rows.contains(where: { $0.latency != nil }) {
            columns.append(Column("latency, ms") { $0.latency.map(NumberText.measured) ?? MetricFigures.none })
        }
        for figures in figures {
            columns.append(
                Column("validation \(figures.head)") { figures.spread($0.validation[figures.metric.name] ?? []) })
            if comparison.isTest {
                columns.append(Column("test \(figures.head)") { figures.spread($0.values(of: figures.metric)) })
            }
        }
        return columns + costs
    }

    private var seeds: Column {
        Column("seeds") { $0.seeds > 0 ? NumberText.grouped($0.seeds) : MetricFigures.none }
    }

    private var costs: [Column] {
        [
            Column("epochs") { $0.epochs.map(Self.epochs) ?? MetricFigures.none },
            Column("time") { $0.seconds.map(Quantity.duration) ?? MetricFigures.none },
        ]
    }

    private var sizes: [Column] {
        [Column("parameters") { Self.count($0.parameters) }, Column("multiply-adds") { Self.count($0.multiplyAdds) }]
    }

    var heads: [String] { columns.map(\.head) }

    /// The cells of each row, in the order of the rows.
    var cells: [[Cell]] {
        let columns = columns
        return rows.map { row in columns.map { $0.cell(row) } }
    }

    /// The table in a page; nil if there is no row.
    var markup: Markup? {
        guard !rows.isEmpty else { return nil }
        let styles = rows.enumerated().compactMap { index, row -> (Int, String)? in
            switch row.kind {
            case .joint: (index, "leading")
            case .reference: (index, "context")
            case .weightsOnly, .control: nil
            }
        }
        let contents = cells.map { row in
            row.map { cell in
                [.text(cell.text)]
                    + (cell.detail.isEmpty ? [] : [Markup("span", ["class": "range"], text: cell.detail)])
            }
        }
        let table = Page.table(heads, cells: contents, styles: Dictionary(uniqueKeysWithValues: styles))
        return Markup(
            "div", ["class": "described"],
            [Page.scrolling(table: table), Markup("p", ["class": "explained"], text: explanation)])
    }

    /// The table for GitHub, one line for each row; empty if there is none.
    var markdown: String {
        guard !rows.isEmpty else { return "" }
        let lines = zip(rows, cells).map { row, cells in
            cells.enumerated().map { index, cell in
                let text = MarkdownText.escaped(cell.text)
                guard index > 0 else { return row.kind == .joint && !text.isEmpty ? "**\(text)**" : text }
                return cell.detail.isEmpty ? text : "\(text) (\(MarkdownText.escaped(cell.detail)))"
            }
        }
        return MarkdownText.table(heads, lines)
    }

    /// An explanation of the figures.
    var explanation: String {
        let spread = rows.contains { $0.seeds > 1 } ? "Mean ± standard deviation over seeds. " : ""
        let test =
            !hasManySizes && rows.contains { $0.difference?.p != nil }
            ? "p: how likely chance alone gives a difference to \(baseline) at least as large, by a paired test over "
                + "seeds. "
            : ""
        let weights = hasManySizes && rows.contains { !$0.weights.isEmpty }
        return spread + test + (hasManySizes ? kinds : "")
            + "Epochs: passes over the target's images that all of it cost, search included. "
            + "Time: of a run. \(MetricFigures.none): \(comparison.budgets.isEmpty ? "" : "of no budget, or ")not measured."
            + (weights ? " Below each name: the folder of its network.safetensors." : "")
    }

    /// A word on each kind of row, once.
    private var kinds: String {
        var taken: Set<String> = []
        return rows.filter { !$0.explanation.isEmpty && taken.insert($0.shortName).inserted }.map {
            "\($0.shortName): \($0.explanation). "
        }.joined()
    }

    private var figures: [MetricFigures] { metrics.map { MetricFigures($0, rows: rows) } }

    private static func unit(_ figures: MetricFigures) -> String {
        figures.differenceUnit.isEmpty ? "" : ", \(figures.differenceUnit)"
    }

    private var baseline: String { rows.first { $0.kind == .weightsOnly }?.name ?? "weights only" }

    private static func difference(
        _ difference: AdaptationRow.Difference?, _ figures: MetricFigures
    ) -> Cell {
        let p = MetricFigures.p(difference?.p)
        let equality = p.hasPrefix("<") ? "p " : "p = "
        return Cell(
            text: figures.difference(difference), detail: difference?.p == nil ? "" : equality + p)
    }

    private static func epochs(_ count: Double) -> String {
        count == count.rounded() && count.magnitude < 1e15
            ? NumberText.grouped(Int(count)) : NumberText.fixed(count, decimals: 1)
    }

    private static func count(_ number: Int?) -> String { number.map(NumberText.grouped) ?? MetricFigures.none }
}
