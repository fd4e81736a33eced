extension SearchReport {
    /// The page: first what was found, then how, then what it gets wrong.
    ///
    /// - Throws: ``ReportError`` with everything in the data that does not fit together.
    public func page() throws(ReportError) -> Page {
        if !problems.isEmpty { throw ReportError(problems) }
        var content = [header.markup]
        if let section = try architectureSection() { content.append(section) }
        content += [
            SearchSection(history: history).markup,
            BestArchitectures(history: history, correlations: correlations).markup,
            Self.section("Supernet training", "", supernet),
            Self.section("Shift", Self.shiftLead, shifts),
            isFromScratch
                ? Self.section("Training from scratch", "The network that was found, from new weights.", fineTuning)
                : Self.section("Fine-tuning", "The network that was found, trained further by itself.", fineTuning),
        ].compactMap(\.self)
        content += try predictions.markup()
        if let section = TimingSection(timings: timings).markup { content.append(section) }
        if let footer = ReportFooter(command: command, configuration: configuration).markup { content.append(footer) }
        return Page(title: title, content: content)
    }

    private static let shiftLead =
        "How far the paths that share weights pull these apart: in what a layer is given, and in how its parameters "
        + "are changed. Less is better."

    /// The charts of a phase; nil where nothing was measured.
    static func section(_ heading: String, _ lead: String, _ curves: TrainingCurves) -> Markup? {
        let charts = curves.charts()
        return charts.isEmpty ? nil : Page.section(heading, lead: lead, [Page.row(charts.map { $0.svg() })])
    }

    private func architectureSection() throws(ReportError) -> Markup? {
        guard let architecture, !architecture.blocks.isEmpty else { return nil }
        let blocks = architecture.blocks
        let parameters = NumberText.grouped(blocks.reduce(0) { $0 + $1.parameters })
        let multiplyAdds = NumberText.grouped(blocks.reduce(0) { $0 + $1.multiplyAdds })
        let paths = blocks.filter(\.isChoice).reduce(1.0) { $0 * Double($1.candidates.count) }
        let choice = paths > 1 ? "One of \(NumberText.measured(paths)) paths through the supernet: " : ""
        let lead = choice + "\(parameters) parameters, \(multiplyAdds) multiply-adds."
        return Page.section("Architecture", lead: lead, [try architecture.markup()])
    }

    private var header: ReportHeader {
        ReportHeader(title: title, subtitle: subtitle, score: score, facts: facts)
    }

    private var predictions: PredictionSections {
        PredictionSections(confusion: confusion, classNames: classNames, examples: examples, mistakes: mistakes)
    }

    private var problems: [String] {
        var problems = header.problems + (architecture?.problems ?? []) + history.problems
        for correlation in correlations where !(-1...1).contains(correlation.tau) {
            problems.append("Kendall's tau with \(correlation.name) is \(correlation.tau), beyond -1 to 1")
        }
        problems += predictions.confusionProblems + predictions.pictureProblems
        for timing in timings where !(0...Self.mostSeconds).contains(timing.seconds) {
            problems.append("\(timing.name) took \(timing.seconds) seconds")
        }
        return problems
    }

    /// More than a thousand years.
    static let mostSeconds = 1e11
}
