import Archives
import Foundation
import TestFolders
import TestImages
import Testing
import Torch

@testable import SupernetCommands

/// A search whose paths several processes score: the same archive and network, whoever takes part and whoever ends.
@Suite(.serialized, .enabled(if: KeyValueStore.isAvailable)) struct SearchWorkersTests {
    private let folder: TemporaryFolder
    private let program = BuiltProgram("supernet")

    /// A study whose supernet has learned for a moment.
    init() throws {
        folder = try TemporaryFolder()
        try BarImages(count: 48).write(to: folder.file("bars"))
        let settings =
            SmallSettings.bars + [
                "space.stem=small", "space.planes=[16, 16]", "space.depths=[2, 2]", "space.expansion=1",
                "method.name=spos", "supernet.batch-size=8", "supernet.epochs=1", "search.evaluations=60",
                "search.initial=20", "search.round=20", "search.batch-size=8", "search.recalibration-images=16",
            ]
        let outcome = try program.run(
            ["train", "--run", "study", "--threads", "1"] + settings.flatMap { ["--set", $0] }, in: folder.path)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    /// A copy of the study.
    private func study(_ name: String) throws -> String {
        try FileManager.default.copyItem(atPath: folder.file("study"), toPath: folder.file(name))
        return folder.file(name)
    }

    private struct Found: Equatable {
        var scores: [String: [Double]]
        var network: Data
    }

    private func found(_ study: String) throws -> Found {
        let entries = try ArchitectureArchive(existing: "\(study)/search/archive.sqlite").entries()
        return Found(
            scores: Dictionary(uniqueKeysWithValues: entries.map { ($0.architecture, [$0.score, Double($0.round)]) }),
            network: try Data(contentsOf: URL(filePath: "\(study)/search/network.safetensors")))
    }

    private func search(_ name: String, _ arguments: [String]) throws -> Found {
        let study = try study(name)
        let outcome = try program.run(["search", study] + arguments, in: folder.path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try found(study)
    }

    /// The processes whose command line has these words.
    private static func processes(_ words: [String]) -> [pid_t] {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return numbers.compactMap { pid_t($0) }.filter { number in
            guard let line = try? Data(contentsOf: URL(filePath: "/proc/\(number)/cmdline")) else { return false }
            let own = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            return words.allSatisfy(own.contains)
        }
    }

    @Test func theResultDoesNotDependOnTheNumberOfWorkers() throws {
        let alone = try search("alone", ["--threads", "1"])
        #expect(alone.scores.count == 60)
        for count in 1...3 { #expect(try search("with-\(count)", ["--workers", "\(count)"]) == alone) }
    }

    @Test func aKilledWorkerLosesNothing() throws {
        let alone = try search("alone", ["--threads", "1"])
        let study = folder.file("killed")
        let thread = Thread {
            // As soon as they work; one is stopped for good, the other hangs and is ended with the search.
            var workers: [pid_t] = []
            while workers.count < 2 {
                workers = Self.processes([study, "--join"])
                usleep(5_000)
            }
            while !FileManager.default.fileExists(atPath: "\(study)/search/archive.sqlite") { usleep(2_000) }
            kill(workers[0], SIGKILL)
            kill(workers[1], SIGSTOP)
        }
        thread.start()
        #expect(try search("killed", ["--workers", "3"]) == alone)
        #expect(Self.processes([study]).isEmpty)
    }

    @Test func whoJoinsMustScoreTheSame() throws {
        let study = try study("joined")
        let other = try TemporaryFolder()
        // A search of which this test has the store, and whose scores depend on something else.
        let store = try KeyValueStore(
            host: "127.0.0.1", port: 0, serves: true, world: 1, timeout: 100, prefix: "search")
        try store.set("context", "supernet: another one")
        let outcome = try program.run(["search", study, "--join", "127.0.0.1:\(store.port)"], in: other.path)
        #expect(
            outcome.status == 1 && outcome.errors.contains("would score paths by other things"), "\(outcome.errors)")
        for arguments in [["--join", "nowhere"], ["--port", "5000"], ["--workers", "0"]] {
            #expect(try program.run(["search", study] + arguments, in: other.path).status == 64)
        }
    }
}
