import Metrics
import Testing

@testable import Reports

struct RankingComparisonReportTests {
    private typealias Report = RankingComparisonReport

    private func report() -> Report {
        let runs = [
            Report.Run(
                "seed 1", tau: 0.6, spearman: 0.8, tauTopQuarter: 0.2, regret: 0.004, featureShift: 0.05,
                parameterShift: 0.001, seconds: 60),
            Report.Run(
                "seed 2", tau: 0.7, spearman: 0.9, tauTopQuarter: 0.4, regret: 0.006, featureShift: 0.07,
                parameterShift: 0.002, seconds: 80),
        ]
        let space = Report.Space(
            "cells <tiny> & co", detail: "Truth: <t>.",
            methods: [
                .init("Pi-NAS \"a|b\"", runs: runs), .init("<none>", runs: []), .init("one", runs: [runs[0]]),
                .init("without tau", runs: [.init("seed 1")]),
            ],
            trivial: [.init("parameters", tau: 0.4), .init("multiply-adds", tau: 0.53), .init("zen")],
            ceiling: .init("ceiling", tau: 0.86))
        return Report(
            title: "Study <&>", verdict: "Pi-NAS *ranks* best.", warnings: ["Few <runs>."],
            facts: [.init("Runs", "4")], spaces: [space, .init("Cells tiny co", methods: [])],
            command: "supernet study", configuration: "seed: 1 # <&>")
    }

    @Test func theTableHasMeansDeviationsAndTrivialRankings() {
        let rows = RankingComparisonTable(space: report().spaces[0]).rows
        #expect(rows.map(\.isContext) == [false, false, false, false, true, true, true, true])
        #expect(
            rows[0].cells == [
                "Pi-NAS \"a|b\"", "2", "0.65 ± 0.07", "0.85 ± 0.07", "0.30 ± 0.14", "0.50 ± 0.14", "0.060 ± 0.014",
                "0.0015 ± 0.0007", "1m10s",
            ])
        #expect(rows[1].cells == ["<none>", "0"] + [String](repeating: "—", count: 7))
        #expect(rows[2].cells[2] == "0.60" && rows[2].cells[1] == "1")
        #expect(rows[5].cells == ["multiply-adds", "—", "0.53"] + [String](repeating: "—", count: 6))
        #expect(rows.allSatisfy { $0.cells.count == RankingComparisonTable.heads.count })
    }

    @Test func aPageIsWellFormedAndHasASectionForEachSpace() throws {
        let content = try #require(XMLContent(page: report().html()))
        for text in [
            "Study <&>", "Pi-NAS *ranks* best.", "Few <runs>.", "cells <tiny> & co", "Truth: <t>.", "0.65 ± 0.07",
            "best trivial: multiply-adds", "noise ceiling", "Feature shift and ranking", "supernet study",
            "seed: 1 # <&>", "Pi-NAS \"a|b\", seed 2",
        ] {
            #expect(content.text.contains(text), "\(text)")
        }
        // The second space has no runs: its shifts are left out.
        #expect(content.count("section") == 2 && content.count("table") == 2 && content.count("svg") == 4)
        let none = try #require(XMLContent(page: Report(title: "", spaces: []).html()))
        for name in ["section", "footer", "svg", "table"] { #expect(none.count(name) == 0, "\(name)") }
    }

    @Test func drawingsShowEveryRunInsideTheirBounds() {
        let report = report()
        for space in report.spaces {
            let plots = RankingComparisonPlots(space: space, colours: report.colours)
            for drawing in [plots.methods] + plots.shifts { #expect(partsOutside(drawing.svg) == []) }
        }
        let plots = RankingComparisonPlots(space: report.spaces[0], colours: report.colours)
        func circles(_ drawing: RankingComparisonPlots.Drawing) -> Int {
            drawing.svg.content.count { $0.rendered().hasPrefix("<circle") }
        }
        // Two means and the dots of the method that has several runs; below, three runs and two names.
        #expect(circles(plots.methods) == 2 + 2)
        #expect(plots.shifts.map(circles) == [3 + 2, 3 + 2])
    }

    @Test func aMethodHasOneColourInAllSpaces() {
        let methods = ["a", "b", "c"].map { Report.Method($0, runs: []) }
        let report = Report(
            title: "", spaces: [.init("x", methods: methods), .init("y", methods: [.init("d", runs: []), methods[2]])])
        #expect(report.colours == ["a": 0, "b": 1, "c": 2, "d": 3])
    }

    @Test func theTextHasTheSameTablesAndLinksToEveryDrawing() throws {
        let report = report()
        let text = try report.markdown(drawingsIn: "results")
        for part in [
            "# Study &lt;&amp;&gt;", "**Pi-NAS \\*ranks\\* best.**", "## cells &lt;tiny&gt; &amp; co",
            "| Pi-NAS \"a\\|b\" | 2 | 0.65 ± 0.07 |", "| *multiply-adds* | — | 0.53 |", "```sh\nsupernet study\n```",
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
        #expect(try Report(title: "t", spaces: []).markdown() == "# t\n")
    }

    @Test func whatCannotBeShownIsReportedAtOnce() {
        var report = report()
        report.spaces[0].methods[0].runs[1].tau = .nan
        report.spaces[0].methods[2].runs[0].regret = 4
        report.spaces[0].methods[2].runs[0].featureShift = .infinity
        report.spaces[0].methods[2].runs[0].seconds = -1
        report.spaces[0].ceiling?.spearman = 2
        let space = "cells <tiny> & co"
        let error = ReportError([
            "\(space), Pi-NAS \"a|b\", seed 2: Kendall's τ is nan, beyond −1 to 1",
            "\(space), one, seed 1: the regret is 4.0, not a share of one",
            "\(space), one, seed 1: the feature shift is inf",
            "\(space), one, seed 1: it was trained for -1.0 seconds",
            "\(space), ceiling: Spearman's ρ is 2.0, beyond −1 to 1",
        ])
        #expect(throws: error) { try report.html() }
        #expect(throws: error) { try report.markdown() }
        #expect(throws: error) { try report.drawings() }
    }

    @Test func spreadsAreOfSamples() {
        #expect(SampleSpread([]) == nil)
        #expect(SampleSpread([3])?.deviation == nil)
        let spread = SampleSpread([1, 2, 3, 4])
        #expect(spread?.mean == 2.5 && abs((spread?.deviation ?? 0) - (5.0 / 3).squareRoot()) < 1e-12)
        #expect(SampleSpread([0.5, 0.5])?.text { NumberText.fixed($0) } == "0.50 ± 0.00")
    }
}
