import Results

/// How fast search strategies find good paths of the same supernet: as one page, and as text for documentation.
public struct StrategyComparisonReport: DocumentedReport {
    /// The curves of all searches.
    public var result: StrategyComparisonResult
    /// The command line that made the comparison; empty for none.
    public var command: String

    /// A report of a finished comparison.
    public init(_ result: StrategyComparisonResult, command: String = "") {
        (self.result, self.command) = (result, command)
    }

    private var summary: StrategySummary { StrategySummary(result: result) }

    private var header: ReportHeader {
        ReportHeader(
            title: "How fast strategies find good paths",
            subtitle: "the supernet of \(result.adaptation), "
                + (result.budget.map { "paths within \($0)" } ?? "without a budget"))
    }

    /// The page: the drawing, then the figures, then strategies against random search.
    ///
    /// - Throws: ``ReportError`` with every figure that cannot be shown.
    public func page() throws(ReportError) -> Page {
        let summary = try checked()
        func explained(_ text: String) -> Markup { Markup("p", ["class": "explained"], text: text) }
        var content = [
            header.markup,
            Page.section(
                "Over time", [Page.row([summary.drawing]), explained(StrategySummary.drawingExplanation)]),
            Page.section(
                "In figures",
                [Page.scrolling(table: Page.table(summary.heads, summary.rows)), explained(summary.explanation)]),
        ]
        let rows = summary.comparisonRows
        if !rows.isEmpty {
            let styles = rows.enumerated().compactMap { index, row -> (Int, String)? in
                switch row.verdict {
                case .better: (index, "leading")
                case .worse: (index, "chosen")
                default: nil
                }
            }
            let table = Page.table(
                StrategySummary.comparisonHeads, cells: rows.map { row in row.cells.map { [.text($0)] } },
                styles: Dictionary(uniqueKeysWithValues: styles))
            content.append(
                Page.section(
                    Self.comparisonTitle,
                    [Page.scrolling(table: table), explained(StrategySummary.comparisonExplanation)]))
        }
        return Page(
            title: header.title, content: (content + [ReportFooter(command: command).markup]).compactMap(\.self))
    }

    private static let comparisonTitle = "Against random search"
    private static let drawingName = "strategies.svg"

    /// The report as text for GitHub, with a link to its drawing.
    ///
    /// - Parameter folder: the folder of the file of ``drawings()``, seen from the text; empty for the text's own.
    /// - Throws: ``ReportError`` with every figure that cannot be shown.
    public func markdown(drawingsIn folder: String = "") throws(ReportError) -> String {
        let summary = try checked()
        func table(_ heads: [String], _ rows: [[String]]) -> String {
            MarkdownText.table(heads, rows.map { $0.map(MarkdownText.escaped) })
        }
        var blocks = header.markdown
        blocks += [
            MarkdownText.image(summary.drawing, in: folder, Self.drawingName),
            MarkdownText.escaped(StrategySummary.drawingExplanation),
            table(summary.heads, summary.rows), MarkdownText.escaped(summary.explanation),
        ]
        let rows = summary.comparisonRows.map(\.cells)
        if !rows.isEmpty {
            blocks += [
                "## \(Self.comparisonTitle)", table(StrategySummary.comparisonHeads, rows),
                MarkdownText.escaped(StrategySummary.comparisonExplanation),
            ]
        }
        return MarkdownText.document(blocks, command: command)
    }

    /// The drawing of ``markdown(drawingsIn:)`` as a file of its own, legible on any background.
    ///
    /// - Returns: the name, `strategies.svg`, and the content.
    /// - Throws: ``ReportError`` with every figure that cannot be shown.
    public func drawings() throws(ReportError) -> [(name: String, svg: String)] {
        [(Self.drawingName, try checked().drawing.document(margin: 16))]
    }

    /// The figures for a terminal: a table of strategies, and one of their differences to random search.
    public func lines() -> [String] {
        let summary = summary
        let rows = summary.comparisonRows.map(\.cells)
        return TextTable.lines([summary.heads] + summary.rows)
            + (rows.isEmpty ? [] : [""] + TextTable.lines([StrategySummary.comparisonHeads] + rows))
    }

    private func checked() throws(ReportError) -> StrategySummary {
        let problems = summary.problems
        if !problems.isEmpty { throw ReportError(problems) }
        return summary
    }
}
