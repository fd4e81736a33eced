import Foundation
import Rankings
import Workflows

/// The result of a study of methods as lines of text.
enum StudyTable {
    static func lines(_ result: RankingComparison.Result) -> [String] {
        var lines: [String] = []
        for space in result.trivial.keys.sorted() {
            lines += [
                "", space, row(["method", "score", "seeds", "tau", "choose", "report", "tau by loss", "top 25 %"]),
            ]
            for group in groups(result.outcomes.filter { $0.space == space }) {
                func figure(_ value: (RankingComparison.Outcome) -> Double?) -> String { text(group.compactMap(value)) }
                lines.append(
                    row([
                        group[0].method, group[0].score, "\(group.count)",
                        figure { $0.quality["all"]?.tau?.value }, figure { $0.quality["choose"]?.tau?.value },
                        figure { $0.quality["report"]?.tau?.value }, figure { $0.qualityByLoss["all"]?.tau?.value },
                        figure { $0.quality["all"]?.tauTopQuarter?.value },
                    ]))
            }
            for predictor in result.trivial[space]?["all"]?.predictors ?? [] {
                func half(_ name: String) -> String {
                    let found = result.trivial[space]?[name]?.predictors.first { $0.name == predictor.name }
                    return text([found?.quality.tau?.value].compactMap { $0 })
                }
                lines.append(
                    row([
                        predictor.name, "", "", half("all"), half("choose"), half("report"), "",
                        text([predictor.quality.tauTopQuarter?.value].compactMap { $0 }),
                    ]))
            }
        }
        return lines
    }

    /// Outcomes of one method and score, in their order.
    static func groups(_ outcomes: [RankingComparison.Outcome]) -> [[RankingComparison.Outcome]] {
        var groups: [[RankingComparison.Outcome]] = []
        for outcome in outcomes {
            let place = groups.firstIndex { $0[0].method == outcome.method && $0[0].score == outcome.score }
            if let place { groups[place].append(outcome) } else { groups.append([outcome]) }
        }
        return groups
    }

    private static func text(_ values: [Double]) -> String {
        guard !values.isEmpty else { return "-" }
        let mean = values.reduce(0, +) / Double(values.count)
        guard values.count > 1 else { return String(format: "%.3f", mean) }
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
        return String(format: "%.3f ± %.3f", mean, variance.squareRoot())
    }

    private static func row(_ cells: [String]) -> String {
        zip(cells, [42, 20, 7, 16, 16, 16, 16, 16]).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
            .joined()
    }
}
