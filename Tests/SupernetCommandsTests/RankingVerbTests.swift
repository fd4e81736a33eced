import ArgumentParser
import Datasets
import Experiments
import Foundation
import Rankings
import Testing

@testable import SupernetCommands

/// From images to a judged ranking, by the verbs alone.
@Suite struct RankingVerbTests {
    private let folder = NSTemporaryDirectory() + "supernet-rank-" + UUID().uuidString

    private func run(_ arguments: [String]) throws {
        var command = try SupernetCommand.parseAsRoot(arguments)
        try command.run()
    }

    /// Bars at the top, in the middle and at the bottom, in noise.
    private func writeImages() throws {
        for (place, name) in ["top", "middle", "bottom"].enumerated() {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/images/\(name)", withIntermediateDirectories: true)
            for number in 0..<40 {
                var pixels = (0..<144).map { UInt8(truncatingIfNeeded: ($0 &* 7919 &+ number &* 104_729) % 96) }
                for pixel in (place * 4 + 1) * 12..<(place * 4 + 3) * 12 { pixels[pixel] = 200 }
                try Image(width: 12, height: 12, channels: 1, pixels: pixels)
                    .writePNG(to: "\(folder)/images/\(name)/\(number).png")
            }
        }
    }

    private var shared: [String] {
        [
            "data.source=\(folder)/images", "data.validation-fraction=0.4", "space.name=chain", "space.widths=[4, 8]",
            "space.depths=[1, 1]",
            "data.augmentation=[{center-crop: 12}, {normalize: {mean: 0.3, std: 0.3}}]",
            "data.evaluation=[{center-crop: 12}, {normalize: {mean: 0.3, std: 0.3}}]",
        ].flatMap { ["--set", $0] }
    }

    @Test func aTruthIsMadeAndASupernetJudgedByIt() throws {
        try writeImages()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let truth = [
            "benchmark", "--run", folder + "/truth", "--workers", "2", "--set", "train.epochs=2", "--set",
            "train.batch-size=8", "--set", "repeated=0", "--set", "train.warm-up-epochs=0",
        ]
        try run(truth + shared + ["--architectures", "9", "--seeds", "1"])
        let table = folder + "/truth/truth.csv"
        #expect(try BenchmarkTable.read(table).rows.count == 9)
        try run(
            [
                "train", "--run", folder + "/study", "--set", "method.name=spos", "--set", "supernet.epochs=3", "--set",
                "supernet.batch-size=8", "--set", "search.recalibration-images=32", "--set", "precision=float32",
            ] + shared)
        let rank = ["rank", folder + "/study", "--table", table, "--resamples", "50"]
        let few = #expect(throws: RankingError.self) { try run(rank) }
        #expect("\(try #require(few))".contains("at least 10"))

        try run(truth + shared + ["--architectures", "20", "--seeds", "2"])
        let made = try BenchmarkTable.read(table)
        #expect(made.entries.count == 20 && made.commonSeeds == 2)
        try run(truth + shared + ["--check", made.rows[3].architecture.description, "--check-seed", "2"])
        // The supernet has scored the nine already; a table that has grown is ranked on.
        try run(rank)
        try run(rank + ["--measure", "loss", "--half", "report", "--with", folder + "/study"])
        // Architectures of another space of as many choices look the same.
        try run(
            [
                "train", "--run", folder + "/wider", "--set", "method.name=spos", "--set", "supernet.epochs=1", "--set",
                "supernet.batch-size=8",
            ] + shared + ["--set", "space.widths=[4, 6]"])
        let other = #expect(throws: BenchmarkTableError.self) {
            try run(["rank", folder + "/wider", "--truth", table])
        }
        #expect("\(try #require(other))".contains("other sizes"))
        let page = try String(contentsOfFile: folder + "/study/rank/truth-accuracy/report.html", encoding: .utf8)
        #expect(page.contains("multiply-adds") && page.contains("naswot") && page.contains("Half of the table"))
        // What was really given, up to what HTML writes in another way.
        #expect(page.contains(CommandText.own.prefix { !"'<>&\"".contains($0) }))
    }

    @Test func whatIsMissingIsNamed() throws {
        for arguments in [
            ["benchmark", "--threads", "2"], ["benchmark", "--workers", "0"], ["compare", "x.yaml", "--workers", "0"],
            ["truth", "--threads", "2"], ["study", "x.yaml", "--workers", "0"],
        ] {
            #expect(throws: (any Error).self) { _ = try SupernetCommand.parseAsRoot(arguments) }
        }
        let error = #expect(throws: (any Error).self) { try run(["rank", folder, "--table", "nowhere.csv"]) }
        #expect("\(try #require(error))".contains(folder))
    }
}
