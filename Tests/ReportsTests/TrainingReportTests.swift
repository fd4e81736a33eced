import Datasets
import Experiments
import Foundation
import Results
import Support
import TestFolders
import Testing

@testable import Reports

struct TrainingReportTests {
    private typealias Samples = SampleResults

    private static let record = #"""
        {"format": 1, "seed": 7, "starts": [{"time": "2026-01-01T00:00:00Z", "versions": {}, "gitCommit": "0123456789abcdef",
         "command": ["supernet", "train", "--set", "a=<b>"]}]}
        """#

    private func report(_ network: TrainedNetwork = Samples.network) throws -> TrainingReport {
        TrainingReport(
            network, isFound: false, source: "A <folder> & more", trainingImages: 54_000, batchSize: 64,
            precision: "bfloat16", record: try JSONDecoder().decode(RunRecord.self, from: Data(Self.record.utf8)),
            configuration: "training:\n  epochs: 2 # <&>\n")
    }

    /// The report of a network that gave these examples, without a log.
    private func report(_ examples: Examples, of count: Int = 8) throws -> TrainingReport {
        try report(
            TrainedNetwork(
                Samples.result(), metrics: [.accuracy], examples: [examples], images: Samples.images(count)))
    }

    @Test func aFullReportIsWellFormedAndHoldsEverything() throws {
        let html = try report().html()
        let content = try #require(XMLContent(page: html))
        for text in [
            "Network on A <folder> & more", "54,000 training images, 2 epochs", "Test accuracy", "91.2\u{202F}%",
            "90.6\u{202F}% to 91.7\u{202F}%", "9,119 of 10,000", "24,158", "1,234,567", "90.00 %", "bfloat16",
            "0123456789", "supernet train --set 'a=<b>'", "training:\n  epochs: 2 # <&>\n", "Accuracy", "Loss",
            "Learning rate", "epoch", "validation", "Most confident mistakes", "61\u{202F}%", "> 99.9\u{202F}%",
            "recall", "precision",
        ] {
            #expect(content.text.contains(text), "\(text)")
        }
        #expect(!content.text.contains("0123456789a"))
        for name in Samples.names { #expect(content.text.contains(name)) }
        #expect(content.count("img") == 5 + 3 && content.count("rect") == 9)
        #expect(content.count("details") == 1 && content.count("script") == 1)
        #expect(!html.contains("<script "))
        var found = try report()
        found.isFound = true
        #expect(try found.html().contains("Found network on"))
    }

    @Test func nothingIsFetched() throws {
        let html = try report().html()
        let content = try #require(XMLContent(page: html))
        for attributes in content.attributes {
            #expect(attributes["href"] == nil)
            if let source = attributes["src"] { #expect(source.hasPrefix("data:image/png;base64,")) }
        }
        #expect(!html.contains("http://") && !html.contains("https://") && !html.contains("url("))
    }

    @Test func aTaskWithoutAccuracyIsToldByItsMetrics() throws {
        var network = Samples.network
        network.metrics = [Metric("MAE", unit: .quantity("discs"), isHigherBetter: false), Metric("CS@5")]
        network.result.validation = Score(-2, standardError: nil, metrics: ["MAE": 2, "CS@5": 0.5])
        network.result.test = Score(-12.344, standardError: nil, metrics: ["MAE": 12.344, "CS@5": 0.25])
        network.examples = [
            Examples(
                images: [0, 1, 2],
                .numbers(quantity: "number of discs", unit: "discs", actual: [0, 3, 6], predicted: [0.2, 3, 5]))
        ]
        let content = try #require(XMLContent(page: report(network).html()))
        for text in [
            "test MAE", "12.34 discs", "test CS@5", "25.00 %", "MAE 2.00 discs", "Number of discs",
            "true number of discs, discs",
        ] {
            #expect(content.text.contains(text), "\(text)")
        }
        #expect(content.count("img") == 3 && !content.text.contains("Wilson"))
    }

    @Test func mistakesComeMostConfidentFirstAndRightOnesAreLeftOut() throws {
        let examples = Samples.classes([2, 1, 0, 0], [0, 1, 1, 2], [0.7, 0.99, 0.9999, .nan])
        let content = try #require(XMLContent(page: report(examples).html()))
        let names = Samples.names
        #expect(
            content.attributes.compactMap { $0["alt"] }.dropFirst(4) == [
                "\(names[0]), taken for \(names[1])", "\(names[2]), taken for \(names[0])",
                "\(names[0]), taken for \(names[2])",
            ])
    }

    @Test func aSampleFromAllOverAndARowOfMistakesAreShown() throws {
        let count = 100
        let examples = Samples.classes(
            [Int](repeating: 0, count: count), (0..<count).map { $0 % 2 }, (0..<count).map { Double($0) / 100 })
        let content = try #require(XMLContent(page: report(examples, of: count).html()))
        #expect(content.count("img") == ClassesSection.mostExamples + ClassesSection.mostMistakes)
        // What is gone since is left out.
        let rest = try #require(XMLContent(page: report(examples, of: 50).html()))
        #expect(rest.count("img") == ClassesSection.mostExamples / 2)
    }

    @Test func aLongNameTakesThreeLinesBelowAPicture() throws {
        let content = try #require(
            XMLContent(
                page: report(Samples.classes([0], [0], [1], names: [String(repeating: "x", count: 5000)])).html())
        )
        let longest = content.attributes.compactMap { $0["alt"] }.map(\.count).max() ?? 0
        #expect((20...60).contains(longest))
    }

    @Test(arguments: [1, 40, 41, 1000]) func matricesOfAnySizeCanBeRead(_ count: Int) throws {
        let actual = (0..<count).flatMap { truth in [Int](repeating: truth, count: 40 + 3 + truth % 5) }
        var seen = [Int](repeating: 0, count: count)
        let predicted = actual.map { truth in
            seen[truth] += 1
            return seen[truth] > 40 ? (truth * 7 + 1) % count : truth
        }
        let examples = Samples.classes(
            actual, predicted, actual.map { _ in 0.5 }, names: (0..<count).map { "class \($0)" })
        var report = try report(examples)
        report.network.images = nil
        let html = try report.html()
        let content = try #require(XMLContent(page: html))
        #expect(content.count("rect") == (count <= 40 ? count * count : 0) && content.count("img") == 0)
        #expect(html.utf8.count < 600_000)
        if count > 40 {
            #expect(
                content.text.contains("Most frequent mistakes") && content.text.contains("Classes of the lowest recall")
            )
        }
    }

    @Test func aReportOfLittleIsAPage() throws {
        var network = TrainedNetwork(Samples.result(), metrics: [.accuracy])
        var content = try #require(XMLContent(page: report(network).html()))
        #expect(content.count("section") == 0 && content.count("svg") == 0 && !content.text.contains("Wilson"))
        network.result.test = Score(1, standardError: nil, metrics: ["accuracy": 1], count: 1 << 50)
        #expect(try report(network).html().contains("100.000\u{202F}%"))
        network.examples = [Samples.classes([], [], [])]
        content = try #require(XMLContent(page: report(network).html()))
        #expect(content.count("section") == 0)
    }

    @Test func whatDoesNotFitTogetherIsReportedAtOnce() throws {
        var report = try report(Samples.classes([0, 1], [0], [1, 1]))
        report.network.result.validation = Score(2, standardError: nil, metrics: ["accuracy": 2], count: 10)
        let problems = ["the score is 20 right of 10", "the examples do not have one value for each image"]
        #expect(throws: ReportError(problems)) { try report.html() }
        #expect(ReportError(problems).description.contains("\n  the score is 20 right of 10"))
        let many = ReportError((0..<50).map { "problem \($0)" }).description
        #expect(many.contains("and 30 more") && !many.contains("problem 20"))
    }

    @Test func aReportIsWrittenWholeOrNotAtAll() throws {
        let folder = try TemporaryFolder()
        let page = folder.file("report.html")
        try report().write(to: page)
        #expect(try String(contentsOfFile: page, encoding: .utf8) == report().html())
        var bad = try report()
        bad.network.examples = [Samples.classes([0], [], [])]
        #expect(throws: ReportError.self) { try bad.write(to: page) }
        #expect(try String(contentsOfFile: page, encoding: .utf8) == report().html())
        #expect(throws: FileError.self) { try report().write(to: folder.file("missing/report.html")) }
    }
}
