import Experiments
import Results

/// The rows of an adaptation in figures: what each reached, how far that is from weights only, and what it cost.
struct AdaptationTable {
    private let metrics: [Metric]
    private let rows: [AdaptationRow]
    private let hasSizes: Bool

    /// - Parameters:
    ///   - comparison: the rows.
    ///   - hasSizes: whether the sizes of the networks have columns.
    init(_ comparison: AdaptationRows, hasSizes: Bool = true) {
        (metrics, rows, self.hasSizes) = (comparison.metrics, comparison.rows, hasSizes)
    }

    /// A cell: what is read first, and what belongs to it.
    struct Cell: Equatable {
        let text: String
        /// The text below the first one; empty for none.
        var detail = ""
    }

    var heads: [String] {
        let sizes = hasSizes ? ["parameters", "multiply-adds"] : []
        return ["row", "seeds"] + figures.map(\.head) + differenceHead + ["epochs", "time"] + sizes
    }

    /// The cells of each row, in the order of the rows.
    var cells: [[Cell]] {
        let figures = figures
        return rows.map { row in
            let cost = [
                row.epochs.map(Self.epochs) ?? MetricFigures.none,
                row.seconds.map(Quantity.duration) ?? MetricFigures.none,
            ]
            let sizes = hasSizes ? [row.parameters, row.multiplyAdds].map(Self.count) : []
            let head = [
                Cell(text: row.name, detail: row.explanation),
                Cell(text: row.seeds > 0 ? NumberText.grouped(row.seeds) : MetricFigures.none),
            ]
            return head + figures.map { Cell(text: $0.spread(row.values(of: $0.metric))) }
                + (figures.first.map { [Self.difference(row.difference, $0)] } ?? [])
                + (cost + sizes).map { Cell(text: $0) }
        }
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
            rows.contains { $0.difference?.p != nil }
            ? "p: how likely chance alone gives a difference to \(baseline) at least as large, by a paired test over "
                + "seeds. "
            : ""
        return spread + test + "Epochs: passes over the target's images that all of it cost, search included. "
            + "Time: of a run. \(MetricFigures.none): not measured."
    }

    private var figures: [MetricFigures] { metrics.map { MetricFigures($0, rows: rows) } }

    private var differenceHead: [String] {
        guard let first = figures.first else { return [] }
        let unit = first.differenceUnit.isEmpty ? "" : ", \(first.differenceUnit)"
        return ["\(first.metric.name) against \(baseline)\(unit)"]
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
