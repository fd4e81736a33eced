import Architectures
import Foundation
import Results

/// The result of an adaptation as lines of text for a terminal.
public enum AdaptationText {
    /// The paths: names and values.
    public static func rows(_ result: AdaptationResult) -> [(String, String)] {
        func words(_ path: Architecture) -> String {
            "\(path), \(result.sourcePath.distance(to: path)) of \(path.choices.count) choices changed"
        }
        let found = result.budgets?.map { ("path for \($0.budget)", words($0.path)) }
        return [("best path on the source", result.sourcePath.description)]
            + (found ?? [("path on the target", words(result.path))])
    }

    /// A table with a line for each row that was run, without columns in which nothing stands. Rows of several budgets
    /// stand together below theirs.
    ///
    /// - Parameters:
    ///   - result: what the adaptation left in `result.json`.
    ///   - names: the names of rows, in the order of the table.
    ///   - metrics: the metrics of the task.
    public static func lines(_ result: AdaptationResult, names: [String], metrics: [Metric]) -> [String] {
        let rows = names.compactMap { name in result.outcomes[name].map { (name: name, outcome: $0) } }
        let budgets = result.budgets ?? []
        func budget(_ name: String) -> Int? { budgets.firstIndex { name.hasPrefix($0.folder + "/") } }
        var columns: [(head: String, text: (String, NetworkResult) -> String)] = [
            (
                "",
                { name, _ in budget(name).map { "  " + name.dropFirst(budgets[$0].folder.count + 1) } ?? name }
            )
        ]
        if budgets.isEmpty { columns.append(("path", { $1.architecture?.description ?? "" })) }
        if result.latencies != nil || !budgets.isEmpty {
            columns.append(("multiply-adds", { NumberText.grouped($1.cost.multiplyAdds) }))
            columns.append(("parameters", { NumberText.grouped($1.cost.parameters) }))
        }
        if let latencies = result.latencies {
            columns.append(("ms", { name, _ in latencies[name].map { String(format: "%.2f", $0) } ?? "-" }))
        }
        columns.append(("epochs", { String(format: "%.1f", $1.epochs) }))
        for metric in metrics {
            for (part, score) in [("validation", { $0.validation }), ("test", { $0.test })]
                as [(String, (NetworkResult) -> Score?)]
            {
                func value(_ outcome: NetworkResult) -> Double? { score(outcome)?.metrics[metric.name] }
                guard rows.contains(where: { value($0.outcome) != nil }) else { continue }
                columns.append(
                    ("\(part) \(metric.name)", { value($1).map { String(format: "%.4f", $0) } ?? "-" }))
            }
        }
        let lines = TextTable.lines(
            [columns.map(\.head)] + rows.map { row in columns.map { $0.text(row.name, row.outcome) } })
        var grouped = Array(lines.prefix(1))
        var shown: Int?
        for (row, line) in zip(rows, lines.dropFirst()) {
            let number = budget(row.name)
            if let number, number != shown { grouped.append(heading(budgets[number])) }
            shown = number
            grouped.append(line)
        }
        return grouped
    }

    /// A budget with its limit, such as `25%: at most 12,345,678 multiply-adds`.
    private static func heading(_ budget: AdaptationResult.FoundForBudget) -> String {
        let quantity = BudgetRequest.Quantity(rawValue: budget.quantity)
        return "\(budget.budget): at most \(quantity?.text(budget.limit) ?? "\(budget.limit) \(budget.quantity)")"
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
