import Files
import Foundation
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
        let page = study.path + "/report.html"
        try report.write(to: page)
        let text = study.path + "/results.md"
        try AtomicFile.write(report.markdown(drawingsIn: "results"), to: text)
        let folder = study.path + "/results"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, drawing) in try report.drawings() { try AtomicFile.write(drawing, to: "\(folder)/\(name)") }
        return [page, text, folder]
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
