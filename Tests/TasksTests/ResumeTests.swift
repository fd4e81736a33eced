import Foundation
import TestImages
import Testing
import Torch

@testable import Tasks

/// The child half of the kill tests: this very test program, told by the environment to train until it is killed.
@Suite struct KilledChild {
    static let variable = "SUPERNET_TEST_RUN_FOLDER"

    static func start(_ folder: String) throws -> Process {
        try ChildTest.start("KilledChild", environment: [variable: folder])
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment[variable] != nil))
    func train() throws {
        guard let folder = ProcessInfo.processInfo.environment[Self.variable] else { return }
        let run = SmallRun(folder: folder)
        _ = try run.training(SmallRun.options(epochs: 60))()
    }
}

@Suite(.serialized) struct ResumeTests {
    @Test func aFinishedRunReturnsItsResultWithoutTraining() throws {
        let run = SmallRun()
        defer { run.remove() }
        let options = try SmallRun.options(epochs: 1)
        let first = try run.training(options)()
        let network = try Data(contentsOf: URL(fileURLWithPath: run.folder + "/network.safetensors"))
        #expect(try run.training(options)() == first)
        #expect(try Data(contentsOf: URL(fileURLWithPath: run.folder + "/network.safetensors")) == network)
    }

    /// Kill -9 at several moments, none of them chosen by the training; then the same call goes on to the same bytes.
    @Test func killedAndContinuedEqualsUninterrupted() throws {
        let whole = SmallRun()
        let broken = SmallRun()
        defer {
            whole.remove()
            broken.remove()
        }
        let options = try SmallRun.options(epochs: 60)
        // Uninterrupted in a process of its own, too: other tests of this one change how many threads compute.
        try KilledChild.start(whole.folder).waitUntilExit()
        let expected = try whole.training(options)()

        var kills = 0
        for delay in [0.4, 0.7, 0.5, 0.9] {
            let before = newestStep(broken.folder)
            let child = try KilledChild.start(broken.folder)
            // Not before it has got further than last time, so that each kill hits another place.
            let deadline = Date().addingTimeInterval(60)
            while newestStep(broken.folder) <= before, child.isRunning, Date() < deadline { usleep(20_000) }
            usleep(UInt32(delay * 300_000))
            guard child.isRunning else { break }
            kill(child.processIdentifier, SIGKILL)
            child.waitUntilExit()
            kills += 1
        }
        #expect(kills >= 2, "the training ended before it could be killed; make it longer")
        try KilledChild.start(broken.folder).waitUntilExit()
        let found = try broken.training(options)()

        for file in ["network.safetensors", "metrics.jsonl"] {
            let one = try Data(contentsOf: URL(fileURLWithPath: whole.folder + "/" + file))
            let other = try Data(contentsOf: URL(fileURLWithPath: broken.folder + "/" + file))
            #expect(one == other, "\(file) differs")
        }
        #expect(found.test == expected.test)
        #expect(found.steps == expected.steps)
    }

    private func newestStep(_ folder: String) -> String {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder + "/checkpoints")
        return names?.filter { $0.hasPrefix("step-") && $0.hasSuffix(".safetensors") }.max() ?? ""
    }
}
