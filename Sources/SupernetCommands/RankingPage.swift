import Architectures
import Experiments
import Foundation
import Metrics
import Rankings
import Reports
import Results
import Workflows

/// A judgement as a page.
enum RankingPage {
    /// - Parameters:
    ///   - ranking: what was ranked.
    ///   - scores: by architecture.
    ///   - others: further studies that the ranks are averaged over.
    ///   - proxies: names of those that are averaged with them.
    ///   - judgement: what they are worth.
    ///   - measure: what the truth of a network is.
    ///   - half: of the table; nil for all of it.
    ///   - warnings: beside those of the judgement.
    /// - Returns: Path of the page.
    static func write(
        _ ranking: PathRanking, _ scores: [Architecture: Double], with others: [String], _ proxies: [String],
        _ judgement: RankingJudgement,
        measure: RankingTrial.Measure, half: BenchmarkRow.Half?, warnings: [String]
    ) throws -> String {
        let options = ranking.study.options
        let table = half.map { ranking.truth.half($0) } ?? ranking.truth
        let points = table.entries.compactMap { entry -> RankingReport.Point? in
            let accuracies = entry.rows.map(\.accuracy)
            guard let score = scores[entry.architecture], let least = accuracies.min(), let most = accuracies.max()
            else {
                return nil
            }
            return .init(
                entry.architecture.description, score: score, truth: entry.mean(\.accuracy), seeds: least...most)
        }
        let report = RankingReport(
            space: options.space.name, method: options.method.name, truth: ranking.truthPath,
            architectures: judgement.architectures, seeds: judgement.seeds,
            facts: [
                .init("Truth of a network", measure == .accuracy ? "its accuracy" : "less its cross-entropy"),
                .init("Score of a path", options.search.score.rawValue),
            ] + (others.isEmpty ? [] : [.init("Mean rank over", "\(others.count + 1) supernets")])
                + (proxies.isEmpty ? [] : [.init("Mean rank with", proxies.joined(separator: ", "))])
                + (half.map { [.init("Half of the table", $0.rawValue)] } ?? []),
            verdict: judgement.verdict, warnings: warnings + judgement.warnings,
            rows: judgement.predictors.map { row($0, isShare: measure == .accuracy) }, points: points,
            scoreName: "score in the supernet (\(options.search.score.rawValue))",
            scoreFormat: options.search.score == .accuracy && others.isEmpty && proxies.isEmpty ? .percent : .number,
            command: CommandText.own)
        let path = ranking.folder + "/report.html"
        try report.write(to: path)
        return path
    }

    private static func row(_ predictor: JudgedRanker, isShare: Bool) -> RankingReport.Row {
        let kind = RankingReport.Row.Kind(rawValue: predictor.kind.rawValue) ?? .proxy
        return RankingReport.Row(predictor.name, kind: kind, figures: figures(predictor.quality, isShare: isShare))
    }

    /// - Parameter isShare: whether the truth is a share of one; a regret in nats has no points of per cent.
    static func figures(_ quality: RankingQuality, isShare: Bool) -> RankingFigures {
        RankingFigures(
            tau: quality.tau.map(Self.estimate), spearman: quality.spearman.map(Self.estimate),
            pearson: quality.pearson.map(Self.estimate), tauTopQuarter: quality.tauTopQuarter.map(Self.estimate),
            tauTopTenth: quality.tauTopTenth.map(Self.estimate),
            precisionAtTen: quality.precisionAtTen.map(Self.estimate),
            regret: isShare ? quality.regret.map(Self.estimate) : nil,
            regretOfTen: isShare ? quality.regretOfTen.map(Self.estimate) : nil)
    }

    private static func estimate(_ interval: Interval) -> Estimate {
        Estimate(interval.value, low: interval.low, high: interval.high)
    }
}
