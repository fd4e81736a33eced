import Datasets
import Experiments
import Testing

@testable import Reports

struct SearchReportTests {
    private static let names = ["T-shirt <&>", "it's \"that\""]

    private func example(_ truth: Int, _ prediction: Int) -> TrainingReport.Example {
        let image = Image(width: 4, height: 4, channels: 1, pixels: [UInt8](repeating: 9, count: 16))
        return .init(image: image, truth: truth, prediction: prediction, probability: 0.75)
    }

    private func curves(_ names: String...) -> TrainingCurves {
        TrainingCurves(names.map { .init($0, [PlotPoint(1, 0.5), PlotPoint(2, 0.25)]) })
    }

    private func report() -> SearchReport {
        let evaluations = (0..<30).map { index in
            SearchHistory.Evaluation(
                code: "<\(index)>", score: 0.5 + Double(index) / 100, parameters: 1_000_000 + index,
                multiplyAdds: 50_000_000 - index)
        }
        var report = SearchReport(title: "A <search> & more", subtitle: "sub \"title\"")
        report.score = .init("Test accuracy", correct: 9119, count: 10_000)
        report.facts = [.init("Seed <&>", "7")]
        report.architecture = ArchitectureDiagramTests.diagram([2, 2, 2])
        report.history = SearchHistory(
            evaluations, chosen: 29, budget: 60_000_000,
            phases: [.init("random <r>", count: 10), .init("round 1", count: 20)])
        report.correlations = [.init("Parameters <p>", tau: 0.31), .init("Multiply-adds", tau: -0.8)]
        report.supernet = curves("train/loss", "validation/loss")
        report.shifts = curves("feature-shift", "parameter-shift")
        report.fineTuning = curves("validation/accuracy")
        (report.confusion, report.classNames) = ([[5, 1], [0, 7]], Self.names)
        (report.examples, report.mistakes) = ([example(0, 0), example(1, 0)], [example(0, 1), example(1, 1)])
        report.timings = [
            .init("Supernet <t>", seconds: 3600), .init("Search", seconds: 60), .init("Test", seconds: 0),
        ]
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
            "A <search> & more", "sub \"title\"", "91.2\u{202F}%", "9,119 of 10,000", "Seed <&>",
            "One of 729 paths through the supernet", "layer2.1", "budget 60\u{202F}M", "chosen, 79.0\u{202F}%",
            "Pareto front", "random <r>", "round 1", "Training-free baselines", "Parameters <p>",
            "0.31\u{2003}moderate",
            "−0.80\u{2003}very strong, reversed", "Feature shift", "Parameter shift", "Loss", "Accuracy",
            "Supernet <t>", "1h00m", "1h01m in all.", "supernet search --set a=\"<b>\"", "rounds: 2 # <&>",
        ] + Self.names + Self.headings {
            #expect(content.text.contains(text), "\(text)")
        }
        #expect(content.count("h2") == Self.headings.count)
        #expect(content.count("section") == Self.headings.count)
        #expect(content.count("img") == 3 && content.count("script") == 0)
        for forbidden in ["http:", "https:", "url(", "<script"] { #expect(!html.contains(forbidden), "\(forbidden)") }
    }

    @Test func partsWithoutDataAreLeftOut() throws {
        let empty = try #require(XMLContent(page: SearchReport(title: "").html()))
        for name in ["section", "footer", "svg", "table"] { #expect(empty.count(name) == 0, "\(name)") }

        let removals: [(String, (inout SearchReport) -> Void)] = [
            ("Architecture", { $0.architecture = nil }), ("Search", { $0.history = SearchHistory() }),
            ("Best architectures", { ($0.history, $0.correlations) = (SearchHistory(), []) }),
            ("Supernet training", { $0.supernet = TrainingCurves([]) }),
            ("Shift", { $0.shifts = TrainingCurves([]) }), ("Fine-tuning", { $0.fineTuning = TrainingCurves([]) }),
            ("Confusions", { $0.confusion = [] }), ("Predictions", { $0.examples = [] }),
            ("Most confident mistakes", { $0.mistakes = [] }), ("Time", { $0.timings = [] }),
        ]
        for (heading, remove) in removals {
            var report = report()
            remove(&report)
            let html = try report.html()
            for other in Self.headings {
                // Without its evaluations, a search has no best ones either.
                let isLeftOut = other == heading || (heading == "Best architectures" && other == "Search")
                #expect(html.contains("<h2>\(other)</h2>") == !isLeftOut, "\(other) without \(heading)")
            }
        }
        var anew = report()
        anew.isFromScratch = true
        let html = try anew.html()
        #expect(html.contains("<h2>Training from scratch</h2>") && !html.contains("<h2>Fine-tuning</h2>"))
        var untimed = report()
        untimed.timings = [.init("Test", seconds: 0)]
        #expect(!(try untimed.html().contains("<h2>Time</h2>")))
    }

    @Test func theTableHasTheTenBestAndMarksTheChosenOne() {
        var report = report()
        func rows() -> [String] {
            let html = BestArchitectures(history: report.history, correlations: []).markup?.rendered() ?? ""
            return html.components(between: "<tr", and: "</tr>").filter { $0.contains("<td") }
        }
        let best = rows()
        #expect(best.count == 10)
        #expect(best[0].contains("class=\"chosen\"") && best[0].contains("&lt;29&gt;"))
        #expect(best.dropFirst().allSatisfy { !$0.contains("chosen") })
        for (rank, row) in best.enumerated() { #expect(row.contains("&lt;\(29 - rank)&gt;")) }

        report.history.chosen = 3
        let further = rows()
        #expect(further.count == 11)
        #expect(further[10].contains("class=\"chosen\"") && further[10].contains(">27<"))
        report.history.chosen = nil
        #expect(rows().allSatisfy { !$0.contains("chosen") })
    }

    @Test func whatDoesNotFitTogetherIsReportedAtOnce() {
        var report = report()
        report.score?.correct = -1
        report.architecture?.stages[1].blocks[0].chosen = nil
        report.history.evaluations[2].parameters = -5
        report.history.chosen = 30
        report.history.budget = 0
        report.history.phases[1].count = 15
        report.correlations[0].tau = .nan
        report.confusion = [[1, 0], [0]]
        report.examples[0].truth = 2
        report.timings[1].seconds = -1
        let problems = [
            "the score is -1 right of 10000", "block layer0.0: none of its 3 candidates is chosen",
            "evaluation 2, architecture <2>: it has -5 parameters", "the chosen architecture is evaluation 30 of 30",
            "the budget is 0 multiply-adds", "the phases have 25 evaluations together, but there are 30",
            "Kendall's tau with Parameters <p> is nan, beyond -1 to 1",
            "the confusion matrix has 2 rows, but row 1 has 1 columns",
            "example 0: its true class is 2 of 2 class names", "Search took -1.0 seconds",
        ]
        #expect(throws: ReportError(problems)) { try report.html() }
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
