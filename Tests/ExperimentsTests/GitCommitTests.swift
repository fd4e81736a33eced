import Support
import Testing

@testable import Experiments

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
