/// A finished search as one page: the score of the network it found, that network, how it was found, and what it gets
/// wrong.
///
/// Parts without data are left out.
public struct SearchReport: PageReport {
    /// A phase of the run with the time that it took.
    public struct Timing: Sendable, Equatable {
        /// The name of the phase, such as `Supernet training`.
        public var name: String
        /// Seconds on the clock.
        public var seconds: Double

        /// A phase with its duration; the report checks that it is one.
        public init(_ name: String, seconds: Double) {
            (self.name, self.seconds) = (name, seconds)
        }
    }

    /// The largest line, and the window's title.
    public var title: String
    /// The line below the title, such as the data set and the space; empty for none.
    public var subtitle: String
    /// The score of the network that was found; nil for none.
    public var score: TrainingReport.Score?
    /// Small facts in the order to be read; eight fit into a line.
    public var facts: [TrainingReport.Fact] = []
    /// The network that was found; nil for none.
    public var architecture: ArchitectureDiagram?
    /// The evaluations of the search.
    public var history = SearchHistory()
    /// Rank correlations of the scores with counts such as parameters and multiply-adds.
    public var correlations: [RankCorrelation] = []
    /// The curves of the supernet's training.
    public var supernet = TrainingCurves([])
    /// How far paths shift the features and the parameters that they share: metrics such as `feature-shift`.
    public var shifts = TrainingCurves([])
    /// The curves of the training of the network that was found.
    public var fineTuning = TrainingCurves([])
    /// Whether that training began anew, without the weights that the network inherited.
    public var isFromScratch = false
    /// The confusion matrix: rows are true classes, columns predicted ones; empty for none.
    public var confusion: [[Int]] = []
    /// The names of the classes, one for each row of the confusion matrix.
    public var classNames: [String] = []
    /// A sample, in the order to be shown: right ones and wrong ones as they come.
    public var examples: [TrainingReport.Example] = []
    /// Wrong predictions, of which the report shows the most confident; right ones are left out.
    public var mistakes: [TrainingReport.Example] = []
    /// The durations in the order of the run.
    public var timings: [Timing] = []
    /// The command line that made the run; empty for none.
    public var command = ""
    /// The resolved configuration, as text; empty for none.
    public var configuration = ""

    /// A report of whatever is known, which is set afterwards. The data are checked when the page is made.
    public init(title: String, subtitle: String = "") { (self.title, self.subtitle) = (title, subtitle) }
}

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
        return problems + TimingSection(timings: timings).problems
    }
}
