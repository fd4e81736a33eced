import Architectures
import Foundation
import Results
import Testing

@Suite struct StrategyResultsTests {
    private func search() throws -> StrategySearchResult {
        try #require(
            StrategySearchResult(
                strategy: "random", seed: 7,
                evaluations: [
                    (Architecture([0]), 0, -2, 1), (Architecture([1]), 0, -3, 1), (Architecture([2]), 2, -1, 4),
                ], strategySeconds: [0.5, 0.25, 0.125]))
    }

    @Test func theCurveIsTheBestSoFarOverTheTimeOfEvaluationsAndStrategy() throws {
        let search = try search()
        #expect(search.path == Architecture([2]) && search.strategySeconds == 0.875 && search.seconds == 6.875)
        #expect(search.curve.map(\.seconds) == [1.5, 2.5, 6.875])
        #expect(search.curve.map(\.score) == [-2, -2, -1] && search.curve.map(\.evaluations) == [1, 2, 3])
        #expect(search.point(after: 1.49) == nil)
        #expect(search.point(after: 1.5)?.evaluations == 1 && search.point(after: 6.8)?.evaluations == 2)
        #expect(search.point(after: .infinity)?.score == -1)
        #expect(StrategySearchResult(strategy: "", seed: 1, evaluations: [], strategySeconds: [1]) == nil)
    }

    @Test func aResultComesBackAndOneThatCannotBeIsDamaged() throws {
        let folder = NSTemporaryDirectory() + "supernet-strategy-results-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (file, search) = (folder + "/result.json", try search())
        try ResultFile.write(search, to: file)
        #expect(try ResultFile.read(StrategySearchResult.self, file) == search)

        for change: (inout StrategySearchResult) -> Void in [
            { $0.curve = [] }, { $0.curve.swapAt(0, 2) }, { $0.curve[2].score = -5 }, { $0.curve[0].seconds = -1 },
            { $0.strategySeconds = -1 }, { $0.curve[1].evaluations = 1 },
        ] {
            var other = search
            change(&other)
            try ResultFile.write(other, to: file)
            #expect(throws: ResultError.damaged(path: file)) {
                _ = try ResultFile.read(StrategySearchResult.self, file)
            }
        }
    }

    @Test func namesInATableAreFields() throws {
        var search = try search()
        search.strategy = "my, own"
        let result = StrategyComparisonResult(
            adaptation: "runs/a", score: "accuracy", isShare: true, budget: nil, strategies: ["my, own"],
            searches: [search])
        #expect(
            result.csv == """
                strategy,seed,seconds,evaluations,best_score
                "my, own",7,1.5,1,-2.0
                "my, own",7,2.5,2,-2.0
                "my, own",7,6.875,3,-1.0

                """)
    }
}
