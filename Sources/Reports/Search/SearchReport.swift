import Architectures
import Archives
import Experiments
import Foundation
import Results

/// A study as one page: the score of the network that it found, that network, how it was found, and what it gets wrong.
///
/// Parts without data are left out, so that a page may be made after any phase.
public struct SearchReport: PageReport {
    /// What was searched, as the study's settings have it.
    public struct Settings: Sendable, Equatable {
        /// The name of the search space.
        public var space: String
        /// The name of the method that the supernet was trained by.
        public var method: String
        /// The name or the path of the images.
        public var source: String
        /// The number of training images.
        public var trainingImages: Int
        /// The number of paths to rank.
        public var evaluations: Int
        /// The name of the score that paths are ranked by, such as `accuracy`.
        public var score: String
        /// The name of the strategy.
        public var strategy: String
        /// The most multiply-adds that were allowed; nil for no limit.
        public var budget: Int?

        /// Settings of a study, with the values of the properties.
        public init(
            space: String, method: String, source: String, trainingImages: Int, evaluations: Int, score: String,
            strategy: String, budget: Int? = nil
        ) {
            (self.space, self.method, self.source) = (space, method, source)
            (self.trainingImages, self.evaluations, self.score) = (trainingImages, evaluations, score)
            (self.strategy, self.budget) = (strategy, budget)
        }
    }

    /// What was searched.
    public var settings: Settings
    /// The metrics of the task, the one that counts first.
    public var metrics: [Metric]
    /// What training the supernet gave; nil for none.
    public var supernet: SupernetResult?
    /// The log of the supernet's training.
    public var supernetLog: [MetricsRow] = []
    /// What the linear probe gave; nil where the supernet needs none.
    public var probe: ProbeResult?
    /// What the search gave; nil for none.
    public var search: SearchResult?
    /// The entries of the search's archive, in their order.
    public var entries: [ArchiveEntry] = []
    /// The network that was found; nil for none.
    public var architecture: ArchitectureDiagram?
    /// The training of the network that was found; nil for none.
    public var network: TrainedNetwork?
    /// Whether that training began anew, without the weights that the network inherited.
    public var isFromScratch = false
    /// The command line that made the page; empty for none.
    public var command = ""
    /// The resolved configuration, as text; empty for none.
    public var configuration = ""

    /// A report of a study, to which the results of its phases are added.
    public init(_ settings: Settings, metrics: [Metric]) { (self.settings, self.metrics) = (settings, metrics) }
}

extension SearchReport {
    /// The page: first what was found, then how, then what it gets wrong.
    ///
    /// - Throws: ``ReportError`` with everything in the data that does not fit together.
    public func page() throws(ReportError) -> Page {
        if !problems.isEmpty { throw ReportError(problems) }
        let shifts = ["feature-shift", "parameter-shift", "sign-agreement"]
        let curves = TrainingCurves(rows: supernetLog).curves
        let others = curves.filter { !$0.name.contains("shift") && !shifts.contains($0.name) }
        var content = [header.markup]
        if let section = try architectureSection() { content.append(section) }
        content += [
            SearchSection(history: history).markup,
            BestArchitectures(history: history, correlations: correlations).markup,
            TrainingCurves(others).section("Supernet training"),
            TrainingCurves(curves.filter { shifts.contains($0.name) }).section("Shift", lead: Self.shiftLead),
            isFromScratch
                ? network?.curves.section(
                    "Training from scratch", lead: "The network that was found, from new weights.")
                : network?.curves.section(
                    "Fine-tuning", lead: "The network that was found, trained further by itself."),
        ].compactMap(\.self)
        if let network { content += try network.predictions.markup() }
        if let section = TimingSection(timings: timings).markup { content.append(section) }
        if let footer = ReportFooter(command: command, configuration: configuration).markup { content.append(footer) }
        return Page(title: header.title, content: content)
    }

    private static let shiftLead =
        "How far the paths that share weights pull these apart: in what a layer is given, and in how its parameters "
        + "are changed. Less is better."

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
        ReportHeader(
            title: "\(settings.space) on \(settings.source)",
            subtitle: "\(settings.method), \(NumberText.grouped(settings.trainingImages)) training images, "
                + "\(settings.evaluations) paths ranked by \(settings.score)", score: network?.score, facts: facts)
    }

    private var facts: [Fact] {
        var facts: [Fact] = []
        if let search {
            facts += Fact.cost(search.cost)
            if let supernet { facts.append(Fact("architectures", StudyText.architectures(supernet.architectures))) }
            facts.append(Fact("evaluated", NumberText.grouped(search.evaluations)))
            if let latency = search.latency { facts.append(Fact("latency", String(format: "%.2f ms", latency))) }
            if let score = search.validation {
                facts.append(Fact("inherited, validation", score.words(Array(metrics.prefix(1)))))
            }
        }
        return facts + (network.map { $0.facts + Fact.leftOut($0.result.leftOut) } ?? [])
    }

    private var timings: [Timing] {
        [
            supernet.map { Timing("Supernet", seconds: $0.seconds) },
            probe.map { Timing("Probe", seconds: $0.seconds) }, search.map { Timing("Search", seconds: $0.seconds) },
            network.map {
                Timing(isFromScratch ? "Training from scratch" : "Fine-tuning", seconds: $0.result.seconds)
            },
        ].compactMap(\.self)
    }

    var history: SearchHistory {
        let isAccuracy = settings.score == "accuracy" && metrics.first == .accuracy
        let name =
            switch settings.score {
            case "accuracy": isAccuracy ? "Validation accuracy" : "Validation score"
            case "contrastive": "Contrastive score"
            case let score: "Score by \(score)"
            }
        return SearchHistory(
            entries: entries, chosen: search?.architecture.description, budget: settings.budget,
            strategy: settings.strategy, scoreName: name,
            scoreFormat: isAccuracy ? .percent : .number)
    }

    private var correlations: [RankCorrelation] {
        [("Parameters", search?.tauParameters), ("Multiply-adds", search?.tauMultiplyAdds)].compactMap { name, tau in
            tau.map { RankCorrelation(name: name, tau: $0) }
        }
    }

    private var problems: [String] {
        var problems = header.problems + (architecture?.problems ?? []) + history.problems
        for correlation in correlations where !(-1...1).contains(correlation.tau) {
            problems.append("Kendall's tau with \(correlation.name) is \(correlation.tau), beyond -1 to 1")
        }
        return problems + (network?.predictions.problems ?? []) + TimingSection(timings: timings).problems
    }
}
