import ArgumentParser
import Datasets
import Drawings
import Experiments
import Foundation
import Results
import TestFolders
import TestImages
import Testing
import Training
import Workflows

@testable import SupernetCommands

/// Verbs that cut images into folds.
@Suite(.serialized) struct FoldVerbTests {
    private let folder: TemporaryFolder
    private var photos: String { folder.file("photos") }

    init() throws {
        folder = try TemporaryFolder()
        for (number, name) in ["dark", "light"].enumerated() {
            for (part, count) in [("train", 24), ("test", 7)] {
                _ = try folder.makeFolder("photos/\(part)/\(name)")
                for index in 0..<count {
                    let value = UInt8(30 + 120 * number + index)
                    try Image(width: 16, height: 16, channels: 3, pixels: [UInt8](repeating: value, count: 768))
                        .writePNG(to: folder.file("photos/\(part)/\(name)/\(index).png"))
                }
            }
        }
    }

    private func summary(_ folds: DataSummary.Folds?) throws -> (rows: [String: String], next: String?) {
        let summary = try DataSummary(DataSource.openTask(photos), source: photos, perRow: 3, folds: folds)
        return (Dictionary(uniqueKeysWithValues: summary.rows), summary.next)
    }

    private func run(_ words: [String], _ settings: [String] = []) throws {
        var command = try SupernetCommand.parseAsRoot(words + settings.flatMap { ["--set", $0] })
        try command.run()
    }

    @Test func dataShowsTheFolds() throws {
        let (plain, _) = try summary(nil)
        #expect(plain["train"] == "48 images" && plain["test"] == "14 images" && plain["folds"] == nil)
        let (all, next) = try summary(.init(count: 4))
        #expect(all["train"] == "48 images" && all["folds"] == "4 of 15 or 16 images, 7 or 8 of class dark")
        #expect(next?.hasSuffix("--folds 4 --fold 1") == true)
        let (one, again) = try summary(.init(count: 4, chosen: 2))
        #expect(one["train"] == "46 images" && one["test"] == "16 images" && one["folds"] == all["folds"])
        #expect(again?.hasSuffix("--folds 4 --fold 2") == true)
        let sheet = folder.file("sheet.png")
        try run(["data", photos, "--folds", "4", "--fold", "2", "--sheet", sheet])
        #expect(FileManager.default.fileExists(atPath: sheet))
    }

    @Test(arguments: [
        ["--folds", "1"], ["--folds", "4", "--fold", "5"], ["--fold", "2"], ["--folds", "0", "--fold", "2"],
    ])
    func dataRefusesFoldsThatMakeNoSense(words: [String]) throws {
        #expect(throws: InvalidConfiguration.self) {
            try run(["data", photos, "--sheet", folder.file("sheet.png")] + words)
        }
    }

    @Test func dataRefusesFoldsWithoutClassesOrImages() throws {
        expectError(.invalidArgument, "each of 40 folds tests every class, but dark has 31 images") {
            _ = try summary(.init(count: 40))
        }
        var options = SyntheticFaces.Options()
        (options.count, options.ages, options.side) = (24, 20...49, 32)
        try SyntheticFaces(options).write(to: folder.file("faces"))
        #expect(throws: ValidationError.self) {
            try run(["data", folder.file("faces"), "--folds", "4", "--sheet", folder.file("sheet.png")])
        }
    }

    private static let short = [
        "supernet.epochs=1", "finetune.epochs=1", "search.evaluations=6", "search.initial=4", "search.round=2",
    ]

    @Test func runAndAdaptTestOneFoldAndGoOnWithItAlone() throws {
        let settings =
            Self.short + [
                "method.name=spos", "space.stem=small", "space.planes=[16, 16]", "space.depths=[1, 1]",
            ]
        let study = folder.file("study")
        func words(_ fold: String) -> [String] {
            ["run", "--data", photos, "--size", "16", "--run", study, "--folds", "4", "--fold", fold]
        }
        try run(words("2"), settings)
        let file = URL(filePath: study + "/finetune/result.json")
        let first = try JSONDecoder().decode(NetworkResult.self, from: Data(contentsOf: file))
        #expect(first.test?.count == 16)
        try run(words("2"), settings)
        #expect(try JSONDecoder().decode(NetworkResult.self, from: Data(contentsOf: file)) == first)
        // Another fold is another run.
        #expect(throws: (any Error).self) { try run(words("3"), settings) }
        #expect(try JSONDecoder().decode(NetworkResult.self, from: Data(contentsOf: file)) == first)

        // The folds of the source say nothing of the target's.
        let taken = try AdaptationConfiguration.adapting(study).data
        #expect(taken.folds == 0 && taken.fold == 0)
        let adapted = folder.file("adapted")
        for _ in 0..<2 {
            try run(
                ["adapt", "--source", study, "--data", photos, "--run", adapted, "--no-controls"]
                    + ["--folds", "4", "--fold", "3"], Self.short)
            let result = try #require(try Adaptation.stored(adapted))
            #expect(result.outcomes[Adaptation.joint]?.test?.count == 15)
        }
        #expect(throws: (any Error).self) {
            try run(
                ["adapt", "--source", study, "--data", photos, "--run", adapted, "--no-controls"]
                    + ["--folds", "4", "--fold", "1"], Self.short)
        }
        #expect(try Adaptation.stored(adapted)?.outcomes[Adaptation.joint]?.test?.count == 15)
    }

    @Test func aFolderWithoutATestHasNoOtherTestThanTheFold() throws {
        // From fifty images on, a share would be set apart without folds, and is refused with them.
        let train = folder.file("photos/train/dark")
        for index in 24..<30 {
            try FileManager.default.copyItem(atPath: train + "/0.png", toPath: train + "/\(index).png")
        }
        let study = folder.file("alone")
        let settings =
            Self.short + [
                "method.name=spos", "space.stem=small", "space.planes=[16, 16]", "space.depths=[1, 1]", "data.folds=6",
                "data.fold=6",
            ]
        let words = ["run", "--data", folder.file("photos/train"), "--size", "16", "--run", study]
        try run(words, settings)
        let file = URL(filePath: study + "/finetune/result.json")
        #expect(try JSONDecoder().decode(NetworkResult.self, from: Data(contentsOf: file)).test?.count == 9)
        #expect(throws: (any Error).self) {
            try run(words.dropLast() + [folder.file("other")], settings + ["data.test-fraction=0.2"])
        }
    }
}
