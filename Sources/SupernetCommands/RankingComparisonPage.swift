import Rankings
import Reports
import Workflows

/// The result of a study of methods as a page, and as text with drawings for documentation.
struct RankingComparisonPage {
    let study: RankingComparison
    let result: RankingComparison.Result
    let command: String

    /// - Returns: Paths of what was written.
    func write() throws -> [String] {
        let report = try report()
        return try StudyFiles.write(
            in: study.path, page: { try report.write(to: $0) }, markdown: { try report.markdown(drawingsIn: $0) },
            drawings: report.drawings())
    }

    private func report() throws -> RankingComparisonReport {
        RankingComparisonReport(
            title: "Which supernet ranks best", spaces: try study.options.spaces.map(space), command: command)
    }

    private func space(_ space: RankingComparisonConfiguration.Space) throws -> RankingComparisonReport.Space {
        let table = try BenchmarkTable.read(space.truth)
        let reported = table.half(.report)
        let outcomes = result.outcomes.filter { $0.space == space.name }
        let severalScores = Set(outcomes.map(\.score)).count > 1
        let methods = StudyTable.groups(outcomes).map { group in
            // Shifts are a supernet's, whatever its paths are scored by: they stand with the last score alone.
            let isLast = outcomes.last { $0.method == group[0].method }?.score == group[0].score
            return RankingComparisonReport.Method(
                group[0].method + (severalScores ? ", by \(group[0].score)" : ""),
                runs: group.map { Self.run($0, withShifts: isLast) })
        }
        let judged = result.trivial[space.name]?["report"]?.predictors ?? []
        return RankingComparisonReport.Space(
            space.name,
            detail:
                "\(space.truth): \(table.entries.count) architectures, \(table.rows.count) trainings; figures are of the "
                + "\(reported.entries.count) architectures of the half that no choice was made by",
            methods: methods,
            trivial: judged.filter { $0.kind != .ceiling && $0.quality.tau != nil }.map {
                Self.run($0.name, $0.quality)
            },
            ceiling: judged.first { $0.kind == .ceiling }.map { Self.run($0.name, $0.quality) })
    }

    private static func run(_ outcome: RankingComparison.Outcome, withShifts: Bool) -> RankingComparisonReport.Run {
        var run =
            outcome.quality["report"].map { Self.run("seed \(outcome.seed)", $0) } ?? .init("seed \(outcome.seed)")
        if withShifts {
            run.featureShift = outcome.shifts["feature-shift"]
            run.parameterShift = outcome.shifts["parameter-shift"]
        }
        run.seconds = outcome.seconds
        return run
    }

    private static func run(_ name: String, _ quality: RankingQuality) -> RankingComparisonReport.Run {
        .init(
            name, tau: quality.tau?.value, spearman: quality.spearman?.value,
            tauTopQuarter: quality.tauTopQuarter?.value, regret: quality.regret?.value)
    }
}
