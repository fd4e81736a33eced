import Architectures
import Archives
import Foundation
import Methods
import Results
import TestFolders
import Testing

@testable import Workflows

/// Archives that somebody edited, or that are those of another search.
@Suite struct ArchiveRowsTests {
    private static func entry(_ architecture: String, score: Double = 0.5, parameters: Double = 10) -> ArchiveEntry {
        ArchiveEntry(
            architecture: architecture, score: score, costs: ["parameters": parameters, "multiplyAdds": 20],
            policy: "inherit", seed: 1, round: 0, seconds: 1)
    }

    @Test func aSearchGoesOnFromNoOtherSearchsRows() throws {
        let small = SmallStudy()
        defer { small.remove() }
        var options = try SmallStudy.options(SinglePathMethod.name, epochs: 1)
        (options.search.evaluations, options.search.initial) = (2, 2)
        let study = try small.study(options, images: 48)
        _ = try SupernetTraining(study)()
        let search = ArchitectureSearch(study)
        _ = try search()
        try FileManager.default.removeItem(atPath: search.folder + "/result.json")
        try ArchitectureArchive(existing: search.archiveFile).add([Self.entry("9 9 9")])
        let error = #expect(throws: ArchiveError.self) { _ = try search() }
        let words = try #require(error).description
        #expect(words.contains(search.archiveFile) && words.contains("`9 9 9`"), "\(words)")
    }

    @Test func resultsOfOtherNetworksAreNone() throws {
        func ages(_ actual: [Double], _ predicted: [Double]) -> Examples.Content {
            .numbers(quantity: "age", unit: "years", actual: actual, predicted: predicted)
        }
        func classes(_ actual: [Int], _ predicted: [Int], _ confidence: [Double]) -> Examples.Content {
            .classes(names: ["a"], actual: actual, predicted: predicted, confidence: confidence)
        }
        let examples: [([Int], Examples.Content, Bool)] = [
            ([0], ages([1], [1]), true), ([0], ages([1, 2], [1]), false), ([0, 1], ages([1], [1]), false),
            ([0], classes([0], [0], [1]), true), ([0], classes([0], [0], []), false),
            ([0], classes([0], [1], [1]), false), ([0], classes([-1], [0], [1]), false), ([], .galleries([]), true),
        ]
        for (images, content, isWhole) in examples {
            #expect(Examples(images: images, content).isWhole == isWhole, "\(images) \(content)")
        }
    }

    @Test func rowsThatCannotBeReckonedWithAreNamed() throws {
        let space = try SearchSpace("s", [ChoicePoint("a", ["x", "y"]), ChoicePoint("b", ["x", "y"])])
        let good = [Self.entry("0 1"), Self.entry("1 1", score: -2.5, parameters: 0)]
        var late = Self.entry("1 0")
        late.round = -1
        var slow = Self.entry("1 0")
        slow.seconds = 1e300
        let folder = try TemporaryFolder()
        for (number, bad) in [
            nil, Self.entry("0 2"), Self.entry("0 1 0"), Self.entry("1  0"), Self.entry("one"),
            Self.entry("1 0", score: 1e300), Self.entry("1 0", parameters: 1e300), Self.entry("1 0", parameters: -1),
            Self.entry("1 0", parameters: .infinity), Self.entry("1 0", parameters: .nan), late, slow,
        ].enumerated() {
            let archive = try ArchitectureArchive(path: folder.file("\(number).sqlite"), context: "c")
            try archive.add(good)
            guard let bad else {
                #expect(try archive.entries(in: space).map(\.architecture) == ["0 1", "1 1"])
                continue
            }
            try archive.add([bad])
            let error = #expect(throws: ArchiveError.self) { _ = try archive.entries(in: space) }
            let words = try #require(error).description
            #expect(words.contains(archive.path) && words.contains("`\(bad.architecture)`"), "\(words)")
        }
    }
}
