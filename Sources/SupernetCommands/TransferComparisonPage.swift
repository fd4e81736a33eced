import Foundation
import Metrics
import Rankings
import Reports
import Tasks
import Workflows

/// The result of a study of transfer as a page, and as text with drawings for documentation; a page for each adaptation
/// beside it.
struct TransferComparisonPage {
    let study: TransferComparison
    let outcomes: [TransferComparison.Outcome]
    let command: String

    /// - Returns: Paths of what was written.
    func write() throws -> [String] {
        let report = try report()
        return try StudyFiles.write(
            in: study.path, page: { try report.write(to: $0) }, markdown: { try report.markdown(drawingsIn: $0) },
            drawings: report.drawings())
    }

    private func report() throws -> TransferComparisonReport {
        let tasks = Self.corrected(try self.tasks())
        return TransferComparisonReport(
            title: "What transfer is worth",
            verdict: study.options.sources.compactMap { source in
                Self.words(tasks.filter { $0.source == source.name }, source: source.name)
            }.joined(separator: " "),
            sections: tasks.map(\.section), command: command)
    }

    /// A task from one source.
    struct Task {
        var source: String
        var section: TransferComparisonReport.Section
        /// Joint against weights only.
        var test: PairedTest?

        /// Whether joint is ahead by the first metric; nil where it is neither ahead nor behind.
        var isAhead: Bool? {
            guard let test, let metric = section.metrics.first, test.meanDifference != 0 else { return nil }
            return (test.meanDifference > 0) == metric.isHigherBetter
        }
    }

    /// With the p of each as it is to be read among all.
    static func corrected(_ tasks: [Task]) -> [Task] {
        var tasks = tasks
        let tested = tasks.indices.filter { tasks[$0].test?.p != nil }
        for (place, p) in zip(tested, ManyTests.corrected(tasks.compactMap { $0.test?.p })) {
            tasks[place].section.correctedP = p
        }
        return tasks
    }

    /// What all tasks from one source say together; nil where no test was made.
    static func words(_ tasks: [Task], source: String) -> String? {
        // For every task, above zero is ahead.
        let tests = tasks.compactMap { task -> PairedTest? in
            guard var test = task.test else { return nil }
            if task.section.metrics.first?.isHigherBetter == false { test.t = test.t.map { -$0 } }
            return test
        }
        guard let all = ManyTests.combined(tests) else { return nil }
        let (ahead, behind) = (tasks.count { $0.isAhead == true }, tasks.count { $0.isAhead == false })
        return
            "From the source \(source), joint is ahead of weights only on \(ahead) of \(tests.count) tasks and behind on "
            + "\(behind), which is \(all.p < 0.05 ? "more than luck" : "no more than luck would do") "
            + "(p = \(String(format: "%.3f", all.p)), Stouffer's method over \(all.count) tests)."
    }

    private func tasks() throws -> [Task] {
        try study.options.tasks.flatMap { target in
            try target.sources.compactMap { source -> Task? in
                let found = outcomes.filter { $0.task == target.name && $0.source == source }
                guard let first = found.first, let adaptation = try study.adaptation(first) else { return nil }
                for outcome in found {
                    guard let one = try study.adaptation(outcome) else { continue }
                    _ = try AdaptationPage(adaptation: one, result: outcome.result, command: command).write()
                }
                let rows = AdaptationRows(
                    results: found.map(\.result), metrics: adaptation.task.metrics, names: adaptation.rows)
                return Task(
                    source: source,
                    section: TransferComparisonReport.Section(
                        target.name, variant: first.isUnsupervised ? "unsupervised" : "supervised",
                        isSynthetic: target.isSynthetic ?? TaskSource.isSynthetic(adaptation.options.data.source),
                        note: target.note ?? "", metrics: rows.shownMetrics, rows: rows.rows),
                    test: rows.test)
            }
        }
    }
}
