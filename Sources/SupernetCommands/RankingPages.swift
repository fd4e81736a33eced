import Architectures
import Experiments
import Rankings
import Reports
import Results
import Workflows

extension RankingReport {
    /// A report of a judged ranking.
    ///
    /// - Parameters:
    ///   - ranking: the ranking.
    ///   - scores: scores by architecture.
    ///   - supernets: the number of supernets whose ranks were averaged.
    ///   - proxies: the names of the proxies whose ranks were averaged with those of the supernets.
    ///   - judgement: the quality of all rankings.
    ///   - measure: the figure of a trained network that rankings are compared with.
    ///   - half: the half of the table that was judged by; nil for all of it.
    ///   - warnings: reservations beside those of the judgement.
    init(
        _ ranking: PathRanking, scores: [Architecture: Double], supernets: Int, proxies: [String],
        judgement: RankingJudgement, measure: RankingTrial.Measure, half: BenchmarkRow.Half?, warnings: [String]
    ) {
        let options = ranking.study.options
        self.init(
            space: options.space.name, method: options.method.name, tablePath: ranking.tablePath,
            table: ranking.table, half: half, measure: measure, score: options.search.score.rawValue, scores: scores,
            supernets: supernets, proxies: proxies, judgement: judgement, warnings: warnings, command: CommandText.own)
    }
}

extension RankingComparison {
    /// The report of a finished comparison.
    ///
    /// - Throws: `BenchmarkTableError`, `FileError`.
    func report(_ result: RankingComparisonResult, command: String) throws -> RankingComparisonReport {
        RankingComparisonReport(
            spaces: try options.spaces.map {
                .init($0.name, tablePath: $0.truth, table: try BenchmarkTable.read($0.truth))
            }, result: result, command: command)
    }
}
