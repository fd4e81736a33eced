import Architectures
import Foundation
import Metrics
import Results

/// What adapting architecture and weights together gives on many tasks, beside its controls and over several seeds: as
/// one page, and as text for documentation.
public struct TransferComparisonReport: DocumentedReport {
    /// A task, learned from one source in one way.
    public struct Section: Sendable, Equatable {
        /// The name of the task, such as `person re-identification`.
        public var task: String
        /// The name of the source.
        public var source: String
        /// The way in which the supernet learned the target: `supervised` or `unsupervised`; empty for none.
        public var variant: String
        /// Whether the images were rendered rather than taken: then the word stands beside the title of the task.
        public var isSynthetic: Bool
        /// A note on the data, which stands below the title; empty for none.
        public var note: String
        /// The method, its controls and further rows, with the values of all seeds; the task is judged by the first
        /// metric.
        var comparison: AdaptationRows

        /// A task with the results of all seeds.
        ///
        /// - Parameters:
        ///   - outcomes: the adaptations of the task from one source, at least one.
        ///   - isSynthetic: whether the images were rendered rather than taken.
        ///   - note: a note on the data; empty for none.
        ///   - metrics: the metrics of the task.
        ///   - rows: the names of the rows, in the order of the table.
        public init?(
            _ outcomes: [TransferOutcome], isSynthetic: Bool = false, note: String = "", metrics: [Metric],
            rows: [String]
        ) {
            guard let first = outcomes.first else { return nil }
            self.init(
                first.task, source: first.source, variant: first.isUnsupervised ? "unsupervised" : "supervised",
                isSynthetic: isSynthetic, note: note,
                comparison: AdaptationRows(outcomes.map(\.result), metrics: metrics, names: rows))
        }

        /// A task with whatever was measured.
        init(
            _ task: String, source: String, variant: String = "", isSynthetic: Bool = false, note: String = "",
            comparison: AdaptationRows
        ) {
            (self.task, self.source, self.variant) = (task, source, variant)
            (self.isSynthetic, self.note, self.comparison) = (isSynthetic, note, comparison)
        }

        /// Task and variant, with the word that belongs to rendered images.
        var title: String { AdaptationReport.marked(plainTitle, isSynthetic: isSynthetic) }
        /// The title without that word, for the names of files.
        var plainTitle: String { variant.isEmpty ? task : "\(task), \(variant)" }

        /// Whether networks were found for several budgets.
        var hasBudgets: Bool { !comparison.budgets.isEmpty }

        /// The method against weights only by the first metric, over the seeds; nil where they were not run alike, and
        /// where there are several budgets: a small network is not to be held against the whole one.
        var test: PairedTest? {
            guard !hasBudgets, let metric = comparison.metrics.first, let joint = comparison.joint,
                let weights = comparison.weightsOnly
            else { return nil }
            return PairedTest(joint.values(of: metric), weights.values(of: metric))
        }

        /// Whether the method is ahead of weights only by the first metric; nil where it is neither ahead nor behind.
        var isAhead: Bool? {
            guard let test, let metric = comparison.metrics.first, test.meanDifference != 0 else { return nil }
            return (test.meanDifference > 0) == metric.isHigherBetter
        }

        /// The first metric of all rows, over their cost where there are several budgets; nil where there is nothing to
        /// draw.
        var drawing: SVG? {
            let rows = comparison.rows
            guard let metric = comparison.metrics.first, rows.contains(where: { !$0.values(of: metric).isEmpty })
            else { return nil }
            if hasBudgets { return CostPlot.all(comparison, budget: Budget(), title: title).first?.svg }
            return AdaptationPlot(metric: metric, rows: rows, title: "\(metric.name): \(title)", width: 720).svg
        }

        /// All rows in figures.
        var table: AdaptationTable { AdaptationTable(comparison, hasSizes: false) }
    }

    /// The names of the sources, in the order in which the verdict tells of them.
    public var sources: [String]
    /// The tasks in the order to be read.
    public var sections: [Section]
    /// The command line that made the comparison; empty for none.
    public var command: String

    /// A report of whatever is known. The data are checked when the page or the text is made.
    ///
    /// - Parameters:
    ///   - sources: the names of the sources, in the order in which the verdict tells of them.
    ///   - sections: the tasks in the order to be read.
    ///   - command: the command line that made the comparison; empty for none.
    public init(sources: [String], sections: [Section], command: String = "") {
        (self.sources, self.sections, self.command) = (sources, sections, command)
    }

    // MARK: - Verdict

    /// What all tasks together say of each source.
    var verdict: String {
        let summary = TransferSummary(sections: sections)
        return sources.flatMap { [verdict($0), summary.verdict($0)] }.compactMap(\.self).joined(separator: " ")
    }

    /// What all tasks from one source say together; nil where no test was made.
    private func verdict(_ source: String) -> String? {
        let sections = sections.filter { $0.source == source && !$0.hasBudgets }
        let tests = sections.compactMap { section in
            section.test.map { (test: $0, isHigherBetter: section.comparison.metrics.first?.isHigherBetter ?? true) }
        }
        guard let all = ManyTests.combined(tests) else { return nil }
        let (ahead, behind) = (sections.count { $0.isAhead == true }, sections.count { $0.isAhead == false })
        return
            "From the source \(source), joint is ahead of weights only on \(ahead) of \(tests.count) tasks and behind "
            + "on \(behind), which is \(all.p < 0.05 ? "more than luck" : "no more than luck would do") "
            + "(p = \(String(format: "%.3f", all.p)), Stouffer's method over \(all.count) tests)."
    }

    // MARK: - Page and text

    private var header: ReportHeader {
        ReportHeader(title: "What transfer is worth", statement: verdict, isBoxed: true)
    }

    /// The page: all tasks in one table, then a section for each.
    ///
    /// - Throws: ``ReportError`` with everything in the data that cannot be shown.
    public func page() throws(ReportError) -> Page {
        try check()
        let parts = sections.map { section in
            Page.section(
                section.title, lead: section.note,
                [section.drawing.map { Page.row([$0]) }, section.table.markup].compactMap(\.self))
        }
        let content = [header.markup, TransferSummary(sections: sections).markup] + parts
        return Page(
            title: header.title, content: (content + [ReportFooter(command: command).markup]).compactMap(\.self))
    }

    /// The report as text for GitHub, with links to its drawings.
    ///
    /// - Parameter folder: the folder of the files of ``drawings()``, seen from the text; empty for the text's own.
    /// - Throws: ``ReportError`` with everything in the data that cannot be shown.
    public func markdown(drawingsIn folder: String = "") throws(ReportError) -> String {
        try check()
        var blocks = header.markdown
        let summary = TransferSummary(sections: sections)
        if !sections.isEmpty {
            blocks += [
                "## \(summary.title)", summary.markdown, MarkdownText.escaped(summary.explanation),
            ]
            if !explanations.isEmpty { blocks += ["Rows:", explanations.joined(separator: "\n")] }
        }
        for (section, file) in zip(sections, files()) {
            blocks.append("## \(MarkdownText.escaped(section.title))")
            if !section.note.isEmpty { blocks.append(MarkdownText.escaped(section.note)) }
            if !section.comparison.rows.isEmpty {
                blocks += [section.table.markdown, MarkdownText.escaped(section.table.explanation)]
            }
            if let file { blocks.append(MarkdownText.image(file.svg, in: folder, file.name)) }
        }
        return MarkdownText.document(blocks, command: command)
    }

    /// The drawings of ``markdown(drawingsIn:)`` as files of their own, legible on any background.
    ///
    /// - Returns: the name, such as `person-re-identification-supervised.svg`, and the content of each.
    /// - Throws: ``ReportError`` with everything in the data that cannot be shown.
    public func drawings() throws(ReportError) -> [(name: String, svg: String)] {
        try check()
        return files().compactMap(\.self).map { ($0.name, $0.svg.document(margin: 16)) }
    }

    private func check() throws(ReportError) {
        let problems = sections.flatMap { section in section.comparison.problems.map { "\(section.title), \($0)" } }
        if !problems.isEmpty { throw ReportError(problems) }
    }

    /// For each section its drawing with the name of its file; nil where there is nothing to draw.
    private func files() -> [(name: String, svg: SVG)?] {
        zip(sections, FileStem.distinct(sections.map(\.plainTitle), otherwise: "task")).map { section, stem in
            section.drawing.map { ("\(stem).svg", $0) }
        }
    }

    /// A line on how each row was trained, once for all tasks.
    private var explanations: [String] {
        var taken: Set<String> = []
        return sections.flatMap(\.comparison.rows).compactMap { row in
            guard !row.explanation.isEmpty, taken.insert("\(row.shortName): \(row.explanation)").inserted else {
                return nil
            }
            return "- \(MarkdownText.escaped(row.shortName)): \(MarkdownText.escaped(row.explanation))"
        }
    }
}
