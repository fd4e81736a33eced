import Foundation
import Support
import Testing

@testable import Experiments

@Suite struct CheckpointTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func save(_ step: Int) throws {
        try AtomicFile.write([1, 2, 3], to: folder.file(CheckpointFile.name(step: step)))
    }

    private var steps: [Int] {
        get throws { try CheckpointFile.list(in: folder.path).map(\.step) }
    }

    @Test func namesAndStepsAreInverse() {
        for step in [0, 1, 1234, 99_999_999, 100_000_000, Int.max] {
            #expect(CheckpointFile.step(named: CheckpointFile.name(step: step)) == step)
        }
        #expect(CheckpointFile.name(step: 1234) == "step-00001234.safetensors")
        for name in [
            "step-1234.safetensors", "step-+0001234.safetensors", "step-0000001x.safetensors", "step-00001234.pt",
            ".step-00001234.safetensors.7-1.tmp", "step-00001234.safetensors.tmp", "step--0000001.safetensors",
            "step-.safetensors", "last.safetensors", "step-99999999999999999999.safetensors", "",
        ] {
            #expect(CheckpointFile.step(named: name) == nil, "\(name)")
        }
    }

    @Test func checkpointsAreListedOldestFirst() throws {
        for step in [1000, 900, 2000] { try save(step) }
        try folder.write("", to: ".step-00009999.safetensors.7-1.tmp")
        let found = try CheckpointFile.list(in: folder.path)
        #expect(found.map(\.step) == [900, 1000, 2000])
        #expect(found.first?.path == folder.file("step-00000900.safetensors"))
        #expect(throws: FileError.self) { try CheckpointFile.list(in: folder.file("none")) }
    }

    private func candidates(_ metrics: [Double?]) -> [CheckpointRetention.Candidate] {
        metrics.enumerated().map { .init(step: $0.offset, metric: $0.element) }
    }

    @Test func theLastAndTheBestAreKept() throws {
        let all = candidates([0.3, 0.9, nil, .nan, 0.9, 0.1, 0.2])
        #expect(try CheckpointRetention(last: 2, best: 1, higherIsBetter: true).kept(all) == [1, 5, 6])
        #expect(try CheckpointRetention(last: 2, best: 2, higherIsBetter: true).kept(all) == [1, 4, 5, 6])
        #expect(try CheckpointRetention(last: 1, best: 2, higherIsBetter: false).kept(all) == [5, 6])
        #expect(try CheckpointRetention(last: 1, best: 0, higherIsBetter: true).kept(all) == [6])
        #expect(try CheckpointRetention(last: 9, best: 9, higherIsBetter: true).kept(all) == Set(0...6))
        #expect(try CheckpointRetention(last: 1, best: 1, higherIsBetter: true).kept([]).isEmpty)
        #expect(
            try CheckpointRetention(last: 1, best: 9, higherIsBetter: true).ranked(all).map(\.step) == [1, 4, 0, 6, 5])
    }

    @Test func impossibleRetentionsAreRefused() {
        let error = #expect(throws: InvalidConfiguration.self) {
            try CheckpointRetention(last: 0, best: -1, higherIsBetter: true)
        }
        #expect(error?.issues.map(\.key) == ["keep-last", "keep-best"])
    }

    @Test func theIndexDeletesWhatRetentionLetsGoAndRemembersMetrics() throws {
        let retention = try CheckpointRetention(last: 2, best: 1, higherIsBetter: true)
        var index = try CheckpointIndex(folder: folder.path)
        for (step, metric) in [(10, 0.9), (20, 0.1), (30, .infinity), (40, 0.3)] as [(Int, Double)] {
            try save(step)
            try index.add(step: step, metric: metric, retention: retention)
        }
        #expect(try steps == [10, 30, 40])
        let again = try CheckpointIndex(folder: folder.path)
        #expect(again.candidates == index.candidates)
        #expect(again.candidates.map(\.metric) == [0.9, nil, 0.3])
        #expect(throws: FileError.self) { try index.add(step: 50, metric: nil, retention: retention) }
    }

    @Test func theFilesAreTheTruth() throws {
        var index = try CheckpointIndex(folder: folder.path)
        let retention = try CheckpointRetention(last: 5, best: 1, higherIsBetter: true)
        for step in 1...3 {
            try save(step)
            try index.add(step: step, metric: Double(step), retention: retention)
        }
        // Killed between writing a checkpoint and the index; another one deleted by hand; a leftover.
        try save(4)
        unlink(folder.file(CheckpointFile.name(step: 2)))
        try folder.write("", to: ".step-00000005.safetensors.7-1.tmp")
        let found = try CheckpointIndex(folder: folder.path)
        #expect(
            found.candidates == [.init(step: 1, metric: 1), .init(step: 3, metric: 3), .init(step: 4, metric: nil)])
        #expect(!FilePath.exists(folder.file(".step-00000005.safetensors.7-1.tmp")))
        try folder.write("{ damaged", to: "index.json")
        let damaged = try CheckpointIndex(folder: folder.path)
        #expect(damaged.candidates.map(\.metric) == [nil, nil, nil])
        #expect(damaged.problem?.hasPrefix(folder.file("index.json")) == true && found.problem == nil)
    }

    @Test func aResumeDeletesTheCheckpointsOfAnAbandonedFuture() throws {
        for step in 1...4 { try save(step) }
        #expect(try CheckpointIndex(folder: folder.path, resumeStep: 2).candidates.map(\.step) == [1, 2])
        #expect(try steps == [1, 2])
    }
}
