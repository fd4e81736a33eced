import Reports
import Tasks
import Workflows

/// The result of a study of transfer as a page, and as text with drawings for documentation; a page for each adaptation
/// beside it.
struct TransferStudyPage {
    let study: TransferStudy
    let outcomes: [TransferStudy.Outcome]
    let command: String

    /// - Returns: Paths of what was written.
    func write() throws -> [String] {
        let report = try report()
        return try StudyFiles.write(
            in: study.path, page: { try report.write(to: $0) }, markdown: { try report.markdown(drawingsIn: $0) },
            drawings: report.drawings())
    }

    private func report() throws -> TransferStudyReport {
        TransferStudyReport(title: "What transfer is worth", sections: try sections(), command: command)
    }

    private func sections() throws -> [TransferStudyReport.Section] {
        try study.options.tasks.flatMap { target in
            try target.sources.compactMap { source -> TransferStudyReport.Section? in
                let found = outcomes.filter { $0.task == target.name && $0.source == source }
                guard let first = found.first, let adaptation = try study.adaptation(first) else { return nil }
                for outcome in found {
                    guard let one = try study.adaptation(outcome) else { continue }
                    _ = try AdaptationPage(adaptation: one, result: outcome.result, command: command).write()
                }
                let rows = AdaptationRows(
                    results: found.map(\.result), metrics: adaptation.task.metrics, names: adaptation.rows)
                return TransferStudyReport.Section(
                    target.name, variant: first.isUnsupervised ? "unsupervised" : "supervised",
                    isSynthetic: target.isSynthetic ?? TaskSource.isSynthetic(adaptation.options.data.source),
                    note: target.note ?? "", metrics: rows.shownMetrics, rows: rows.rows)
            }
        }
    }
}
