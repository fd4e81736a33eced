import Foundation
import Metrics
import Rankings
import Workflows

/// A judgement as lines of text.
enum RankingTable {
    static func lines(_ judgement: RankingJudgement, measure: RankingTrial.Measure) -> [String] {
        let isShare = measure == .accuracy
        let columns: [(String, (RankingQuality) -> Interval?, (Interval) -> String)] = [
            ("tau", { $0.tau }, interval), ("Spearman", { $0.spearman }, interval),
            ("Pearson", { $0.pearson }, interval),
            ("tau, top 25 %", { $0.tauTopQuarter }, interval), ("tau, top 10 %", { $0.tauTopTenth }, interval),
            ("precision at 10", { $0.precisionAtTen }, interval),
            ("regret", { $0.regret }, { isShare ? points($0) : interval($0) }),
            ("regret of ten", { $0.regretOfTen }, { isShare ? points($0) : interval($0) }),
        ]
        let header = ["ranked by"] + columns.map(\.0)
        let rows = judgement.predictors.map { predictor in
            [predictor.name] + columns.map { column in column.1(predictor.quality).map(column.2) ?? "-" }
        }
        let widths = header.indices.map { place in ([header] + rows).map { $0[place].count }.max() ?? 0 }
        return ([header] + rows).map { row in
            zip(row, widths).map { $0.padding(toLength: $1 + 2, withPad: " ", startingAt: 0) }.joined()
        }
    }

    static func interval(_ interval: Interval) -> String {
        String(format: "%.2f (%.2f to %.2f)", interval.value, interval.low, interval.high)
    }

    /// Shares in points of per cent.
    static func points(_ interval: Interval) -> String {
        String(format: "%.2f (%.2f to %.2f)", 100 * interval.value, 100 * interval.low, 100 * interval.high)
    }
}
