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
    /// The source's path and the adapted one; nil for none.
    public var path: AdaptedPath?
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
    ///   - path: the source's path and the adapted one; nil for none.
    ///   - command: the command line that made the run; empty for none.
    ///   - configuration: the resolved configuration, as text; empty for none.
    public init(
        _ result: AdaptationResult, networks: [(name: String, network: TrainedNetwork)], title: String,
        isSynthetic: Bool = false, subtitle: String = "", isUnsupervised: Bool, margin: String = "",
        path: AdaptedPath? = nil, command: String = "", configuration: String = ""
    ) {
        (self.title, self.isSynthetic, self.subtitle) = (title, isSynthetic, subtitle)
        (self.networks, self.path) = (networks, path)
        (self.command, self.configuration) = (command, configuration)
        comparison = AdaptationRows(
            [result], metrics: networks.first?.network.metrics ?? [], names: networks.map(\.name))
        facts = [
            Fact("paths compared", NumberText.grouped(result.evaluations)),
            Fact("compared by", isUnsupervised ? "linear evaluation" : "a shared head"),
        ]
        if !margin.isEmpty { facts.append(Fact("luck in the choice", margin)) }
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
            comparison.problems + (path?.problems ?? []) + examples.problems + TimingSection(timings: timings).problems
        if !problems.isEmpty { throw ReportError(problems) }
        let title = Self.marked(title, isSynthetic: isSynthetic)
        let header = ReportHeader(title: title, subtitle: subtitle, facts: facts, statement: verdict, isBoxed: true)
        var content = [header.markup] + [controls].compactMap(\.self)
        if let path { content.append(try path.markup()) }
        content += try examples.markup()
        content += networks.compactMap { $0.network.curves.section($0.name) }
        if let section = TimingSection(timings: timings).markup { content.append(section) }
        if let footer = ReportFooter(command: command, configuration: configuration).markup { content.append(footer) }
        return Page(title: title, content: content)
    }

    /// The first metric of the method and of the usual transfer.
    var verdict: String {
        guard let metric = comparison.metrics.first else { return "" }
        let part = comparison.isTest ? "on test images, read once" : "on validation images"
        let values = [comparison.joint, comparison.weightsOnly].compactMap(\.self).compactMap { row in
            row.values(of: metric).first.map { "\(row.name) \(metric.unit.text($0))" }
        }
        return "\(metric.name) \(part): \(values.joined(separator: ", "))."
            + (values.count > 1 ? " One seed says little of a difference; a study over seeds does." : "")
    }

    /// What the adapted network answers, beside the confusions of one that learned the labelled domain alone.
    private var examples: ExampleSections {
        var sections = networks.first?.network.predictions ?? ExampleSections(examples: [], images: nil)
        sections.before = networks.first { $0.name == "source-only" }?.network.examples ?? []
        return sections
    }

    private var timings: [Timing] { networks.map { Timing($0.name, seconds: $0.network.result.seconds) } }

    /// All rows: drawn by metric, then in figures.
    private var controls: Markup? {
        guard let table = AdaptationTable(comparison).markup else { return nil }
        let rows = comparison.rows
        let plots = comparison.metrics.filter { metric in rows.contains { !$0.values(of: metric).isEmpty } }.map {
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
}
