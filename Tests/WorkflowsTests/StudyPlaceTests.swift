import Experiments
import Foundation
import Methods
import Support
import Testing
import Training

@testable import Workflows

/// A study is the same study wherever it lies and by whatever path it is named.
@Suite(.serialized) struct StudyPlaceTests {
    @Test func aStudyThatWasMovedGoesOn() throws {
        let small = SmallStudy()
        let moved = SmallStudy(folder: small.folder + "-moved")
        defer {
            small.remove()
            moved.remove()
        }
        let options = try SmallStudy.options(SinglePathMethod.name, epochs: 1)
        try small.run(options)
        let trained = try small.bytes("finetune/network.safetensors")
        try FileManager.default.moveItem(atPath: small.folder, toPath: moved.folder)
        let link = small.folder + "-link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: moved.folder)
        defer { unlink(link) }
        for path in [moved.folder, moved.folder + "/", link] {
            let study = try SmallStudy(folder: path).study(options)
            #expect(!study.path.hasSuffix("/"))
            _ = try SupernetTraining(study)()
            _ = try ArchitectureSearch(study)()
            _ = try NetworkPhase(study, .finetune).training()()
        }
        #expect(try moved.bytes("finetune/network.safetensors") == trained)
        // From scratch, too, which had not begun when the study was moved.
        _ = try NetworkPhase(moved.study(options), .retrain).training()()
    }

    /// As a study of an earlier version, whose record says nothing of places.
    @Test func aStudyOfBeforeGoesOn() throws {
        let small = SmallStudy()
        let moved = SmallStudy(folder: small.folder + "-moved")
        defer { moved.remove() }
        let options = try SmallStudy.options(SinglePathMethod.name, epochs: 1)
        try small.run(options)
        let file = small.folder + "/finetune/run.json"
        var record = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: file))) as? [String: Any])
        #expect(record.removeValue(forKey: "places") != nil)
        try JSONSerialization.data(withJSONObject: record).write(to: URL(filePath: file))
        unlink(small.folder + "/lock")
        try FileManager.default.moveItem(atPath: small.folder, toPath: moved.folder)
        _ = try NetworkPhase(moved.study(options), .finetune).training()()
    }

    /// Otherwise a fine-tuned network would pass for one of a search that did not find it.
    @Test func anotherSearchIsNotTakenForTheOneThatWasFineTuned() throws {
        let small = SmallStudy()
        defer { small.remove() }
        var options = try SmallStudy.options(SinglePathMethod.name, epochs: 1)
        try small.run(options)
        #expect(try RunFolder.setAside(small.folder + "/search") == small.folder + "/search.old-1")
        options.search.recalibrationImages = 16
        _ = try ArchitectureSearch(small.study(options))()
        let error = #expect(throws: RunFolderError.self) {
            _ = try NetworkPhase(small.study(options), .finetune).training()
        }
        #expect(error?.description.contains("network.from:") == true)
        #expect(error?.description.contains("with other content") == true)
        #expect(try RunFolder.setAside(small.folder + "/finetune") != nil)
        _ = try NetworkPhase(small.study(options), .finetune).training()()
    }

    @Test func aStudyInUseStaysWhereItIs() throws {
        let small = SmallStudy()
        defer {
            for end in ["", ".old-1"] { try? FileManager.default.removeItem(atPath: small.folder + end) }
        }
        let options = try SmallStudy.options(SinglePathMethod.name, epochs: 1)
        do {
            let study = try small.study(options)
            _ = try SupernetTraining(study)()
            // Between two phases, when no run is open.
            #expect(throws: RunFolderError.locked(path: small.folder, pid: getpid())) {
                _ = try Study.setAside(small.folder)
            }
            withExtendedLifetime(study) {}
        }
        try Data().write(to: URL(filePath: small.folder + "/.study.yaml.2147483000-1.tmp"))
        try small.study(options).claim()
        #expect(try !FilePath.list(small.folder).contains { $0.hasSuffix(".tmp") })
        #expect(try Study.setAside(small.folder + "/") == small.folder + ".old-1")
        #expect(!FilePath.exists(small.folder))
    }

    @Test func aForeignFolderIsNoPlaceForAStudy() throws {
        let small = SmallStudy()
        defer { small.remove() }
        try FilePath.makeFolder(small.folder)
        try AtomicFile.write("mine", to: small.folder + "/report.html")
        let refusal = RunFolderError.notARun(path: small.folder, found: ["report.html"])
        let study = try small.study(SmallStudy.options(SinglePathMethod.name))
        #expect(throws: refusal) { _ = try SupernetTraining(study)() }
        #expect(throws: refusal) { _ = try Study.setAside(small.folder) }
        let comparison = RankingComparisonConfiguration()
        #expect(throws: refusal) { _ = try Comparison.claim(small.folder, comparison, runs: []) }
        #expect(try FilePath.list(small.folder) == ["report.html"])
    }
}
