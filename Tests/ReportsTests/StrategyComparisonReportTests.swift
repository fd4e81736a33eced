import Architectures
import Results
import Testing

@testable import Reports

struct StrategyComparisonReportTests {
    /// A search whose best score grows from `first` by `step` with each path.
    private func search(
        _ strategy: String, _ seed: UInt64, first: Double, step: Double, count: Int = 20, seconds: Double = 1
    ) throws -> StrategySearchResult {
        try #require(
            StrategySearchResult(
                strategy: strategy, seed: seed,
                evaluations: (0..<count).map {
                    (Architecture([$0]), $0 / 4, first + step * Double($0), seconds)
                }, strategySeconds: [0.5]))
    }

    private func result(
        _ strategies: [String] = ["random", "evolution", "nsga2"], seeds: Int = 5, isShare: Bool = false
    ) throws -> StrategyComparisonResult {
        StrategyComparisonResult(
            adaptation: "runs/<emoji> & co", score: isShare ? "accuracy" : "negative cross-entropy", isShare: isShare,
            budget: "35% of the most multiply-adds", strategies: strategies,
            searches: try strategies.enumerated().flatMap { place, strategy in
                try (1...seeds).map { seed in
                    try search(
                        strategy, UInt64(seed), first: 0.2 + 0.01 * Double(seed),
                        step: 0.001 + 0.01 * Double(place) + 0.0001 * Double(seed * place % 3),
                        seconds: 1 + 0.1 * Double(place))
                }
            })
    }

    @Test func thePageHasALineAndABandForEachStrategy() throws {
        let report = StrategyComparisonReport(try result(), command: "supernet compare x.yaml")
        let html = try report.html()
        let page = try #require(XMLContent(page: html))
        let styles = page.attributes.compactMap { $0["class"] }
        #expect(styles.filter { $0.hasPrefix("curve ") }.count == 3)
        #expect(
            Set(styles.filter { $0.hasPrefix("band ") }) == ["band tone-quiet", "band tone-accent", "band tone-alert"])
        for text in [
            "random", "evolution", "nsga2", "seconds of search", "higher is better", "runs/<emoji> & co",
            "paths within 35% of the most multiply-adds", "supernet compare x.yaml", "Against random search",
        ] {
            #expect(page.text.contains(text), "\(text)")
        }
        let drawing = try #require(report.drawings().first)
        let picture = try #require(XMLContent(drawing.svg))
        #expect(drawing.name == "strategies.svg" && picture.count("path") == 6)
        #expect(try report.markdown(drawingsIn: "results").contains("results/strategies.svg"))
    }

    @Test func figuresAreOfTheTimeOfTheShortestSearch() throws {
        let summary = StrategySummary(result: try result())
        #expect(summary.shortest == 20.5)
        // After 2.05 s random has seen one path of each seed, 0.21 to 0.25.
        #expect(summary.scores("random", after: 2.05).map { ($0 * 100).rounded() } == [21, 22, 23, 24, 25])
        #expect(summary.scores("random", after: 1).isEmpty)
        #expect(summary.heads.count == summary.rows[0].count && summary.rows.count == 3)
        #expect(summary.rows[0][0..<3] == ["random", "5", "0.230 ± 0.016"])
        #expect(summary.rows[0][7] == "20 ± 0" && summary.rows[2][7] == "16 ± 0")
        let shares = StrategySummary(result: try result(isShare: true))
        #expect(shares.rows[0][2].hasPrefix("23.00 ± 1.58"))
    }

    @Test func differencesToRandomSearchAreCorrectedForTheirNumber() throws {
        let summary = StrategySummary(result: try result())
        let rows = summary.comparisonRows
        #expect(
            rows.map { $0.cells[0] } == [String](repeating: "evolution", count: 4)
                + [String](repeating: "nsga2", count: 4))
        #expect(rows[3].verdict == .better && rows[7].verdict == .better)
        #expect(rows[3].cells[2].hasPrefix("+0.1"))
        // After a tenth of the time all have seen the same.
        #expect(rows[0].verdict == .untested && rows[0].cells[3] == "–")
        #expect(StrategySummary(result: try result(["evolution", "nsga2"])).comparisonRows.isEmpty)
        let few = StrategySummary(result: try result(seeds: 2)).comparisonRows
        #expect(few.allSatisfy { $0.verdict == .tooFewSeeds })
        let lines = StrategyComparisonReport(try result()).lines()
        #expect(lines.count == 4 + 1 + 9 && lines[0].hasPrefix("strategy") && lines[5].hasPrefix("strategy"))
        // With one seed there is a line without a band.
        #expect(
            StrategySummary(result: try result(seeds: 1)).series.allSatisfy { $0.band.isEmpty && !$0.points.isEmpty })
    }

    @Test func oneEvaluationIsADotAndWhatIsNoShareIsTold() throws {
        var small = try result(["random"], seeds: 1)
        small.searches = [try search("random", 1, first: 0.5, step: 0, count: 1)]
        let report = StrategyComparisonReport(small)
        #expect(try #require(XMLContent(page: report.html())).count("circle") == 1)
        small.isShare = true
        small.searches[0].curve[0].score = 1.5
        #expect(throws: ReportError.self) { _ = try StrategyComparisonReport(small).html() }
    }
}
