extension AdaptationReport {
    /// The page: what was found, beside its controls, then how.
    ///
    /// - Throws: ``ReportError`` with everything in the data that does not fit together.
    public func page() throws(ReportError) -> Page {
        if !problems.isEmpty { throw ReportError(problems) }
        let title = Self.marked(title, isSynthetic: isSynthetic)
        let header = ReportHeader(
            title: title, subtitle: subtitle, score: nil, facts: facts, statement: verdict, warnings: warnings,
            isBoxed: true)
        var content = [header.markup] + [controls].compactMap(\.self)
        if let path { content.append(try path.markup()) }
        for example in examples { content += try example.markup() }
        content += phases.compactMap { SearchReport.section($0.name, $0.detail, $0.curves) }
        if let section = TimingSection(timings: timings).markup { content.append(section) }
        if let footer = ReportFooter(command: command, configuration: configuration).markup { content.append(footer) }
        return Page(title: title, content: content)
    }

    /// All rows: drawn by metric, then in figures.
    private var controls: Markup? {
        guard let table = AdaptationTable(metrics: metrics, rows: rows).markup else { return nil }
        let plots = metrics.filter { metric in rows.contains { !$0.values(of: metric).isEmpty } }.map {
            AdaptationPlot(metric: $0, rows: rows, title: $0.name).svg
        }
        let lead =
            "What adapting architecture and weights together gave, beside what each of them gives alone. "
            + (rows.contains { $0.seeds > 1 }
                ? "Small dots are seeds, the large one is their mean, and the line reaches from the lowest to the highest."
                : "Of one seed: a second would tell how much of a difference is chance.")
        return Page.section(
            "The method and its controls", lead: lead, (plots.isEmpty ? [] : [Page.row(plots)]) + [table])
    }

    private var problems: [String] {
        var problems = AdaptationProblems(metrics: metrics, rows: rows).list
        problems += path?.problems ?? []
        problems += examples.flatMap(\.problems)
        for timing in timings where !(0...SearchReport.mostSeconds).contains(timing.seconds) {
            problems.append("\(timing.name) took \(timing.seconds) seconds")
        }
        return problems
    }
}
