import Reports
import Tasks
import Workflows

extension TransferComparison {
    /// The report of a finished comparison. The page of each of its adaptations is written on the way.
    ///
    /// - Throws: what reading the adaptations, and writing their pages, throws.
    func report(_ outcomes: [Outcome], command: String) throws -> TransferComparisonReport {
        TransferComparisonReport(
            sources: options.sources.map(\.name),
            sections: try options.tasks.flatMap { target in
                try target.sources.compactMap { source -> TransferComparisonReport.Section? in
                    let found = outcomes.filter { $0.task == target.name && $0.source == source }
                    guard let first = found.first, let adaptation = try adaptation(first) else { return nil }
                    for outcome in found {
                        guard let one = try self.adaptation(outcome) else { continue }
                        _ = try AdaptationPage(adaptation: one, result: outcome.result, command: command).write()
                    }
                    let rows = AdaptationRows(
                        results: found.map(\.result), metrics: adaptation.task.metrics, names: adaptation.rows)
                    return .init(
                        target.name, source: source, variant: first.isUnsupervised ? "unsupervised" : "supervised",
                        isSynthetic: target.isSynthetic ?? TaskSource.isSynthetic(adaptation.options.data.source),
                        note: target.note ?? "", metrics: rows.shownMetrics, rows: rows.rows)
                }
            }, command: command)
    }
}
