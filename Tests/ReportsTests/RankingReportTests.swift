import Testing

@testable import Reports

struct RankingReportTests {
    private static let figures = RankingFigures(
        tau: Estimate(0.71, low: 0.604, high: 0.79), spearman: Estimate(0.88, low: 0.8, high: 0.93),
        pearson: Estimate(-0.001, low: -0.2, high: 0.2), tauTopQuarter: Estimate(0.35, low: -0.1, high: 0.6),
        precisionAtTen: Estimate(0.6, low: 0.4, high: 0.8), regret: Estimate(0.0042, low: 0, high: 0.0101),
        regretOfTen: Estimate(0, low: 0, high: 0.002))

    private func report() -> RankingReport {
        RankingReport(
            space: "cells <&>", method: "Pi-NAS \"x\"", truth: "truth.json", architectures: 1200, seeds: 3,
            facts: [.init("Resamples", "1,000")], verdict: "Better <than> trivial & beyond noise.",
            warnings: ["From <12> architectures only."],
            rows: [
                .init("supernet", kind: .supernet, figures: Self.figures),
                .init("multiply-adds <m>", kind: .cost, figures: .init(tau: Estimate(0.53, low: 0.4, high: 0.63))),
                .init("zen & co", kind: .proxy, figures: .init()),
                .init("random", kind: .random, figures: .init(tau: Estimate(0, low: -0.1, high: 0.1))),
                .init("noise ceiling", kind: .ceiling, figures: .init(tau: Estimate(0.86, low: 0.82, high: 0.89))),
            ],
            points: [
                .init("<01>", score: 0.5, truth: 0.9, seeds: 0.89...0.91), .init("\"12\"", score: 0.6, truth: 0.92),
            ], command: "supernet rank --run \"<r>\"")
    }

    @Test func aFullReportIsWellFormedAndHoldsEverything() throws {
        let html = try report().html()
        let content = try #require(XMLContent(page: html))
        for text in [
            "Ranking of cells <&>", "Pi-NAS \"x\"", "truth.json", "1,200", "Seeds of the truth", "Resamples",
            "Better <than> trivial & beyond noise.", "From <12> architectures only.", "multiply-adds <m>", "zen & co",
            "0.71 (0.60 to 0.79)", "0.00 (−0.20 to 0.20)", "0.42 (0.00 to 1.01)", "0.00 (0.00 to 0.20)",
            "regret, points", "noise ceiling", "<01>", "\"12\"", "supernet rank --run \"<r>\"",
        ] {
            #expect(content.text.contains(text), "\(text)")
        }
        #expect(content.count("svg") == 2 && content.count("table") == 1 && content.count("script") == 0)
        #expect(content.count("tr") == 1 + 5)
        // A figure without meaning is a dash: one of the supernet's, seven each of three rows, and eight of zen.
        let table = try #require(RankingTable(rows: report().rows).markup).rendered()
        #expect(table.count { $0 == "—" } == 1 + 3 * 7 + 8)
    }

    @Test func theVerdictComesBeforeAnythingElse() throws {
        let html = try report().html()
        let places = ["class=\"statement\"", "class=\"warnings\"", "class=\"facts\"", "<svg", "<table", "<footer"]
            .map { html.ranges(of: $0).first?.lowerBound }
        #expect(places.allSatisfy { $0 != nil })
        let found = places.compactMap(\.self)
        #expect(found == found.sorted())
    }

    @Test func theForestHasARowForEachAndTheCeilingAsALine() throws {
        let svg = report().forest.svg()
        let content = try #require(XMLContent(svg.document()))
        #expect(content.count("circle") == 4 && content.count("path") == 4 && content.count("rect") == 1)
        #expect(content.attributes.count { $0["class"]?.hasPrefix("limit") == true } == 1)
        #expect(partsOutside(svg) == [] && partsOutside(report().scatter.svg()) == [])
        var without = report()
        without.rows.removeLast()
        #expect(!without.forest.svg().content.map { $0.rendered() }.joined().contains("limit"))
    }

    @Test func partsWithoutDataAreLeftOut() throws {
        let empty = RankingReport(space: "s", method: "m", truth: "t", architectures: 0, seeds: 0)
        let content = try #require(XMLContent(page: empty.html()))
        for name in ["section", "footer", "svg", "table", "ul"] { #expect(content.count(name) == 0, "\(name)") }
        var one = empty
        one.rows = [.init("supernet", kind: .supernet, figures: .init())]
        let single = try #require(XMLContent(page: one.html()))
        #expect(single.count("svg") == 1 && single.count("tr") == 2)
        #expect(partsOutside(one.forest.svg()) == [])
        one.points = [.init("a", score: .nan, truth: 0.5)]
        #expect(try one.html().contains("1 value is left out"))
    }

    @Test func whatCannotBeShownIsReportedAtOnce() {
        var report = report()
        report.rows[0].figures.tau = Estimate(1.5, low: 0, high: 1)
        report.rows[1].figures.precisionAtTen = Estimate(0.5, low: -0.25, high: 1)
        report.rows[2].figures.regret = Estimate(0.1, low: 0.3, high: 0.2)
        report.points[0].truth = 91
        let problems = [
            "supernet: Kendall's τ is 1.5, beyond −1.00 to 1.00",
            "multiply-adds <m>: precision at 10 is -0.25, beyond 0 to 1.00",
            "zen & co: regret has an interval from 0.3 down to 0.2",
            "architecture <01>: its truth is 91.0, not a share of one",
        ]
        #expect(throws: ReportError(problems)) { try report.html() }
    }
}
