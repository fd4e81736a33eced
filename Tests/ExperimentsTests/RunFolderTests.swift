import Foundation
import Support
import Testing

@testable import Experiments

@Suite struct RunFolderTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("runs/first") }

    init() throws { folder = try TemporaryFolder() }

    private func open(
        _ change: (inout SampleConfiguration) -> Void = { _ in }, seed: UInt64 = 7, fresh: Bool = false
    ) throws -> RunFolder {
        var configuration = SampleConfiguration()
        change(&configuration)
        return try RunFolder(
            path, configuration: try Resolved(configuration), seed: seed, command: ["supernet", "train"],
            versions: ["libtorch": "2.13.0"], fresh: fresh, sourceFolder: folder.path,
            now: Date(timeIntervalSince1970: 1_700_000_000))
    }

    @Test func aRunIsCreatedAndOpenedAgain() throws {
        do {
            let run = try open()
            #expect(!run.isResumed && run.setAside == nil)
            #expect(
                try FilePath.list(path) == ["checkpoints", "config.yaml", "events", "lock", "run.json"])
            #expect(try folder.text("runs/first/config.yaml") == Resolved(SampleConfiguration()).yaml())
        }
        let again = try open()
        #expect(again.isResumed)
        #expect(again.record.seed == 7)
        #expect(again.record.starts.map(\.time) == ["2023-11-14T22:13:20Z", "2023-11-14T22:13:20Z"])
        #expect(again.record.starts[0].command == ["supernet", "train"])
        #expect(again.record.starts[0].versions == ["libtorch": "2.13.0"])
        #expect(try RunRecord.read(again.recordFile) == again.record)
    }

    @Test func otherSettingsAreRefusedKeyByKey() throws {
        _ = try open()
        let before = try folder.text("runs/first/run.json")
        let error = #expect(throws: RunFolderError.self) {
            _ = try open(
                { configuration in
                    configuration.train.epochs = 31
                    configuration.sizes = [8]
                }, seed: 8)
        }
        #expect(
            error?.description == """
                the run \(path) was started with other settings:
                  train.epochs: 30 → 31
                  sizes: [96, 128] → [8]
                  seed of the run: 7 → 8
                restore them to go on with it, choose another folder with --run, or start over with --fresh
                """)
        #expect(try folder.text("runs/first/run.json") == before)
    }

    @Test func keysThatDoNotAffectTheResultMayDiffer() throws {
        _ = try open()
        #expect(try open { $0.threads = 64 }.isResumed)
        #expect(try folder.text("runs/first/config.yaml").contains("threads: 64"))
    }

    @Test func freshSetsTheOldRunAsideWhole() throws {
        _ = try open()
        try folder.write("kept", to: "runs/first/archive.sqlite")
        let run = try open({ $0.train.epochs = 1 }, fresh: true)
        #expect(!run.isResumed && run.record.starts.count == 1)
        #expect(run.setAside == path + ".old-1")
        #expect(try folder.text("runs/first.old-1/archive.sqlite") == "kept")
        #expect(try folder.text("runs/first.old-1/config.yaml").contains("epochs: 30"))
        #expect(!FilePath.exists(folder.file("runs/first/archive.sqlite")))
    }

    @Test func freshWithoutAnOldRunJustStarts() throws {
        #expect(try open(fresh: true).setAside == nil)
    }

    @Test func aSecondWriterIsRefusedWhileTheFirstLives() throws {
        do {
            let run = try open()
            #expect(throws: RunFolderError.locked(path: run.path, pid: getpid())) { _ = try open() }
            #expect(throws: RunFolderError.locked(path: run.path, pid: getpid())) { _ = try open(fresh: true) }
        }
        #expect(try open().isResumed)
        #expect(RunFolderError.locked(path: "r", pid: 12).description.contains("written by process 12;"))
    }

    @Test func anotherProcessHoldsTheLockAndItsDeathFreesIt() throws {
        _ = try open()
        let holder = Process()
        holder.executableURL = URL(filePath: "/usr/bin/env")
        // `--close` keeps the lock from the command, so that it goes with this one process; the command ends with its
        // input.
        holder.arguments = ["flock", "--close", "\(path)/lock", "-c", "echo held; exec cat"]
        let (input, output) = (Pipe(), Pipe())
        holder.standardInput = input
        holder.standardOutput = output
        try holder.run()
        #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) == "held\n")
        #expect(throws: RunFolderError.self) { _ = try open() }
        kill(holder.processIdentifier, SIGKILL)
        try input.fileHandleForWriting.close()
        holder.waitUntilExit()
        #expect(try open().isResumed)
    }

    @Test func aForeignFolderIsRefusedAndLeftAlone() throws {
        try FilePath.makeFolder(path)
        try folder.write("mine", to: "runs/first/thesis.txt")
        #expect(throws: RunFolderError.notARun(path: path, found: ["thesis.txt"])) { _ = try open() }
        #expect(throws: RunFolderError.notARun(path: path, found: ["thesis.txt"])) { _ = try open(fresh: true) }
        #expect(try FilePath.list(path) == ["thesis.txt"])
    }

    @Test func aFileInTheFoldersPlaceIsRefused() throws {
        try FilePath.makeFolder(folder.file("runs"))
        try folder.write("", to: "runs/first")
        #expect(throws: FileError.self) { _ = try open() }
    }

    /// Killed after each step of the first start, the same command starts the run.
    @Test(arguments: [
        ["lock"], ["lock", "events/"], ["lock", "events/", "checkpoints/", ".config.yaml.9-1.tmp"],
        ["lock", "events/", "checkpoints/", "config.yaml", ".run.json.9-2.tmp"],
    ])
    func aStartThatWasKilledStartsAgain(leftovers: [String]) throws {
        try FilePath.makeFolder(path)
        for name in leftovers {
            if name.hasSuffix("/") {
                try FilePath.makeFolder("\(path)/\(name)")
            } else {
                try folder.write("threads: 1\n", to: "runs/first/\(name)")
            }
        }
        let run = try open()
        #expect(!run.isResumed && run.record.starts.count == 1)
        #expect(try FilePath.list(path) == ["checkpoints", "config.yaml", "events", "lock", "run.json"])
    }

    @Test func temporaryLeftoversOfAKilledRunAreRemoved() throws {
        _ = try open()
        try folder.write("half", to: "runs/first/checkpoints/.step-00000003.safetensors.9-1.tmp")
        let run = try open()
        #expect(try FilePath.list(run.checkpointsFolder).isEmpty)
    }

    @Test func whatCannotBeReadBackIsRefused() throws {
        _ = try open()
        let record = try folder.text("runs/first/run.json")
        try folder.write("{", to: "runs/first/run.json")
        #expect(throws: RunFolderError.self) { _ = try open() }
        try folder.write(record, to: "runs/first/run.json")
        try folder.write("no-such-key: 1\n", to: "runs/first/config.yaml")
        let error = #expect(throws: RunFolderError.self) { _ = try open() }
        #expect(error?.description.contains("unknown key `no-such-key`") == true)
        #expect(try open(fresh: true).setAside != nil)
    }

    @Test func keysNewerThanTheRunCountAsTheirDefaults() throws {
        _ = try open()
        let yaml = try folder.text("runs/first/config.yaml").replacing("sizes: [96, 128]\n", with: "")
        try folder.write(yaml, to: "runs/first/config.yaml")
        #expect(throws: RunFolderError.self) { _ = try open { $0.sizes = [1] } }
        #expect(try open().isResumed)
    }
}
