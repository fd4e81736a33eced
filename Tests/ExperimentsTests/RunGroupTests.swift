import Foundation
import Support
import Testing

@testable import Experiments

/// Whose folders are: only what this program wrote is written into, or renamed.
@Suite struct RunGroupTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("study") }
    private let layout = RunGroup.Layout(record: "study.yaml", runs: ["supernet", "search"], others: ["report.html"])

    init() throws { folder = try TemporaryFolder() }

    @discardableResult
    private func run(_ name: String) throws -> RunFolder {
        try RunFolder("\(path)/\(name)", configuration: Resolved(SampleConfiguration()), seed: 1)
    }

    private func foreign(_ names: String...) -> RunFolderError { .notARun(path: path, found: names) }

    @Test func aStudyIsBegunGoneOnWithAndSetAside() throws {
        do {
            let group = try RunGroup(path, layout)
            try run("supernet")
            try folder.write("seed: 1\n", to: "study/study.yaml")
            withExtendedLifetime(group) {}
        }
        // Somebody's notes in a study do not make it somebody's.
        try folder.write("mine", to: "study/notes.txt")
        _ = try RunGroup(path, layout)
        #expect(try RunGroup.setAside(path + "/", layout) == path + ".old-1")
        #expect(try folder.names == ["study.old-1"])
        #expect(try folder.text("study.old-1/notes.txt") == "mine")
        #expect(try RunGroup.setAside(path, layout) == nil)
    }

    /// A configuration or a page is no record: anybody may have one of that name.
    @Test(arguments: [["report.html"], ["study.yaml"], ["study.yaml", "supernet/weights.bin"], ["supernet/data.csv"]])
    func aForeignFolderIsRefusedAndLeftAlone(files: [String]) throws {
        for file in files { try folder.write("mine", to: "study/\(file)") }
        let names = try FilePath.list(path)
        #expect(throws: RunFolderError.notARun(path: path, found: names)) { _ = try RunGroup(path, layout) }
        #expect(throws: RunFolderError.notARun(path: path, found: names)) { _ = try RunGroup.setAside(path, layout) }
        #expect(try FilePath.list(path) == names && folder.names == ["study"])
        for file in files { #expect(try folder.text("study/\(file)") == "mine") }
    }

    @Test func aConfigurationAloneIsNoRun() throws {
        try folder.write("seed: 3\n", to: "study/config.yaml")
        #expect(throws: foreign("config.yaml")) {
            _ = try RunFolder(path, configuration: Resolved(SampleConfiguration()), seed: 1, fresh: true)
        }
        #expect(throws: foreign("config.yaml")) { _ = try RunFolder.setAside(path) }
        #expect(try folder.text("study/config.yaml") == "seed: 3\n" && FilePath.list(path) == ["config.yaml"])
    }

    @Test func aStudyOfBeforeWithoutALockGoesOn() throws {
        try run("search")
        try folder.write("seed: 1\n", to: "study/study.yaml")
        try folder.write("page", to: "study/report.html")
        _ = try RunGroup(path, layout)
        #expect(FilePath.exists(path + "/lock"))
    }

    /// Killed at any moment of the first start, a study begins.
    @Test func aStartThatWasKilledStartsAgain() throws {
        try FilePath.makeFolder(path)
        for _ in 0..<2 { _ = try RunGroup(path, layout) }
        try FilePath.makeFolder(path + "/supernet")
        _ = try RunGroup(path, layout)
        try run("supernet")
        try folder.write("", to: "study/.study.yaml.2147483000-4.tmp")
        _ = try RunGroup(path, layout)
        #expect(try FilePath.list(path) == ["lock", "supernet"])
    }

    @Test func whatIsAtWorkIsNotSetAside() throws {
        do {
            let group = try RunGroup(path, layout)
            // Another phase may work beside it.
            let other = try RunGroup(path, layout)
            try run("supernet")
            #expect(throws: RunFolderError.locked(path: path, pid: getpid())) {
                _ = try RunGroup.setAside(path, layout)
            }
            withExtendedLifetime((group, other)) {}
        }
        do {
            // A phase by itself, as an earlier version ran it; of any depth.
            let phase = try run("rank/truth-accuracy")
            #expect(throws: RunFolderError.locked(path: phase.path, pid: getpid())) {
                _ = try RunGroup.setAside(path, layout)
            }
            #expect(throws: RunFolderError.locked(path: phase.path, pid: getpid())) {
                _ = try RunFolder.setAside(phase.path)
            }
        }
        #expect(try RunGroup.setAside(path, layout) != nil)
    }
}
