import Datasets
import Experiments
import Foundation
import Support
import Testing

@testable import Reports

struct TrainingReportTests {
    private static let names = ["T-shirt <&> \"top\"", "it's", "</script><script>alert(1)</script>"]

    private func image(_ value: UInt8) -> Image {
        Image(width: 8, height: 8, channels: 1, pixels: [UInt8](repeating: value, count: 64))
    }

    private func example(_ truth: Int, _ prediction: Int, _ probability: Double) -> TrainingReport.Example {
        .init(
            image: image(UInt8(truth * 40 + prediction)), truth: truth, prediction: prediction, probability: probability
        )
    }

    private func report() -> TrainingReport {
        TrainingReport(
            title: "A <run> & more", subtitle: "sub \"title\"",
            score: .init("Test accuracy", correct: 9119, count: 10_000),
            facts: [.init("Parameters", "24,158"), .init("Commit <&>", "abc")],
            curves: TrainingCurves(
                rows: [
                    MetricsRow(step: 10, values: ["train/loss": 2, "train/accuracy": 0.3, "train/learning-rate": 0.1]),
                    MetricsRow(
                        step: 20, values: ["train/loss": 1, "train/accuracy": 0.6, "train/learning-rate": 0.05]),
                    MetricsRow(step: 20, values: ["validation/loss": 1.2, "validation/accuracy": 0.5]),
                ], stepsPerEpoch: 10),
            confusion: [[5, 1, 0], [0, 7, 0], [2, 0, 3]], classNames: Self.names,
            examples: [example(0, 0, 0.9), example(0, 2, 0.61)],
            mistakes: [example(2, 0, 0.7), example(1, 1, 0.99), example(0, 1, 0.9999), example(0, 2, .nan)],
            command: "supernet train --set a=\"<b>\" && echo", configuration: "training:\n  epochs: 2 # <&>\n")
    }

    @Test func aLongNameTakesThreeLinesBelowAPicture() throws {
        var report = report()
        report.classNames[0] = String(repeating: "x", count: 5000)
        (report.confusion, report.mistakes) = ([], [])
        let content = try #require(XMLContent(page: report.html()))
        let longest = content.text.split { $0 != "x" }.map(\.count).max() ?? 0
        #expect((20...60).contains(longest))
    }

    @Test func aFullReportIsWellFormedAndHoldsEverything() throws {
        let html = try report().html()
        let content = try #require(XMLContent(page: html))
        for text in [
            "A <run> & more", "sub \"title\"", "91.2\u{202F}%", "90.6\u{202F}% to 91.7\u{202F}%", "9,119 of 10,000",
            "Parameters",
            "24,158", "Commit <&>", "supernet train --set a=\"<b>\" && echo", "training:\n  epochs: 2 # <&>\n",
            "Accuracy", "Loss", "Learning rate", "epoch", "validation", "Most confident mistakes", "61\u{202F}%",
            "> 99.9\u{202F}%", "recall", "precision",
        ] {
            #expect(content.text.contains(text), "\(text)")
        }
        for name in Self.names { #expect(content.text.contains(name)) }
        #expect(content.count("img") == 2 + 3)
        #expect(content.count("details") == 1 && content.count("script") == 0)
        #expect(!html.contains("<script"))
        #expect(content.count("rect") == 9)
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

    @Test func mistakesComeMostConfidentFirstAndRightOnesAreLeftOut() throws {
        let content = try #require(XMLContent(page: report().html()))
        let labels = content.attributes.compactMap { $0["alt"] }.dropFirst(2)
        let names = Self.names
        #expect(
            Array(labels) == [
                "\(names[0]), taken for \(names[1])", "\(names[2]), taken for \(names[0])",
                "\(names[0]), taken for \(names[2])",
            ])
    }

    @Test func atMostARowOfMistakesIsShown() throws {
        var report = report()
        report.mistakes = (0..<50).map { example(0, 1, Double($0) / 50) }
        report.examples = []
        let content = try #require(XMLContent(page: report.html()))
        #expect(content.count("img") == TrainingReport.mostMistakes)
    }

    @Test func aReportOfNothingIsAPage() throws {
        let content = try #require(XMLContent(page: TrainingReport(title: "").html()))
        #expect(content.count("section") == 0 && content.count("footer") == 0 && content.count("svg") == 0)
        let scored = try TrainingReport(title: "x", score: .init("Test accuracy", correct: 0, count: 0)).html()
        #expect(!scored.contains("Wilson"))
        let vast = try TrainingReport(title: "x", score: .init("Test accuracy", correct: .max, count: .max)).html()
        #expect(vast.contains("100.000\u{202F}%"))
    }

    @Test(arguments: [1, 40, 41, 1000]) func matricesOfAnySizeCanBeRead(_ count: Int) throws {
        var confusion = [[Int]](repeating: [Int](repeating: 0, count: count), count: count)
        for truth in 0..<count {
            confusion[truth][truth] = 40
            confusion[truth][(truth * 7 + 1) % count] += 3 + truth % 5
        }
        let report = TrainingReport(title: "x", confusion: confusion, classNames: (0..<count).map { "class \($0)" })
        let html = try report.html()
        let content = try #require(XMLContent(page: html))
        #expect(content.count("rect") == (count <= 40 ? count * count : 0))
        #expect(html.utf8.count < 600_000)
        if count > 40 {
            #expect(
                content.text.contains("Most frequent mistakes") && content.text.contains("Classes of the lowest recall")
            )
        }
    }

    @Test func aMatrixOfZerosSaysSo() throws {
        let html = try TrainingReport(title: "x", confusion: [[0, 0], [0, 0]], classNames: ["a", "b"]).html()
        #expect(try #require(XMLContent(page: html)).text.contains("Nothing was classified."))
    }

    @Test func whatDoesNotFitTogetherIsReportedAtOnce() {
        var report = report()
        report.confusion = [[1, 0], [0]]
        report.score?.correct = 20_000
        report.examples[1].prediction = 3
        report.mistakes[0].truth = -1
        report.mistakes[1].image = Image(width: 0, height: 0, channels: 1, pixels: [])
        let problems = [
            "the confusion matrix has 2 rows, but row 1 has 1 columns",
            "the confusion matrix has 2 rows, but there are 3 class names", "the score is 20000 right of 10000",
            "example 1: its predicted class is 3 of 3 class names", "mistake 0: its true class is -1 of 3 class names",
            "mistake 1: its image is 0x0",
        ]
        #expect(throws: ReportError(problems)) { try report.html() }
        #expect(ReportError(problems).description.contains("\n  mistake 1: its image is 0x0"))
        let many = ReportError((0..<50).map { "problem \($0)" }).description
        #expect(many.contains("and 30 more") && !many.contains("problem 20"))
    }

    @Test func aReportIsWrittenWholeOrNotAtAll() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "reports-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try report().write(to: folder + "/report.html")
        #expect(try String(contentsOfFile: folder + "/report.html", encoding: .utf8) == report().html())
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["report.html"])

        var bad = report()
        bad.confusion = [[1]]
        #expect(throws: ReportError.self) { try bad.write(to: folder + "/report.html") }
        #expect(try String(contentsOfFile: folder + "/report.html", encoding: .utf8) == report().html())
        #expect(throws: FileError.self) { try report().write(to: folder + "/missing/report.html") }
    }
}
