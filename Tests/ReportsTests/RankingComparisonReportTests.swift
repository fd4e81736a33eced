import Architectures
import Metrics
import Results
import Support
import TestFolders
import Testing

@testable import Rankings
@testable import Reports

struct RankingComparisonReportTests {
    private typealias Report = RankingComparisonReport

    private func quality(_ figures: [Figure: Double]) -> RankingQuality {
        RankingQuality { figures[$0].map { Interval(value: $0, low: $0, high: $0) } }
    }

    private func run(
        _ method: String, seed: UInt64 = 1, score: String = "accuracy", _ figures: [Figure: Double]?,
        shifts: [String: Double] = [:], seconds: Double = 60, space: String = "cells <tiny> & co"
    ) -> RankingOutcome {
        RankingOutcome(
            space: space, method: method, seed: seed, score: score,
            quality: figures.map { ["report": quality($0)] } ?? [:], qualityByLoss: [:], shifts: shifts,
            seconds: seconds)
    }

    private func judgement(_ rankers: [(String, Ranker.Kind, Double?)]) -> RankingJudgement {
        RankingJudgement(
            architectures: 12, seeds: 2,
            rankers: rankers.map { name, kind, tau in
                JudgedRanker(name: name, kind: kind, quality: quality(tau.map { [.tau: $0] } ?? [:]))
            }, bestBaseline: "", margin: nil, isBeyondNoise: false, verdict: "", warnings: [])
    }

    private func row(_ choice: Int, _ half: BenchmarkRow.Half) -> BenchmarkRow {
        BenchmarkRow(
            architecture: Architecture([choice]), seed: 1, accuracy: 0.5, loss: 1, parameters: 1, multiplyAdds: 1,
            seconds: 1, half: half)
    }

    private func report() -> Report {
        let outcomes = [
            run(
                "Pi-NAS \"a|b\"", [.tau: 0.6, .spearman: 0.8, .tauTopQuarter: 0.2, .regret: 0.004],
                shifts: ["feature-shift": 0.05, "parameter-shift": 0.001]),
            run(
                "Pi-NAS \"a|b\"", seed: 2, [.tau: 0.7, .spearman: 0.9, .tauTopQuarter: 0.4, .regret: 0.006],
                shifts: ["feature-shift": 0.07, "parameter-shift": 0.002], seconds: 80),
            run("one", [.tau: 0.6], shifts: ["feature-shift": 0.05, "parameter-shift": 0.001]), run("<collapsed>", nil),
        ]
        let baselines = judgement([
            ("parameters", .cost, 0.4), ("multiply-adds", .cost, 0.53), ("zen", .proxy, nil),
            ("ceiling", .ceiling, 0.86),
        ])
        let table = BenchmarkTable([row(0, .choose), row(1, .report), row(2, .report)])
        return Report(
            spaces: [
                .init("cells <tiny> & co", tablePath: "<t>.csv", table: table),
                .init("Cells tiny co", tablePath: "", table: BenchmarkTable([])),
            ], result: .init(outcomes: outcomes, trivial: ["cells <tiny> & co": ["report": baselines]]),
            command: "supernet study")
    }

    @Test func theTableHasMeansDeviationsAndBaselines() throws {
        let section = try report().sections()[0]
        let rows = section.methodRows
        #expect(
            rows[0] == [
                "Pi-NAS \"a|b\"", "2", "0.65 ± 0.07", "0.85 ± 0.07", "0.30 ± 0.14", "0.50 ± 0.14", "0.060 ± 0.014",
                "0.0015 ± 0.0007", "1m10s",
            ])
        #expect(rows[1][2] == "0.60" && rows[1][1] == "1")
        #expect(rows[2] == ["<collapsed>", "1"] + [String](repeating: "—", count: 6) + ["1m00s"])
        #expect(section.contextRows.map { $0[0] } == ["parameters", "multiply-adds", "ceiling"])
        #expect(section.contextRows[1] == ["multiply-adds", "—", "0.53"] + [String](repeating: "—", count: 6))
        #expect((rows + section.contextRows).allSatisfy { $0.count == RankingComparisonSection.heads.count })
        #expect(section.detail.contains("<t>.csv: 3 architectures, 3 trainings; figures are of the 2 architectures"))
    }

    @Test func methodsAreNamedByTheirScoresWhereThereAreSeveral() throws {
        let shifts = ["feature-shift": 0.05]
        let space = "cells <tiny> & co"
        var report = report()
        report.result.outcomes = [
            run("a", [.tau: 0.5], shifts: shifts), run("b", score: "linear", [.tau: 0.6], shifts: shifts),
            run("b", score: "contrastive", [.tau: 0.7], shifts: shifts),
        ]
        let section = try report.sections()[0]
        #expect(section.methods.map(\.name) == ["a, by accuracy", "b, by linear", "b, by contrastive"])
        // Shifts are a supernet's: of several scores the last shows them.
        #expect(section.methodRows.map { $0[6] } == ["0.050", "—", "0.050"])
        let lines = RankingText.lines(.init(outcomes: report.result.outcomes, trivial: [space: [:]]))
        #expect(lines.count == 3 + 3 && lines[1] == space && lines[4].contains("linear"))
    }

    @Test func aPageIsWellFormedAndHasASectionForEachSpace() throws {
        let content = try #require(XMLContent(page: report().html()))
        for text in [
            "Which supernet ranks best", "cells <tiny> & co", "<t>.csv", "0.65 ± 0.07", "best baseline: multiply-adds",
            "noise ceiling", "Feature shift and ranking", "supernet study", "Pi-NAS \"a|b\", seed 2",
        ] {
            #expect(content.text.contains(text), "\(text)")
        }
        // The second space has no runs: its shifts are left out.
        #expect(content.count("section") == 2 && content.count("table") == 2 && content.count("svg") == 4)
        let none = Report(spaces: [], result: .init(outcomes: [], trivial: [:]))
        let empty = try #require(XMLContent(page: none.html()))
        for name in ["section", "footer", "svg", "table"] { #expect(empty.count(name) == 0, "\(name)") }
        #expect(try none.markdown() == "# Which supernet ranks best\n")
    }

    @Test func drawingsShowEveryRunInsideTheirBounds() throws {
        let sections = try report().sections()
        for section in sections {
            for drawing in [section.tau] + section.shifts { #expect(partsOutside(drawing.svg) == []) }
        }
        func circles(_ drawing: RankingComparisonSection.Drawing) -> Int {
            drawing.svg.content.count { $0.rendered().hasPrefix("<circle") }
        }
        // Two means and the dots of the method that has several runs; below, three runs and two names.
        #expect(circles(sections[0].tau) == 2 + 2)
        #expect(sections[0].shifts.map(circles) == [3 + 2, 3 + 2])
    }

    @Test func aMethodHasOneColourInAllSpaces() throws {
        let outcomes = [("x", "a"), ("x", "b"), ("x", "c"), ("y", "d"), ("y", "c")].map { run($1, nil, space: $0) }
        let report = Report(
            spaces: ["x", "y"].map { .init($0, tablePath: "", table: BenchmarkTable([])) },
            result: .init(outcomes: outcomes, trivial: [:]))
        #expect(try report.sections()[1].colours == ["a": 0, "b": 1, "c": 2, "d": 3])
    }

    @Test func theTextHasTheSameTablesAndLinksToEveryDrawing() throws {
        let report = report()
        let text = try report.markdown(drawingsIn: "results")
        for part in [
            "# Which supernet ranks best", "## cells &lt;tiny&gt; &amp; co", "| Pi-NAS \"a\\|b\" | 2 | 0.65 ± 0.07 |",
            "| *multiply-adds* | — | 0.53 |", "```sh\nsupernet study\n```",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        let drawings = try report.drawings()
        #expect(
            drawings.map(\.name) == [
                "cells-tiny-co-tau.svg", "cells-tiny-co-feature-shift.svg", "cells-tiny-co-parameter-shift.svg",
                "cells-tiny-co-2-tau.svg",
            ])
        for (name, svg) in drawings {
            #expect(text.contains("](results/\(name))"), "\(name)")
            let content = try #require(XMLContent(svg))
            // Its style and a page of its own, so that it is legible on white and on black.
            #expect(content.count("style") == 1 && svg.contains("prefers-color-scheme: dark"))
            let page = try #require(content.elements.firstIndex(of: "rect"))
            #expect(content.attributes[page]["class"] == "page")
            #expect(content.attributes[page]["width"] == content.attributes[0]["width"])
        }
        #expect(try report.markdown().contains("](cells-tiny-co-tau.svg)"))
    }

    @Test func pageTextAndDrawingsAreWrittenTogether() throws {
        let folder = try TemporaryFolder()
        let paths = try report().write(in: folder.path)
        #expect(paths == ["report.html", "results.md", "results"].map { folder.path + "/" + $0 })
        #expect(try FilePath.list(folder.path + "/results").count == 4)
        #expect(try String(contentsOfFile: paths[1], encoding: .utf8).contains("](results/cells-tiny-co-tau.svg)"))
    }

    @Test func whatCannotBeShownIsReportedAtOnce() {
        var report = report()
        report.result.outcomes[1].quality["report"] = quality([.tau: .nan])
        report.result.outcomes[2].quality["report"] = quality([.regret: 4])
        report.result.outcomes[2].shifts["feature-shift"] = .infinity
        report.result.outcomes[2].seconds = -1
        report.result.trivial["cells <tiny> & co"]?["report"]?.rankers[3].quality = quality([.spearman: 2])
        let space = "cells <tiny> & co"
        let error = ReportError([
            "\(space), Pi-NAS \"a|b\", seed 2: Kendall's τ is nan, beyond −1.00 to 1.00",
            "\(space), one, seed 1: regret is 4.0, beyond −1.00 to 1.00",
            "\(space), one, seed 1: the feature-shift is inf", "\(space), one, seed 1: it was trained for -1.0 seconds",
            "\(space), ceiling: Spearman's ρ is 2.0, beyond −1.00 to 1.00",
        ])
        #expect(throws: error) { try report.html() }
        #expect(throws: error) { try report.markdown() }
        #expect(throws: error) { try report.drawings() }
    }

    @Test func spreadsAreTextWithTheirDeviation() {
        #expect(SampleSpread([0.5, 0.5])?.text { NumberText.fixed($0) } == "0.50 ± 0.00")
        #expect(SampleSpread([0.5])?.text { NumberText.fixed($0) } == "0.50")
    }
}
