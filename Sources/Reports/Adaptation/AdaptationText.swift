import Foundation
import Results

/// The result of an adaptation as lines of text for a terminal.
public enum AdaptationText {
    /// The paths: names and values.
    public static func rows(_ result: AdaptationResult) -> [(String, String)] {
        [
            ("best path on the source", result.sourcePath.description),
            (
                "path on the target",
                "\(result.path), \(result.sourcePath.distance(to: result.path)) of "
                    + "\(result.path.choices.count) choices changed"
            ),
        ]
    }

    /// A table with a line for each row that was run, without columns in which nothing stands.
    ///
    /// - Parameters:
    ///   - result: what the adaptation left in `result.json`.
    ///   - names: the names of rows, in the order of the table.
    ///   - metrics: the metrics of the task.
    public static func lines(_ result: AdaptationResult, names: [String], metrics: [Metric]) -> [String] {
        let rows = names.compactMap { name in result.outcomes[name].map { (name, $0) } }
        var columns: [(head: String, value: (NetworkResult) -> Double?)] = []
        for metric in metrics {
            columns.append(("validation \(metric.name)", { $0.validation.metrics[metric.name] }))
            columns.append(("test \(metric.name)", { $0.test?.metrics[metric.name] }))
        }
        columns = columns.filter { column in rows.contains { column.value($0.1) != nil } }
        return TextTable.lines(
            [["", "path", "epochs"] + columns.map(\.head)]
                + rows.map { name, outcome in
                    [name, outcome.architecture?.description ?? "", String(format: "%.1f", outcome.epochs)]
                        + columns.map { $0.value(outcome).map { String(format: "%.4f", $0) } ?? "-" }
                })
    }
}

/// Cells of text in columns.
enum TextTable {
    /// Lines whose columns are as wide as their longest cell and two spaces more.
    static func lines(_ rows: [[String]]) -> [String] {
        let widths = (rows.first ?? []).indices.map { place in (rows.map { $0[place].count }.max() ?? 0) + 2 }
        return rows.map { line($0, widths) }
    }

    /// A line whose columns have these widths.
    static func line(_ cells: [String], _ widths: [Int]) -> String {
        zip(cells, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined()
    }
}
