import Archives
import Foundation
import TestImages
import Testing

@testable import Workflows

/// The child half of the kill tests: this very test program, told by the environment to run a study until it is killed.
@Suite struct KilledStudyChild {
    static let variable = "SUPERNET_TEST_STUDY_FOLDER"

    static func start(_ folder: String) throws -> Process {
        try ChildTest.start("KilledStudyChild", environment: [variable: folder])
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment[variable] != nil))
    func run() throws {
        guard let folder = ProcessInfo.processInfo.environment[Self.variable] else { return }
        try SmallStudy(folder: folder).run(StudyKillTests.options())
    }
}

@Suite(.serialized) struct StudyKillTests {
    static func options() throws -> StudyConfiguration {
        var options = try SmallStudy.options(epochs: 12)
        options.search.evaluations = 60
        return options
    }

    /// Kill -9 in every phase, then go on: the same supernet, probe, archive and networks, byte for byte.
    @Test func killedInEachPhaseAndContinuedEqualsUninterrupted() throws {
        let whole = SmallStudy()
        let broken = SmallStudy()
        defer {
            whole.remove()
            broken.remove()
        }
        // Uninterrupted in a process of its own, too: other tests of this one change how many threads compute.
        try KilledStudyChild.start(whole.folder).waitUntilExit()
        let expected = try whole.run(Self.options())

        // A sign that a phase is under way, and not yet at its end.
        let signs = [
            "supernet/checkpoints/step-00000003.safetensors", "probe/checkpoints/step-00000003.safetensors",
            "search/archive.sqlite", "finetune/checkpoints/step-00000003.safetensors",
        ]
        var killed: [String] = []
        for sign in signs {
            let child = try KilledStudyChild.start(broken.folder)
            let deadline = Date().addingTimeInterval(120)
            while !hasStarted(sign, in: broken.folder), child.isRunning, Date() < deadline { usleep(2_000) }
            guard child.isRunning else { continue }
            kill(child.processIdentifier, SIGKILL)
            child.waitUntilExit()
            if !isFinished(sign, in: broken.folder) { killed.append(sign) }
        }
        #expect(killed.count >= 3, "too few phases were killed in their middle: \(killed)")
        try KilledStudyChild.start(broken.folder).waitUntilExit()
        let found = try broken.run(Self.options())

        #expect(found.architecture == expected.architecture)
        #expect(found.score == expected.score)
        #expect(found.validation == expected.validation)
        for file in [
            "supernet/supernet.safetensors", "supernet/teacher.safetensors", "supernet/metrics.jsonl",
            "probe/probe.safetensors", "search/network.safetensors", "finetune/network.safetensors",
        ] {
            #expect(try whole.bytes(file) == broken.bytes(file), "\(file) differs")
        }
        func scores(_ study: SmallStudy) throws -> [String: Double] {
            let entries = try ArchitectureArchive(existing: study.folder + "/search/archive.sqlite").entries()
            return Dictionary(uniqueKeysWithValues: entries.map { ($0.architecture, $0.score) })
        }
        #expect(try scores(whole) == scores(broken))
    }

    private func hasStarted(_ sign: String, in folder: String) -> Bool {
        guard FileManager.default.fileExists(atPath: folder + "/" + sign) else { return false }
        guard sign.hasSuffix(".sqlite") else { return true }
        // Only once some paths are in it; a search of which nothing is kept is no test.
        return ((try? ArchitectureArchive(existing: folder + "/" + sign).count) ?? 0) > 0
    }

    private func isFinished(_ sign: String, in folder: String) -> Bool {
        let phase = sign.split(separator: "/")[0]
        return FileManager.default.fileExists(atPath: "\(folder)/\(phase)/result.json")
    }
}
