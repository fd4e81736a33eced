import Foundation
import Support
import Testing

@testable import Experiments

/// A run goes on by whatever path its files are named, and not with others.
@Suite struct NamedPlaceTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(_ name: String, _ from: String, digest: Bool = true) throws -> RunFolder {
        var configuration = NamingConfiguration()
        configuration.from = from
        let place = NamedPlace(from, digest: digest ? try FileDigest.text(of: from) : nil)
        return try RunFolder(
            folder.file(name), configuration: Resolved(configuration), seed: 1, places: ["from": place])
    }

    @Test func aFileIsKnownByItsContent() throws {
        let old = try folder.write("weights", to: "old/search/network")
        #expect(try open("run", old).record.places?["from"]?.path == FilePath.real(old))
        try FileManager.default.moveItem(atPath: folder.file("old"), toPath: folder.file("new"))
        let new = folder.file("new/search/network")
        #expect(try open("run", new).isResumed)
        #expect(RunFolder.places(of: folder.file("run"))["from"]?.path == FilePath.real(new))
        try folder.write("other weights", to: "new/search/network")
        let error = #expect(throws: RunFolderError.self) { _ = try open("run", new) }
        #expect(error?.description.contains("  from: \(new) as it was then → \(new) with other content\n") == true)
    }

    @Test func aFolderIsKnownByWhereItIs() throws {
        let data = try folder.makeFolder("data")
        _ = try open("run", data, digest: false)
        try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: data)
        for name in [data + "/", folder.file("link"), folder.file("data/../data")] {
            #expect(try open("run", name, digest: false).isResumed)
        }
        let other = try folder.makeFolder("other")
        #expect(throws: RunFolderError.self) { _ = try open("run", other, digest: false) }
    }

    /// Of a run of before, there is nothing but the text.
    @Test func aRunWithoutRecordedPlacesGoesOn() throws {
        let file = try folder.write("weights", to: "new/search/network")
        for (text, isSame) in [("runs/old/search/network", true), ("search/network", true), ("other/network", false)] {
            var configuration = NamingConfiguration()
            configuration.from = text
            let path = "run-\(text.count)"
            _ = try RunFolder(folder.file(path), configuration: Resolved(configuration), seed: 1)
            if isSame {
                #expect(try open(path, file).isResumed)
            } else {
                #expect(throws: RunFolderError.self) { _ = try open(path, file) }
            }
        }
    }
}

/// Settings that name a file.
private struct NamingConfiguration: Configuration {
    var from = ""
}

@Suite struct CommandTextTests {
    /// A shell takes the text apart into what it was made of.
    @Test func aShellReadsTheArgumentsBack() throws {
        let arguments = [
            "rank", "runs/a b", "--set", "data.source='x'", "--set", "depths=[1, 2]", "$HOME", "*", "", "größe", "a\\b",
            "x;y", "--size", "128x64",
        ]
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        let text = CommandText.text(["/somewhere/supernet"] + arguments)
        shell.arguments = ["-c", "supernet() { printf '%s\\n' \"$@\"; }; " + text]
        let pipe = Pipe()
        shell.standardOutput = pipe
        try shell.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        shell.waitUntilExit()
        #expect(output == arguments.map { $0 + "\n" }.joined())
    }

    @Test func plainArgumentsStayPlain() {
        #expect(
            CommandText.text(["supernet", "adapt", "--set", "supernet.epochs=3", "--size", "128x64"])
                == "supernet adapt --set supernet.epochs=3 --size 128x64")
    }

    @Test func whatComesNextIsGivenAsItStands() {
        #expect(
            CommandText.command("adapt", "--source", "runs/my study #1", "--data", "IMAGES")
                == "supernet adapt --source 'runs/my study #1' --data IMAGES")
        #expect(CommandText.path("-photos/a") == "./-photos/a")
        #expect(CommandText.path("photos") == "photos")
    }

    @Test func whatComesNextNamesTheDataAsAShellTakesIt() {
        #expect(
            CommandText.next(["run"], data: "in/my photos #1", ["--size", "56x80"])
                == "supernet run --data 'in/my photos #1' --size 56x80")
        #expect(CommandText.next(["adapt"], data: "-photos") == "supernet adapt --data ./-photos")
    }
}

@Suite struct GitCommitTests {
    private let folder: TemporaryFolder
    private let hash = String(repeating: "0123456789", count: 4)
    private let other = String(repeating: "f", count: 40)

    init() throws {
        folder = try TemporaryFolder()
        try FilePath.makeFolder(folder.file("repo/.git/refs/heads"))
        try FilePath.makeFolder(folder.file("repo/sources/deep"))
    }

    private var commit: String? { GitCommit.current(from: folder.file("repo/sources/deep")) }

    @Test func aBranchIsFollowedLooseBeforePacked() throws {
        try folder.write("ref: refs/heads/main\n", to: "repo/.git/HEAD")
        #expect(commit == nil)
        try folder.write("# pack-refs\n\(other) refs/heads/main\n^\(hash)\n", to: "repo/.git/packed-refs")
        #expect(commit == other)
        try folder.write("\(hash)\n", to: "repo/.git/refs/heads/main")
        #expect(commit == hash)
    }

    @Test func aDetachedHeadIsTheCommit() throws {
        try folder.write("\(hash)\n", to: "repo/.git/HEAD")
        #expect(commit == hash)
        try folder.write("rubbish\n", to: "repo/.git/HEAD")
        #expect(commit == nil)
    }

    @Test func aLinkedWorktreeSharesTheBranches() throws {
        try FilePath.makeFolder(folder.file("tree"))
        try FilePath.makeFolder(folder.file("repo/.git/worktrees/tree"))
        try folder.write("gitdir: ../repo/.git/worktrees/tree\n", to: "tree/.git")
        try folder.write("ref: refs/heads/side\n", to: "repo/.git/worktrees/tree/HEAD")
        try folder.write("../..\n", to: "repo/.git/worktrees/tree/commondir")
        try folder.write("\(hash)\n", to: "repo/.git/refs/heads/side")
        #expect(GitCommit.current(from: folder.file("tree")) == hash)
    }

    @Test func outsideACheckoutThereIsNone() throws {
        #expect(GitCommit.current(from: folder.path) == nil)
        #expect(GitCommit.current(from: folder.file("nowhere")) == nil)
    }
}
