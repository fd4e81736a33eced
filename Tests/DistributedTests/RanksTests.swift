import Foundation
import TestFolders
import Testing
import Torch

@testable import Distributed

/// Several processes on this machine: what they compute together, and what they say when one is missing.
@Suite(.serialized, .enabled(if: KeyValueStore.isAvailable)) struct RanksTests {
    @Test(arguments: [("collectives", 4), ("store", 3), ("norm", 2), ("norm", 4), ("rows", 4), ("alone", 2)])
    func allAreRight(task: String, ranks: Int) throws {
        let outcomes = try RankChild.outcomes(task, ranks: ranks)
        #expect(outcomes == [String](repeating: "right", count: ranks), "\(outcomes)")
    }

    @Test func gradientsOfDifferentParametersAreNotExchanged() throws {
        for words in try RankChild.outcomes("gradients", ranks: 3) {
            #expect(words.contains("gradients of different parameters in step 1"), "\(words)")
        }
    }

    @Test func whatMustBeEqualIsCompared() throws {
        for words in try RankChild.outcomes("unequal", ranks: 2) {
            #expect(words.contains("rank 1 has another number of parameters than rank 0: 8, not 7"), "\(words)")
        }
    }

    /// A path for which a test waits.
    private static func wait(for path: String) {
        let deadline = Date().addingTimeInterval(30)
        while !FileManager.default.fileExists(atPath: path), Date() < deadline { usleep(2_000) }
    }

    @Test(arguments: [0, 1, 2]) func whoIsKilledIsNamed(victim: Int) throws {
        let folder = try TemporaryFolder()
        let port = try freePort()
        let children = try (0..<3).map {
            try RankChild.start("steps", rank: $0, of: 3, port: port, folder: folder.path)
        }
        Self.wait(for: folder.file("at-20-\(victim)"))
        kill(children[victim].processIdentifier, SIGKILL)
        for child in children { child.waitUntilExit() }
        for rank in 0..<3 where rank != victim {
            let words = try folder.text("\(rank)")
            #expect(words.contains("rank \(victim)") && words.contains("ended or cannot be reached"), "\(words)")
        }
    }

    @Test func whoHangsIsNamed() throws {
        let folder = try TemporaryFolder()
        let port = try freePort()
        let children = try (0..<3).map {
            try RankChild.start("steps", rank: $0, of: 3, port: port, folder: folder.path, timeout: 10)
        }
        Self.wait(for: folder.file("at-20-1"))
        kill(children[1].processIdentifier, SIGSTOP)
        for rank in [0, 2] { children[rank].waitUntilExit() }
        kill(children[1].processIdentifier, SIGKILL)
        children[1].waitUntilExit()
        for rank in [0, 2] {
            let words = try folder.text("\(rank)")
            #expect(words.contains("rank 1"), "\(words)")
            #expect(words.contains("did not come within 10 s") || words.contains("ended"), "\(words)")
        }
        #expect(
            try folder.text("0").contains("did not come within 10 s")
                || folder.text("2").contains("did not come within 10 s"))
    }

    @Test func whoNeverComesIsNamed() throws {
        let folder = try TemporaryFolder()
        let port = try freePort()
        let children = try [0, 2].map {
            try RankChild.start("steps", rank: $0, of: 4, port: port, folder: folder.path, timeout: 8)
        }
        for child in children { child.waitUntilExit() }
        #expect(try folder.text("0").contains("ranks 1, 3 of 4 did not come to 127.0.0.1:\(port) within 8 s"))
    }

    private func refusal(_ world: World) -> String {
        do {
            _ = try Ranks(world, timeout: 1)
            return "joined"
        } catch { return "\(error)" }
    }

    @Test func placesThatCannotBeAreTold() throws {
        // The port is this process's.
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        let port = try boundPort(socket)
        listen(socket, 1)
        let folder = try TemporaryFolder()
        let child = try RankChild.start("steps", rank: 0, of: 2, port: port, folder: folder.path, timeout: 1)
        child.waitUntilExit()
        #expect(try folder.text("0").contains("is taken: choose another MASTER_PORT"))
        let nowhere = World(rank: 1, size: 2, localRank: 0, localSize: 1, address: "no.such.host.invalid", port: 5_000)
        #expect(refusal(nowhere).contains("rank 1 does not find the others at no.such.host.invalid:5000"))
        let nobody = World(rank: 1, size: 2, localRank: 0, localSize: 1, address: "127.0.0.1", port: try freePort())
        #expect(refusal(nobody).contains("rank 0 must run there"))
    }

    @Test func pythonIsAPeer() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
        func python(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Process {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["python3"] + arguments
            process.environment = ProcessInfo.processInfo.environment
                .merging(["PYTHONPATH": root.appending(path: ".deps/python").path]) { $1 }
                .merging(environment) { $1 }
            (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
            try process.run()
            return process
        }
        let trial = try python(["-c", "import torch.distributed"])
        trial.waitUntilExit()
        guard trial.terminationStatus == 0 else {
            print("skipped: Python cannot import torch here (typing_extensions may be missing)")
            return
        }
        let folder = try TemporaryFolder()
        let port = try freePort()
        let own = try RankChild.start("peer", rank: 0, of: 2, port: port, folder: folder.path)
        let world = World(rank: 1, size: 2, localRank: 1, localSize: 2, address: "127.0.0.1", port: port)
        let other = try python([root.appending(path: "Tests/Goldens/process_peer.py").path], world.environment)
        other.waitUntilExit()
        own.waitUntilExit()
        #expect(other.terminationStatus == 0)
        #expect(try folder.text("0") == "right")
    }
}
