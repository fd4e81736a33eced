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
