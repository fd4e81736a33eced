import Architectures
import Datasets
import Experiments
import Results
import Testing

@testable import Reports

struct SearchReportTests {
    private static let settings = SearchReport.Settings(
        space: "A <space> & more", method: "fair<nas>", source: "images", trainingImages: 54_000, evaluations: 30,
        score: "accuracy", strategy: "evolution", budget: 60_000_000)

    private func report() -> SearchReport {
        var report = SearchReport(Self.settings, metrics: [.accuracy])
        report.supernet = SupernetResult(
            parameters: 5_000_000, architectures: 729, steps: 100, seconds: 3600, validation: [:])
        report.supernetLog = [1, 2].map {
            MetricsRow(
                step: $0, values: ["train/loss": 1, "validation/loss": 2, "feature-shift": 1, "parameter-shift": 2])
        }
        report.search = SearchResult(
            architecture: Architecture([2, 9]), candidates: [], score: 0.79, metrics: [:],
            cost: Cost(parameters: 1_000_029, multiplyAdds: 49_999_971), latency: 1.234, latencyError: nil,
            statistics: "recalibrate", evaluations: 30, seconds: 60, tauParameters: 0.31, tauMultiplyAdds: -0.8,
            validation: Score(0.79, standardError: nil, metrics: ["accuracy": 0.79]))
        report.entries = (0..<30).map { index in
            SearchHistoryTests.entry(
                "\(index / 10) \(index % 10)", 0.5 + Double(index) / 100, parameters: 1_000_000 + index,
                multiplyAdds: 50_000_000 - index, round: index < 10 ? 0 : 1)
        }
        report.architecture = ArchitectureDiagramTests.diagram([2, 2, 2])
        report.network = SampleResults.network
        (report.command, report.configuration) = ("supernet search --set a=\"<b>\"", "search:\n  rounds: 2 # <&>\n")
        return report
    }

    private static let headings = [
        "Architecture", "Search", "Best architectures", "Supernet training", "Shift", "Fine-tuning", "Confusions",
        "Predictions", "Most confident mistakes", "Time",
    ]

    @Test func aFullReportIsWellFormedAndHoldsEverything() throws {
        let html = try report().html()
        let content = try #require(XMLContent(page: html))
        for text in [
            "A <space> & more on images", "fair<nas>, 54,000 training images, 30 paths ranked by accuracy",
            "91.2\u{202F}%", "9,119 of 10,000", "1,000,029", "49,999,971", "architectures", "729", "evaluated",
            "1.23 ms",
            "inherited, validation", "79.00 %", "90.00 %", "One of 729 paths through the supernet", "layer2.1",
            "budget 60\u{202F}M", "chosen, 79.0\u{202F}%", "Pareto front", "random", "evolution",
            "Training-free baselines", "0.31\u{2003}moderate", "−0.80\u{2003}very strong, reversed", "Feature shift",
            "Parameter shift", "Loss", "Accuracy", "1h00m", "1h01m in all.", "supernet search --set a=\"<b>\"",
            "rounds: 2 # <&>",
        ] + SampleResults.names + Self.headings {
            #expect(content.text.contains(text), "\(text)")
        }
        #expect(content.count("h2") == Self.headings.count && content.count("section") == Self.headings.count)
        #expect(content.count("img") == 5 + 3 && content.count("script") == 1)
        for forbidden in ["http:", "https:", "url(", "<script "] { #expect(!html.contains(forbidden), "\(forbidden)") }
    }

    @Test func everyOfAThousandPathsTellsWhichItIsOnASmallPage() throws {
        var report = report()
        let first = try #require(report.entries.first)
        report.entries = (0..<1000).map { index in
            var entry = first
            entry.architecture = "\(index / 81 % 9) \(index / 9 % 9) \(index % 9) \(index)"
            entry.score = 0.5 + Double(index) / 10_000
            entry.costs["multiplyAdds"] = Double(40_000_000 + 1000 * index)
            return entry
        }
        let html = try report.html()
        #expect(html.utf8.count < 2_000_000, "\(html.utf8.count)")
        for entry in report.entries { #expect(html.contains("<title>\(entry.architecture): ")) }
    }

    @Test func partsWithoutDataAreLeftOut() throws {
        let empty = try #require(XMLContent(page: SearchReport(Self.settings, metrics: []).html()))
        for name in ["section", "footer", "svg", "table"] { #expect(empty.count(name) == 0, "\(name)") }
        let removals: [([String], (inout SearchReport) -> Void)] = [
            (["Architecture"], { $0.architecture = nil }), (["Search"], { $0.entries = [] }),
            (["Search", "Best architectures"], { ($0.entries, $0.search) = ([], nil) }),
            (["Supernet training", "Shift"], { $0.supernetLog = [] }),
            (["Fine-tuning"], { $0.network?.log = [] }),
            (["Confusions", "Predictions", "Most confident mistakes"], { $0.network?.examples = [] }),
            (["Predictions", "Most confident mistakes"], { $0.network?.images = nil }),
            (
                ["Time"],
                {
                    $0.supernet = nil
                    $0.search?.seconds = 0
                    $0.network?.result.seconds = 0
                }
            ),
        ]
        for (headings, remove) in removals {
            var report = report()
            remove(&report)
            let html = try report.html()
            for other in Self.headings {
                #expect(html.contains("<h2>\(other)</h2>") != headings.contains(other), "\(other) without \(headings)")
            }
        }
        var anew = report()
        anew.isFromScratch = true
        let html = try anew.html()
        #expect(html.contains("<h2>Training from scratch</h2>") && !html.contains("<h2>Fine-tuning</h2>"))
    }

    @Test func scoresAreNamedByWhatPathsAreRankedBy() {
        var report = report()
        #expect(report.history.scoreName == "Validation accuracy" && report.history.scoreFormat == .percent)
        report.settings.score = "contrastive"
        #expect(report.history.scoreName == "Contrastive score" && report.history.scoreFormat == .number)
        report.settings.score = "accuracy"
        report.metrics = [Metric("MAE", unit: .quantity("years"), isHigherBetter: false)]
        #expect(report.history.scoreName == "Validation score" && report.history.scoreFormat == .number)
    }

    @Test func theTableHasTheTenBestAndMarksTheChosenOne() {
        var history = report().history
        func rows() -> [String] {
            let html = BestArchitectures(history: history, correlations: []).markup?.rendered() ?? ""
            return html.components(between: "<tr", and: "</tr>").filter { $0.contains("<td") }
        }
        let best = rows()
        #expect(best.count == 10 && best[0].contains("class=\"chosen\""))
        #expect(best.dropFirst().allSatisfy { !$0.contains("chosen") })
        for (rank, row) in best.enumerated() { #expect(row.contains(">2 \(9 - rank)<")) }
        history.chosen = "0 3"
        let further = rows()
        #expect(further.count == 11)
        #expect(further[10].contains("class=\"chosen\"") && further[10].contains(">27<"))
        history.chosen = nil
        #expect(rows().allSatisfy { !$0.contains("chosen") })
    }

    @Test func whatDoesNotFitTogetherIsReportedAtOnce() {
        var report = report()
        report.network?.result.test?.metrics["accuracy"] = -1
        report.architecture?.stages[1].blocks[0].chosen = nil
        report.entries[2].costs["parameters"] = -5
        report.settings.budget = 0
        report.search?.tauParameters = .nan
        report.network?.examples = [SampleResults.classes([0], [3], [1])]
        report.search?.seconds = -1
        let problems = [
            "the score is -10000 right of 10000", "block layer0.0: none of its 3 candidates is chosen",
            "architecture 0 2: it has -5 parameters", "the budget is 0 multiply-adds",
            "Kendall's tau with Parameters is nan, beyond -1 to 1",
            "the examples do not have one value for each image", "Search took -1.0 seconds",
        ]
        #expect(throws: ReportError(problems)) { try report.html() }
    }

    @Test func phasesAreToldInWords() throws {
        let report = report()
        let supernet = StudyText.rows(try #require(report.supernet))
        #expect(supernet.map(\.1) == ["729", "5,000,000", "1h00m, 100 steps"])
        let search = StudyText.rows(try #require(report.search), metrics: [.accuracy])
        #expect(search.contains { $0 == ("validation", "79.00 % with inherited weights") })
        #expect(search.contains { $0 == ("tau of score", "with parameters 0.31, with multiply-adds -0.80") })
        #expect(StudyText.row(.init(steps: 1, seconds: 1, validation: ["accuracy": 0.5])).1 == "50.00 %")
        #expect(StudyText.architectures(1e20) == "1.0e+20" && StudyText.architectures(1234) == "1,234")
    }
}

extension String {
    /// The parts from each `start` to the next `end`.
    fileprivate func components(between start: String, and end: String) -> [String] {
        split(separator: start, omittingEmptySubsequences: false).dropFirst().compactMap { part in
            part.split(separator: end, maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init)
        }
    }
}
