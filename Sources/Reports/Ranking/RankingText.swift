import Foundation
import Metrics
import Rankings
import Results

/// Rankings and benchmark tables as lines of text for a terminal.
public enum RankingText {
    /// A judgement as a table with one line for each ranker.
    ///
    /// - Parameters:
    ///   - judgement: the judged rankings.
    ///   - measure: the figure of a trained network that they were compared with.
    public static func lines(_ judgement: RankingJudgement, measure: RankingTrial.Measure) -> [String] {
        let header = ["ranked by"] + RankingFigure.all.map(\.plainName)
        let rows = judgement.rankers.map { ranker in
            [ranker.name]
                + RankingFigure.all.map { figure in
                    figure.shown(ranker.quality, measure).map {
                        String(format: "%.2f (%.2f to %.2f)", $0.value, $0.low, $0.high)
                    } ?? "-"
                }
        }
        return TextTable.lines([header] + rows)
    }

    /// A comparison of methods as a table for each space: τ of each method and score, then of the baselines.
    public static func lines(_ result: RankingComparisonResult) -> [String] {
        func row(_ cells: [String]) -> String { TextTable.line(cells, [42, 20, 7, 16, 16, 16, 16, 16]) }
        return result.trivial.keys.sorted().flatMap { space in
            let judged = result.trivial[space] ?? [:]
            let methods = RankingOutcome.groups(result.outcomes.filter { $0.space == space }).map { group in
                func spread(_ figure: (RankingOutcome) -> Double?) -> String { text(group.map(figure)) }
                return row([
                    group[0].method, group[0].score, "\(group.count)", spread { $0.quality["all"]?.tau?.value },
                    spread { $0.quality["choose"]?.tau?.value }, spread { $0.quality["report"]?.tau?.value },
                    spread { $0.qualityByLoss["all"]?.tau?.value }, spread { $0.quality["all"]?.tauTopQuarter?.value },
                ])
            }
            let baselines = (judged["all"]?.rankers ?? []).map { ranker in
                func tau(_ half: String) -> String {
                    text([judged[half]?.rankers.first { $0.name == ranker.name }?.quality.tau?.value])
                }
                return row([
                    ranker.name, "", "", tau("all"), tau("choose"), tau("report"), "",
                    text([ranker.quality.tauTopQuarter?.value]),
                ])
            }
            let head = row(["method", "score", "seeds", "tau", "development", "held-out", "tau by loss", "top 25 %"])
            return ["", space, head] + methods + baselines
        }
    }

    /// A benchmark table in figures: its size, its spread, and how far its seeds agree.
    ///
    /// - Returns: names and values, with an empty name for a line that goes on with the one before.
    public static func summary(_ table: BenchmarkTable) -> [(String, String)] {
        func spread(_ name: String, _ value: (BenchmarkRow) -> Double, _ text: (Double) -> String) -> [(String, String)]
        {
            let means = table.entries.map { $0.mean(value) }
            let trainings = table.entries.map { $0.rows.map(value) }
            guard let least = means.min(), let most = means.max() else { return [] }
            var rows = [(name, "\(text(least)) to \(text(most))")]
            if let noise = SignalToNoise(trainings) {
                let within = noise.ratio.map { ratio in
                    ", \(text(noise.within)) between seeds: " + String(format: "signal-to-noise %.1f", ratio)
                }
                rows.append(("", "standard deviation \(text(noise.between)) between architectures" + (within ?? "")))
            }
            if let tau = TauBetweenSeeds.mean(trainings) {
                rows.append(("", String(format: "tau of one seed with another %.2f", tau)))
            }
            return rows
        }
        return [("architectures", "\(table.entries.count), \(table.rows.count) trainings")]
            + spread("accuracy", \.accuracy) { String(format: "%.2f %%", 100 * $0) }
            + spread("loss", \.loss) { String(format: "%.4f", $0) }
    }

    private static func text(_ values: [Double?]) -> String {
        SampleSpread(values.compactMap(\.self))?.text { String(format: "%.3f", $0) } ?? "-"
    }
}

extension RankingOutcome {
    /// Outcomes of the same method and score, in their order.
    static func groups(_ outcomes: [RankingOutcome]) -> [[RankingOutcome]] {
        var groups: [[RankingOutcome]] = []
        for outcome in outcomes {
            let place = groups.firstIndex { $0[0].method == outcome.method && $0[0].score == outcome.score }
            if let place { groups[place].append(outcome) } else { groups.append([outcome]) }
        }
        return groups
    }
}
