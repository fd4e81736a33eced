import Architectures
import Metrics
import Testing

@testable import Rankings
@testable import Reports

struct RankingReportTests {
    private func ranker(_ name: String, _ kind: Ranker.Kind, _ figures: [Figure: Interval] = [:]) -> JudgedRanker {
        JudgedRanker(name: name, kind: kind, quality: RankingQuality { figures[$0] })
    }

    private static let figures: [Figure: Interval] = [
        .tau: Interval(value: 0.71, low: 0.604, high: 0.79), .spearman: Interval(value: 0.88, low: 0.8, high: 0.93),
        .pearson: Interval(value: -0.001, low: -0.2, high: 0.2),
        .tauTopQuarter: Interval(value: 0.35, low: -0.1, high: 0.6),
        .precisionAtTen: Interval(value: 0.6, low: 0.4, high: 0.8),
        .regret: Interval(value: 0.0042, low: 0, high: 0.0101), .regretOfTen: Interval(value: 0, low: 0, high: 0.002),
    ]

    private func judgement(_ rankers: [JudgedRanker], verdict: String = "", warnings: [String] = []) -> RankingJudgement
    {
        RankingJudgement(
            architectures: 1200, seeds: 3, rankers: rankers, bestBaseline: "", margin: nil, isBeyondNoise: false,
            verdict: verdict, warnings: warnings)
    }

    private func row(_ choice: Int, seed: Int, _ accuracy: Double, _ half: BenchmarkRow.Half) -> BenchmarkRow {
        BenchmarkRow(
            architecture: Architecture([choice]), seed: seed, accuracy: accuracy, loss: 1, parameters: 1,
            multiplyAdds: 1, seconds: 1, half: half)
    }

    private func report() -> RankingReport {
        let rankers = [
            ranker("supernet", .supernet, Self.figures),
            ranker("multiply-adds <m>", .cost, [.tau: Interval(value: 0.53, low: 0.4, high: 0.63)]),
            ranker("zen & co", .proxy), ranker("random", .random, [.tau: Interval(value: 0, low: -0.1, high: 0.1)]),
            ranker("noise ceiling", .ceiling, [.tau: Interval(value: 0.86, low: 0.82, high: 0.89)]),
        ]
        let table = BenchmarkTable([
            row(0, seed: 1, 0.89, .choose), row(0, seed: 2, 0.91, .choose), row(1, seed: 1, 0.92, .report),
        ])
        return RankingReport(
            space: "cells <&>", method: "Pi-NAS \"x\"", tablePath: "<table>.csv", table: table, score: "accuracy",
            scores: [Architecture([0]): 0.5, Architecture([1]): 0.6],
            judgement: judgement(
                rankers, verdict: "Better <than> trivial & beyond noise.", warnings: ["From <12> architectures only."]),
            warnings: ["Other <images>."], command: "supernet rank --run \"<r>\"")
    }

    @Test func aFullReportIsWellFormedAndHoldsEverything() throws {
        let html = try report().html()
        let content = try #require(XMLContent(page: html))
        for text in [
            "Ranking of cells <&>", "Pi-NAS \"x\"", "<table>.csv", "1,200", "Seeds per architecture",
            "ground-truth accuracy",
            "Better <than> trivial & beyond noise.", "From <12> architectures only.", "Other <images>.",
            "multiply-adds <m>", "zen & co", "0.71 (0.60 to 0.79)", "0.00 (−0.20 to 0.20)", "0.42 (0.00 to 1.01)",
            "0.00 (0.00 to 0.20)", "regret, points", "noise ceiling", "0: 90.0\u{202F}%", "supernet rank --run \"<r>\"",
        ] {
            #expect(content.text.contains(text), "\(text)")
        }
        #expect(content.count("svg") == 2 && content.count("table") == 1 && content.count("script") == 1)
        #expect(content.count("tr") == 1 + 5)
        // A figure without meaning is a dash: two of the supernet's, eight each of three rows, and nine of zen.
        #expect(try #require(report().figures).rendered().count { $0 == "—" } == 2 + 3 * 8 + 9)
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
        without.judgement.rankers.removeLast()
        #expect(!without.forest.svg().content.map { $0.rendered() }.joined().contains("limit"))
    }

    @Test func pointsAreOfTheHalfThatWasJudgedBy() throws {
        var report = report()
        #expect(report.scatter.groups[0].points.map(\.place) == [PlotPoint(0.5, 0.9), PlotPoint(0.6, 0.92)])
        #expect(
            report.scatter.groups[0].points[0].whisker == 0.89...0.91 && report.scatter.horizontal.format == .percent)
        (report.half, report.supernets, report.proxies) = (.report, 3, ["zen <z>"])
        #expect(report.scatter.groups[0].points.map(\.place) == [PlotPoint(0.6, 0.92)])
        #expect(report.scatter.horizontal.format == .number)
        let text = try #require(XMLContent(page: report.html())).text
        for part in ["3 supernets", "zen <z>", "Half of the table", "held-out"] {
            #expect(text.contains(part), "\(part)")
        }
    }

    @Test func partsWithoutDataAreLeftOut() throws {
        var report = RankingReport(
            space: "s", method: "m", tablePath: "t", table: BenchmarkTable([]), score: "accuracy", scores: [:],
            judgement: judgement([]))
        let content = try #require(XMLContent(page: report.html()))
        for name in ["section", "footer", "svg", "table", "ul"] { #expect(content.count(name) == 0, "\(name)") }
        report.judgement.rankers = [ranker("supernet", .supernet)]
        let single = try #require(XMLContent(page: report.html()))
        #expect(single.count("svg") == 1 && single.count("tr") == 2)
        #expect(partsOutside(report.forest.svg()) == [])
        report.table = BenchmarkTable([row(0, seed: 1, 0.5, .choose)])
        report.scores = [Architecture([0]): .nan]
        #expect(try report.html().contains("1 value is left out"))
    }

    @Test func whatCannotBeShownIsReportedAtOnce() throws {
        var report = report()
        report.judgement.rankers[0].quality.tau = Interval(value: 1.5, low: 0, high: 1)
        report.judgement.rankers[1].quality.precisionAtTen = Interval(value: 0.5, low: -0.25, high: 1)
        report.judgement.rankers[2].quality.regret = Interval(value: 0.1, low: 0.3, high: 0.2)
        let problems = [
            "supernet: Kendall's τ is 1.5, beyond −1.00 to 1.00",
            "multiply-adds <m>: precision at 10 is -0.25, beyond 0 to 1.00",
            "zen & co: regret has an interval from 0.3 down to 0.2",
        ]
        #expect(throws: ReportError(problems)) { try report.html() }
        // A regret in nats has no place on the page.
        report.measure = .loss
        #expect(throws: ReportError(Array(problems[..<2]))) { try report.html() }
    }
}
