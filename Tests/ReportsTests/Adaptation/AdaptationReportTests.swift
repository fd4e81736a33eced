import Metrics
import Testing

@testable import Reports

struct AdaptationReportTests {
    private typealias Samples = AdaptationSamples

    private static let headings = [
        "The method and its controls", "Architecture", "Queries and what the gallery gives first", "Ages", "Confusions",
        "Most confident mistakes", "Supernet <p>", "Time",
    ]

    @Test func aFullReportIsWellFormedAndHoldsEverything() throws {
        let html = try Samples.report().html()
        let content = try #require(XMLContent(page: html))
        for text in [
            "A <target> & more", "sub \"title\"", "Joint: <91.2>.", "Seeds <&>",
            "Search <t>", "supernet adapt --set a=\"<b>\"", "seed: 1 # <&>", "1,234,567", "98,765,432", "+3.2",
            "p = 0.004", "39.3", "1h00m",
        ] + Self.headings {
            #expect(content.text.contains(text), "\(text)")
        }
        for text in Samples.rows.flatMap({ [$0.name, $0.explanation] }) where !text.isEmpty {
            #expect(content.text.contains(text), "\(text)")
        }
        #expect(content.count("h2") == Self.headings.count && content.count("section") == Self.headings.count)
        for forbidden in ["http:", "https:", "url(", "<script"] { #expect(!html.contains(forbidden), "\(forbidden)") }
        // Whoever cannot see a drawing or a picture is told what it shows.
        for (name, attributes) in zip(content.elements, content.attributes) where ["svg", "img"].contains(name) {
            let words = attributes[name == "svg" ? "aria-label" : "alt"] ?? ""
            #expect(!words.isEmpty)
        }
        for attributes in content.attributes {
            for (name, value) in attributes where !["aria-label", "alt", "src", "class"].contains(name) {
                #expect(!value.contains("nan") && !value.contains("inf"), "\(name)=\(value)")
            }
        }
    }

    @Test func partsWithoutDataAreLeftOut() throws {
        let empty = try #require(XMLContent(page: AdaptationReport(title: "").html()))
        for name in ["section", "footer", "svg", "table", "dl"] { #expect(empty.count(name) == 0, "\(name)") }
        var nothing = AdaptationReport(title: "x")
        nothing.examples = [
            .gallery([]), .ages(actual: [], predicted: [], faces: []), .mistakes([], classNames: []),
            try Samples.confusions(0),
        ]
        #expect(!(try nothing.html().contains("<section")))

        let removals: [(String, (inout AdaptationReport) -> Void)] = [
            ("The method and its controls", { $0.rows = [] }), ("Architecture", { $0.path = nil }),
            ("Queries and what the gallery gives first", { $0.examples.remove(at: 0) }),
            ("Ages", { $0.examples.remove(at: 1) }), ("Confusions", { $0.examples.remove(at: 2) }),
            ("Most confident mistakes", { $0.examples.remove(at: 3) }), ("Supernet <p>", { $0.phases = [] }),
            ("Time", { $0.timings = [] }),
        ]
        for (heading, remove) in removals {
            var report = try Samples.report()
            remove(&report)
            let html = try report.html()
            for other in Self.headings {
                let isThere = html.contains("<h2>\(Escaping.escaped(other))</h2>")
                #expect(isThere == (other != heading), "\(other) without \(heading)")
            }
        }
    }

    @Test func renderedImagesAreNamedAsSuch() throws {
        var report = try Samples.report()
        #expect(!(try report.html().contains("(synthetic)")))
        report.isSynthetic = true
        let content = try #require(XMLContent(page: report.html()))
        // In the window's title, and in the page's.
        #expect(content.text.components(separatedBy: "A <target> & more (synthetic)").count == 3)
    }

    @Test func everyMetricThatHasValuesIsDrawn() throws {
        var report = try Samples.report()
        (report.path, report.examples, report.phases) = (nil, [], [])
        #expect(try #require(XMLContent(page: report.html())).count("svg") == 3)
        report.metrics.append(.init("never measured"))
        #expect(try #require(XMLContent(page: report.html())).count("svg") == 3)
        report.metrics = []
        report.rows = report.rows.map { AdaptationReport.Row($0.name) }
        #expect(try #require(XMLContent(page: report.html())).count("svg") == 0)
    }

    @Test func whatDoesNotFitTogetherIsReportedAtOnce() throws {
        var report = try Samples.report()
        report.metrics.append(report.metrics[1])
        report.rows[0].values["rank-1 <r>"] = [0.9, 91.2, .nan]
        report.rows[1].kind = .joint
        report.rows[1].values["MAE"] = [-1]
        report.rows[2].values["rank-5"] = [1]
        report.rows[2].epochs = -1
        report.rows[2].seconds = .infinity
        report.rows[2].parameters = -3
        report.rows[2].difference = .init(.nan, p: 1.5)
        report.path?.adapted.stages[1].blocks[0].name = "other"
        report.timings[0].seconds = .nan
        report.examples = [
            .gallery([.init(Samples.image(0, 0), person: "", ranked: [.init(Samples.image(0, 1), isRight: true)])]),
            .ages(actual: [1], predicted: [], faces: [.init(Samples.image(), actual: .nan, predicted: 3)]),
            .confusions(
                before: try ConfusionMatrix([[1]]), after: try ConfusionMatrix([[1, 0], [0, 1]]),
                classNames: ["a", "b"],
                beforeName: "before", afterName: "after"),
            .mistakes([.init(image: Samples.image(), truth: 0, prediction: 2, probability: 1)], classNames: ["a"]),
        ]
        let problems = [
            "metric MAE: it is there more than once", "rows: 2 of them are joint",
            "joint <&>: rank-1 <r> of seed 2 is 91.2, not a share of one",
            "joint <&>: rank-1 <r> of seed 3 is nan, not a share of one",
            "weights|only: MAE of seed 1 is -1.0, not a number of years",
            "weights|only: MAE of seed 1 is -1.0, not a number of years",
            "not *run*: it has values of rank-5, which is none of the metrics",
            "not *run*: its difference to weights only is nan", "not *run*: its p value is 1.5, beyond 0 to 1",
            "not *run*: it took -1.0 epochs", "not *run*: it took inf seconds", "not *run*: it has -3 parameters",
            "the source path has the choice layer0.0 where the adapted has other", "query 0: its image is 0x0",
            "query 0, rank 1: its image is 0x1", "there are 1 ages, but 0 predictions of ages",
            "face 0: its age is nan", "the confusion matrix of before has 1 rows, but there are 2 class names",
            "mistake 0: its predicted class is 2 of 1 class names", "Search <t> took nan seconds",
        ]
        #expect(throws: ReportError(problems)) { try report.html() }
    }
}
