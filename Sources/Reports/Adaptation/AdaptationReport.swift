import Architectures
import Experiments
import Results

/// What adapting a supernet to a target gave, as one page: the method beside its controls, what of the architecture was
/// changed, and what the adapted network answers.
///
/// Parts without data are left out.
public struct AdaptationReport: PageReport {
    /// The largest line, and the window's title.
    public var title: String
    /// Whether the target's images were rendered rather than taken: then the word stands beside the title.
    public var isSynthetic: Bool
    /// The line below the title, such as the source and the number of images; empty for none.
    public var subtitle: String
    /// The networks by the name of their row; the first one adapted architecture and weights together.
    public var networks: [(name: String, network: TrainedNetwork)]
    /// The source's path and the adapted one, for each budget; empty for none.
    public var paths: [AdaptedPath]
    /// The limits on what the network may cost, where there are not several budgets.
    public var budget = Budget()
    /// The command line that made the run; empty for none.
    public var command: String
    /// The resolved configuration, as text; empty for none.
    public var configuration: String
    var comparison: AdaptationRows
    var facts: [Fact]

    /// The report of a finished adaptation.
    ///
    /// - Parameters:
    ///   - result: what the adaptation left in `result.json`.
    ///   - networks: the networks by the name of their row, in the order of the table.
    ///   - title: the largest line, and the window's title.
    ///   - isSynthetic: whether the target's images were rendered rather than taken.
    ///   - subtitle: the line below the title; empty for none.
    ///   - isUnsupervised: whether paths were compared by linear evaluation rather than by a head that they share.
    ///   - margin: within what paths counted as equally good, in words; empty where the best one was taken.
    ///   - paths: the source's path and the adapted one, for each budget; empty for none.
    ///   - budget: the limits on what the network may cost, where there are not several budgets.
    ///   - command: the command line that made the run; empty for none.
    ///   - configuration: the resolved configuration, as text; empty for none.
    public init(
        _ result: AdaptationResult, networks: [(name: String, network: TrainedNetwork)], title: String,
        isSynthetic: Bool = false, subtitle: String = "", isUnsupervised: Bool, margin: String = "",
        paths: [AdaptedPath] = [], budget: Budget = Budget(), command: String = "", configuration: String = ""
    ) {
        (self.title, self.isSynthetic, self.subtitle) = (title, isSynthetic, subtitle)
        (self.networks, self.paths, self.budget) = (networks, paths, budget)
        (self.command, self.configuration) = (command, configuration)
        comparison = AdaptationRows(
            [result], metrics: networks.first?.network.metrics ?? [], names: networks.map(\.name))
        facts = [
            Fact("paths compared", NumberText.grouped(result.evaluations)),
            Fact("compared by", isUnsupervised ? "linear evaluation" : "a shared head"),
        ]
        if !margin.isEmpty { facts.append(Fact("luck in the choice", margin)) }
        if let budgets = result.budgets, let first = budgets.first {
            let quantity = BudgetRequest.Quantity(rawValue: first.quantity)?.words ?? first.quantity
            facts.append(Fact("budgets of \(quantity)", budgets.map(\.budget).joined(separator: ", ")))
        }
        if let joint = result.outcomes[AdaptationResult.joint] { facts += Fact.cost(joint.cost) }
        facts += Fact.leftOut(result.leftOut)
    }

    /// A title with the word that belongs to rendered images.
    static func marked(_ title: String, isSynthetic: Bool) -> String { isSynthetic ? "\(title) (synthetic)" : title }
}

extension AdaptationReport {
    /// The page: what was found, beside its controls, then how.
    ///
    /// - Throws: ``ReportError`` with everything in the data that does not fit together.
    public func page() throws(ReportError) -> Page {
        let problems =
            comparison.problems + paths.flatMap(\.problems) + examples.problems
            + TimingSection(timings: timings).problems
        if !problems.isEmpty { throw ReportError(problems) }
        let title = Self.marked(title, isSynthetic: isSynthetic)
        let header = ReportHeader(title: title, subtitle: subtitle, facts: facts, statement: verdict, isBoxed: true)
        var content = [header.markup] + [controls].compactMap(\.self)
        for path in paths { content.append(try path.markup()) }
        let answers = try examples.markup()
        if !comparison.budgets.isEmpty, !answers.isEmpty, let first = networks.first {
            content.append(Page.section("Answers", lead: "What the network \(first.name) says of the images.", []))
        }
        content += answers
        content += networks.compactMap { $0.network.curves.section($0.name) }
        if let section = TimingSection(timings: timings).markup { content.append(section) }
        if let footer = ReportFooter(command: command, configuration: configuration).markup { content.append(footer) }
        return Page(title: title, content: content)
    }

    /// The first metric of the method and of the usual transfer; with several budgets, that of the method within each
    /// beside the better of the networks that were made smaller by hand.
    var verdict: String {
        guard let metric = comparison.metrics.first else { return "" }
        let part = comparison.isTest ? "on test images, read once" : "on validation images"
        func words(_ row: AdaptationRow, _ name: String) -> String? {
            row.values(of: metric).first.map { "\(name) \(metric.unit.text($0))" }
        }
        let whole = comparison.weightsOnly.flatMap { row in
            words(row, comparison.budgets.isEmpty ? row.name : "the whole network, \(row.name),")
        }
        let parts: [String]
        if comparison.budgets.isEmpty {
            let values = [comparison.joint.flatMap { words($0, $0.name) }, byHand("", metric), whole]
            parts = [values.compactMap(\.self).joined(separator: ", ")]
        } else {
            let within = comparison.budgets.compactMap { budget -> String? in
                guard let joint = comparison.joint(budget.budget).flatMap({ words($0, $0.shortName) }) else {
                    return nil
                }
                let other = byHand(budget.budget, metric).map { ", \($0)" } ?? ""
                return "at \(budget.budget), \(joint)\(other)"
            }
            parts = within + [whole].compactMap(\.self)
        }
        let count = comparison.rows.count { !$0.values(of: metric).isEmpty }
        return "\(metric.name) \(part): \(parts.joined(separator: "; "))."
            + (count > 1 ? " One seed says little of a difference; a study over seeds does." : "")
    }

    /// The better of the networks that were made smaller by hand to keep a budget, in words; nil where there is none.
    private func byHand(_ budget: String, _ metric: Metric) -> String? {
        let names = [AdaptationControl.narrowing.rawValue, AdaptationControl.scaling.rawValue]
        let rows = comparison.rows.filter { names.contains($0.shortName) && ($0.budget ?? "") == budget }
        let values = rows.compactMap { row in row.values(of: metric).first.map { (row.shortName, $0) } }
        let best = values.max { metric.isHigherBetter ? $0.1 < $1.1 : $0.1 > $1.1 }
        return best.map { "\($0.0) \(metric.unit.text($0.1))" }
    }

    /// What the adapted network answers, beside the confusions of one that learned the labelled domain alone.
    private var examples: ExampleSections {
        var sections = networks.first?.network.predictions ?? ExampleSections(examples: [], images: nil)
        sections.before = networks.first { $0.name == "source-only" }?.network.examples ?? []
        return sections
    }

    private var timings: [Timing] { networks.map { Timing($0.name, seconds: $0.network.result.seconds) } }

    /// All rows: drawn, then in figures.
    private var controls: Markup? {
        guard let table = AdaptationTable(comparison).markup else { return nil }
        let rows = comparison.rows
        let overCost =
            comparison.isElastic || !comparison.budgets.isEmpty
            ? CostPlot.all(comparison, budget: budget).map(\.svg) : []
        let byMetric = comparison.metrics.filter { metric in rows.contains { !$0.values(of: metric).isEmpty } }.map {
            AdaptationPlot(metric: $0, rows: rows, title: $0.name).svg
        }
        // With several budgets, there are too many rows to compare them one by one.
        let plots = overCost + (comparison.budgets.isEmpty ? byMetric : [])
        let lead =
            comparison.budgets.isEmpty
            ? "What adapting architecture and weights together gave, beside what each of them gives alone. "
            : "What a network gives that was found for each budget, beside networks of the same budget that nobody "
                + "searched for. Vertical lines are the budgets. "
        let seeds =
            rows.contains { $0.seeds > 1 }
            ? "Small dots are seeds, the large one is their mean, and the line reaches from the lowest to the highest."
            : "Of one seed: a second would tell how much of a difference is chance."
        return Page.section(
            "The method and its controls", lead: lead + seeds, (plots.isEmpty ? [] : [Page.row(plots)]) + [table])
    }
}
