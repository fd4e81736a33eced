import Datasets
import Foundation
import Results
import TestFolders
import Testing
import Training
import Workflows

@testable import SupernetCommands

/// A folder of classes without a test: what is chosen by validation images is judged by others all the same.
@Suite(.serialized) struct FinalScoreTests {
    private let folder: TemporaryFolder
    private var photos: String { folder.file("photos") }
    private var study: String { folder.file("study") }

    init() throws {
        folder = try TemporaryFolder()
        for (number, name) in ["dark", "light"].enumerated() {
            _ = try folder.makeFolder("photos/\(name)")
            for index in 0..<30 {
                let value = UInt8(30 + 120 * number + index)
                try Image(width: 16, height: 16, channels: 3, pixels: [UInt8](repeating: value, count: 768))
                    .writePNG(to: folder.file("photos/\(name)/\(index).png"))
            }
        }
    }

    private func run(_ words: [String], _ settings: [String]) throws {
        var command = try SupernetCommand.parseAsRoot(words + settings.flatMap { ["--set", $0] })
        try command.run()
    }

    private static let short = [
        "supernet.epochs=1", "finetune.epochs=1", "search.evaluations=6", "search.initial=4", "search.round=2",
    ]

    @Test func runAndAdaptSetATestApart() throws {
        let settings =
            Self.short + [
                "probe.epochs=1", "space.stem=small", "space.planes=[16, 16]", "space.depths=[1, 1]",
                "method.queue-length=64", "method.dimension=8",
            ]
        let words = ["run", "--data", photos, "--size", "16", "--run", study]
        try run(words, settings)
        let file = URL(filePath: study + "/finetune/result.json")
        let first = try JSONDecoder().decode(NetworkResult.self, from: Data(contentsOf: file))
        #expect(first.test?.count == 9)
        let (validation, test) = (try #require(first.validation.count), try #require(first.test?.count))
        #expect(validation > 0 && validation + test < 60)
        // The same command finds the same split.
        try run(words, settings)
        #expect(try JSONDecoder().decode(NetworkResult.self, from: Data(contentsOf: file)) == first)

        let adapted = folder.file("adapted")
        let again = ["adapt", "--source", study, "--data", photos, "--run", adapted, "--no-controls"]
        for _ in 0..<2 {
            try run(again, Self.short)
            let result = try #require(try Adaptation.stored(adapted))
            #expect(result.outcomes[Adaptation.joint]?.test != nil)
        }
    }
}
