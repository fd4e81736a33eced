import Results
import Testing

@testable import Reports

struct AdaptationReportTests {
    private typealias Samples = AdaptationSamples

    private static let headings = [
        "The method and its controls", "Architecture", "Queries and what the gallery gives first", "Age", "Confusions",
        "Predictions", "Most confident mistakes", "joint", "source-only", "Time",
    ]

    @Test func aFullReportIsWellFormedAndHoldsEverything() throws {
        let html = try Samples.report().html()
        let content = try #require(XMLContent(page: html))
        for text in [
            "A <target> & more", "sub \"title\"",
            "rank-1 <r> on test images, read once: joint 91.20 %, weights-only 88.00 %. One seed says little",
            "paths compared", "1,234", "a shared head", "luck in the choice", "1 standard error",
            "left out", "1 unreadable image", "supernet adapt --set a=\"<b>\"", "seed: 1 # <&>", "24,158", "1,234,567",
            "+3.2", "39.5", "2m00s in all.", "architecture and weights adapted together",
            "the adapted path, fine-tuned on the labelled domain alone", "source only",
        ] + Self.headings {
            #expect(content.text.contains(text), "\(text)")
        }
        #expect(content.count("h2") == Self.headings.count && content.count("section") == Self.headings.count)
        for forbidden in ["http:", "https:", "url(", "<script "] { #expect(!html.contains(forbidden), "\(forbidden)") }
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
        let none = Samples.result([:])
        let empty = try #require(
            XMLContent(page: AdaptationReport(none, networks: [], title: "", isUnsupervised: true).html()))
        for name in ["section", "footer", "svg", "table"] { #expect(empty.count(name) == 0, "\(name)") }
        #expect(empty.text.contains("linear evaluation") && !empty.text.contains("luck"))
        let removals: [([String], (inout AdaptationReport) -> Void)] = [
            (["The method and its controls"], { $0.comparison.rows = [] }), (["Architecture"], { $0.paths = [] }),
            (
                ["Queries and what the gallery gives first"],
                { $0.networks[0].network.examples.remove(at: 0) }
            ), (["Age"], { $0.networks[0].network.examples.remove(at: 1) }),
            (
                ["Confusions", "Predictions", "Most confident mistakes"],
                { $0.networks[0].network.examples.remove(at: 2) }
            ), (["joint"], { $0.networks[0].network.log = [] }),
            (["Time"], { for row in $0.networks.indices { $0.networks[row].network.result.seconds = 0 } }),
        ]
        for (headings, remove) in removals {
            var report = Samples.report()
            remove(&report)
            let html = try report.html()
            for other in Self.headings {
                let isThere = html.contains("<h2>\(Escaping.escaped(other))</h2>")
                #expect(isThere != headings.contains(other), "\(other) without \(headings)")
            }
        }
    }

    @Test func renderedImagesAreNamedAsSuch() throws {
        var report = Samples.report()
        #expect(!(try report.html().contains("(synthetic)")))
        report.isSynthetic = true
        let content = try #require(XMLContent(page: report.html()))
        // In the window's title, and in the page's.
        #expect(content.text.components(separatedBy: "A <target> & more (synthetic)").count == 3)
    }

    @Test func everyMetricThatHasValuesIsDrawn() throws {
        var report = Samples.report()
        report.paths = []
        for row in report.networks.indices {
            (report.networks[row].network.examples, report.networks[row].network.log) = ([], [])
        }
        // The third metric was not measured.
        #expect(report.comparison.metrics == Array(Samples.metrics.prefix(2)))
        #expect(try #require(XMLContent(page: report.html())).count("svg") == 2)
        report.comparison = AdaptationRows(metrics: [], rows: [.init(name: "a")])
        #expect(try #require(XMLContent(page: report.html())).count("svg") == 0)
    }

    @Test func rowsAreThoseOfEverySeed() throws {
        let results = [0.8, 0.9, 0.7].map {
            Samples.result(["joint": [$0 + 0.05, 4], "weights-only": [$0, 5], "architecture-only": [0.5]])
        }
        let names = ["joint", "weights-only", "mismatched-weights", "architecture-only"]
        let rows = AdaptationRows(results, metrics: Samples.metrics, names: names)
        #expect(rows.isTest && rows.metrics.map(\.name) == ["rank-1 <r>", "MAE"])
        #expect(rows.rows.map(\.name) == ["joint", "weights-only", "architecture-only"])
        #expect(rows.rows.map(\.kind) == [.joint, .weightsOnly, .control])
        #expect(rows.joint?.values["MAE"] == [4, 4, 4] && rows.joint?.values["rank-1 <r>"]?.count == 3)
        #expect(rows.joint?.epochs == 39.5 && rows.joint?.parameters == 24_158 && rows.weightsOnly?.difference == nil)
        #expect(abs((rows.joint?.difference?.mean ?? 0) - 0.05) < 1e-12)
        // Of one seed, nothing is tested.
        let one = AdaptationRows(Array(results.prefix(1)), metrics: Samples.metrics, names: names)
        #expect(one.joint?.parameters == 24_158 && one.joint?.difference?.p == nil && one.joint?.difference != nil)
        let untested = AdaptationRows(
            [Samples.result(["joint": [0.5]], hasTest: false)], metrics: Samples.metrics, names: names)
        #expect(!untested.isTest && untested.joint?.values == ["rank-1 <r>": [0.5]])
    }

    @Test func theTerminalHasALineForEachRow() {
        let result = Samples.result(["joint": [0.912, 4.2], "weights-only": [0.88]])
        let lines = AdaptationText.lines(
            result, names: ["joint", "weights-only", "not-run"], metrics: Array(Samples.metrics.prefix(2)))
        #expect(
            lines == [
                "              path   epochs  test rank-1 <r>  test MAE  ",
                "joint         0 2 2  39.5    0.9120           4.2000    ",
                "weights-only  0 2 2  39.5    0.8800           -         ",
            ])
        #expect(
            AdaptationText.rows(result).map(\.1) == ["0 1 2", "0 2 2, 1 of 3 choices changed"])
    }

    @Test func whatDoesNotFitTogetherIsReportedAtOnce() throws {
        var report = Samples.report()
        report.comparison.rows[0].values["rank-1 <r>"] = [0.9, 91.2, .nan]
        report.comparison.rows[1].values["MAE"] = [.infinity]
        report.comparison.rows[2].epochs = -1
        report.comparison.rows[2].seconds = .infinity
        report.paths[0].adapted.stages[1].blocks[0].name = "other"
        report.networks[0].network.examples[2] = SampleResults.classes([0], [3], [1])
        report.networks[1].network.result.seconds = .nan
        let problems = [
            "joint: rank-1 <r> of seed 2 is 91.2, not a share of one",
            "joint: rank-1 <r> of seed 3 is nan, not a share of one",
            "weights-only: MAE of seed 1 is inf, not a number that can be drawn",
            "architecture-only: it took -1.0 epochs", "architecture-only: it took inf seconds",
            "the source path has the choice layer0.0 where the adapted has other",
            "the examples do not have one value for each image", "weights-only took nan seconds",
        ]
        #expect(throws: ReportError(problems)) { try report.html() }
    }
}
