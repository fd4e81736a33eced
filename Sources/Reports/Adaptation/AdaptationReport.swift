/// What adapting a supernet to a target gave, as one page: the method beside its controls, what of the architecture was
/// changed, and what the adapted network answers.
///
/// Parts without data are left out.
public struct AdaptationReport: PageReport {
    /// A training on the way.
    public struct Phase: Sendable, Equatable {
        /// The name of the phase and of its section, such as `Supernet on the target`.
        public var name: String
        /// The curves that were measured.
        public var curves: TrainingCurves

        /// A phase with whatever was measured.
        public init(_ name: String, curves: TrainingCurves) { (self.name, self.curves) = (name, curves) }
    }

    /// The largest line, and the window's title.
    public var title: String
    /// Whether the target's images were rendered rather than taken: then the word stands beside the title.
    public var isSynthetic: Bool
    /// The line below the title, such as the source and the target; empty for none.
    public var subtitle: String
    /// The finding in a sentence; empty for none.
    public var verdict: String
    /// Small facts in the order to be read; eight fit into a line.
    public var facts: [TrainingReport.Fact] = []
    /// The metrics in the order to be read; differences are those of the first.
    public var metrics: [Metric]
    /// The method, then the controls and further rows.
    public var rows: [Row]
    /// The source's path and the adapted one; nil for none.
    public var path: AdaptedPath?
    /// What the adapted network answers, in the order to be shown.
    public var examples: [AdaptationExamples] = []
    /// The trainings in the order of the run.
    public var phases: [Phase] = []
    /// The durations in the order of the run.
    public var timings: [SearchReport.Timing] = []
    /// The command line that made the run; empty for none.
    public var command: String
    /// The resolved configuration, as text; empty for none.
    public var configuration: String

    /// A report of whatever is known; facts, path, examples, phases and timings are set afterwards. The data are
    /// checked when the page is made.
    public init(
        title: String, isSynthetic: Bool = false, subtitle: String = "", verdict: String = "", metrics: [Metric] = [],
        rows: [Row] = [], command: String = "", configuration: String = ""
    ) {
        (self.title, self.isSynthetic, self.subtitle, self.verdict) = (title, isSynthetic, subtitle, verdict)
        (self.metrics, self.rows) = (metrics, rows)
        (self.command, self.configuration) = (command, configuration)
    }

    /// A title with the word that belongs to rendered images.
    static func marked(_ title: String, isSynthetic: Bool) -> String { isSynthetic ? "\(title) (synthetic)" : title }
}

extension AdaptationReport {
    /// The page: what was found, beside its controls, then how.
    ///
    /// - Throws: ``ReportError`` with everything in the data that does not fit together.
    public func page() throws(ReportError) -> Page {
        if !problems.isEmpty { throw ReportError(problems) }
        let title = Self.marked(title, isSynthetic: isSynthetic)
        let header = ReportHeader(
            title: title, subtitle: subtitle, facts: facts, statement: verdict, isBoxed: true)
        var content = [header.markup] + [controls].compactMap(\.self)
        if let path { content.append(try path.markup()) }
        for example in examples { content += try example.markup() }
        content += phases.compactMap { SearchReport.section($0.name, "", $0.curves) }
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
                ? "Small dots are seeds, the large one is their mean, and the line reaches from the lowest to the "
                    + "highest."
                : "Of one seed: a second would tell how much of a difference is chance.")
        return Page.section(
            "The method and its controls", lead: lead, (plots.isEmpty ? [] : [Page.row(plots)]) + [table])
    }

    private var problems: [String] {
        var problems = AdaptationProblems(metrics: metrics, rows: rows).list
        problems += path?.problems ?? []
        problems += examples.flatMap(\.problems)
        return problems + TimingSection(timings: timings).problems
    }
}
