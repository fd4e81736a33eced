import Rankings
import Reports
import Results
import Workflows

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

extension RankingComparison.Result {
    /// The same with the names of scores as text, as files and pages have them.
    var plain: RankingComparisonResult {
        RankingComparisonResult(
            outcomes: outcomes.map {
                RankingOutcome(
                    space: $0.space, method: $0.method, seed: $0.seed, score: $0.score.rawValue, quality: $0.quality,
                    qualityByLoss: $0.qualityByLoss, shifts: $0.shifts, seconds: $0.seconds)
            }, trivial: trivial)
    }
}
