extension TransferComparisonReport {
    /// The page: all tasks in one table, then a section for each.
    ///
    /// - Throws: ``ReportError`` with everything in the data that cannot be shown.
    public func page() throws(ReportError) -> Page {
        if !problems.isEmpty { throw ReportError(problems) }
        let parts = sections.map { section in
            let table = AdaptationTable(metrics: section.metrics, rows: section.rows, hasSizes: false).markup
            let drawing = Self.drawing(section).map { Page.row([$0]) }
            return Page.section(section.title, lead: section.note, [drawing, table].compactMap(\.self))
        }
        let footer = ReportFooter(command: command, configuration: configuration).markup
        let summary = TransferSummary(sections: sections).markup
        return Page(
            title: title, content: [header.markup] + [summary].compactMap(\.self) + parts + [footer].compactMap(\.self))
    }

    /// The top of page and text.
    var header: ReportHeader {
        ReportHeader(
            title: title, subtitle: "", score: nil, facts: facts, statement: verdict, warnings: warnings, isBoxed: true)
    }

    /// The task's first metric; nil where there is nothing to draw.
    static func drawing(_ section: Section) -> SVG? {
        guard let metric = section.metrics.first, section.rows.contains(where: { !$0.values(of: metric).isEmpty })
        else {
            return nil
        }
        let title = "\(metric.name): \(section.title)"
        return AdaptationPlot(metric: metric, rows: section.rows, title: title, width: 720).svg
    }

    /// What cannot be shown.
    var problems: [String] {
        sections.flatMap { AdaptationProblems(place: $0.title, metrics: $0.metrics, rows: $0.rows).list }
    }
}
