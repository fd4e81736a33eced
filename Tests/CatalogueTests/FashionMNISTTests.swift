import Datasets
import Foundation
import TestFolders
import TestImages
import Testing

@testable import Catalogue

@Suite struct FashionMNISTTests {
    /// A source whose site is a local folder, whose package is not installed and whose tools are the system's without
    /// apt-get.
    private func source(_ folder: TemporaryFolder, tools: [String] = ["curl", "sha256sum"]) throws -> FashionMNIST {
        let bin = try folder.makeFolder("bin")
        for name in tools {
            let tool = try #require(Tool(name), "\(name) is needed by this test")
            try FileManager.default.createSymbolicLink(atPath: "\(bin)/\(name)", withDestinationPath: tool.path)
        }
        try folder.write("first\n", to: "site/a.gz")
        try folder.write("second\n", to: "site/b.gz")
        return FashionMNIST(
            installed: folder.path + "/installed", mirror: "file://\(folder.path)/site/", searchPath: bin,
            files: [
                "a.gz": "c3e9e592427f94f11c48bd6cba71bb2db0a63c9ab4f6a0e7b9ef9b1ee1ef0e21",
                "b.gz": "c3e9e592427f94f11c48bd6cba71bb2db0a63c9ab4f6a0e7b9ef9b1ee1ef0e21",
            ])
    }

    @Test func filesAreFetchedCheckedKeptAndRepaired() throws {
        let folder = try TemporaryFolder()
        var source = try source(folder)
        source.files = try sums(folder, source)
        let cache = folder.path + "/cache"
        var said: [String] = []
        let target = try source.obtain(cache: cache) { said.append($0) }
        #expect(target == cache + "/fashion-mnist")
        #expect(said == ["fetching a.gz", "fetching b.gz"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: target).sorted() == ["a.gz", "b.gz"])

        // All is there: nothing is fetched, even from a site that is gone.
        source.mirror = "file:///nowhere/"
        #expect(try source.obtain(cache: cache) { said.append($0) } == target)
        #expect(said.count == 2)

        // A damaged file is replaced, the good one kept.
        source.mirror = "file://\(folder.path)/site/"
        try folder.write("damaged\n", to: "cache/fashion-mnist/b.gz")
        _ = try source.obtain(cache: cache) { said.append($0) }
        #expect(said.last == "fetching b.gz" && said.count == 3)
        #expect(try String(contentsOfFile: target + "/b.gz", encoding: .utf8) == "second\n")
    }

    @Test func anInstalledPackageIsUsedWhereItIs() throws {
        let folder = try TemporaryFolder()
        var source = try source(folder)
        source.files = try sums(folder, source)
        source.installed = folder.path + "/site"
        #expect(try source.obtain(cache: folder.path + "/cache") { _ in } == folder.path + "/site")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/cache"))
    }

    @Test func aFileWithAnotherChecksumIsNeverTaken() throws {
        let folder = try TemporaryFolder()
        let source = try source(folder)
        let cache = folder.path + "/cache"
        expectError(.unobtainable, "a.gz was fetched with SHA-256", "c3e9e592", "apt-get and dpkg-deb are not both") {
            _ = try source.obtain(cache: cache) { _ in }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: cache + "/fashion-mnist") == [])
    }

    @Test func everyFailureIsExplained() throws {
        var folder = try TemporaryFolder()
        var gone = try source(folder)
        gone.mirror = "file:///nowhere/"
        expectError(.unobtainable, "the data set's site: curl", "a.gz, b.gz", "dataset-fashion-mnist") {
            _ = try gone.obtain(cache: folder.path) { _ in }
        }
        folder = try TemporaryFolder()
        let bare = try source(folder, tools: ["sha256sum"])
        expectError(.unobtainable, "curl is not installed", "Check the network") {
            _ = try bare.obtain(cache: folder.path) { _ in }
        }
        folder = try TemporaryFolder()
        let blind = try source(folder, tools: ["curl"])
        try folder.write("x", to: "cache/fashion-mnist/a.gz")
        expectError(.unobtainable, "sha256sum is not installed") {
            _ = try blind.obtain(cache: folder.path + "/cache") { _ in }
        }
        try folder.write("a file", to: "taken")
        expectError(.unwritable, "taken") { _ = try blind.obtain(cache: folder.path + "/taken") { _ in } }
    }

    @Test func aFullDiskIsNamedAsSuch() throws {
        let folder = try TemporaryFolder()
        let source = try source(folder, tools: ["sha256sum"])
        let script = try folder.write(
            "#!/bin/sh\necho 'curl: (23) client returned ERROR on write' >&2\nexit 23\n", to: "bin/curl")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
        expectError(.unwritable, "no room", "SUPERNET_CACHE") { _ = try source.obtain(cache: folder.path) { _ in } }
    }

    @Test func checksumsAndClassNamesAreComplete() {
        #expect(FashionMNIST.checksums.count == 4)
        #expect(FashionMNIST.checksums.values.allSatisfy { $0.count == 64 && $0.allSatisfy(\.isHexDigit) })
        #expect(FashionMNIST.classNames.count == 10)
    }

    /// Reads the real files where they are already, and fetches nothing.
    @Test(.enabled(if: FashionMNISTTests.cached != nil))
    func realFilesHaveTheirImagesPerClass() throws {
        let opened = try FashionMNIST.open(at: try #require(Self.cached))
        for (part, size) in [(opened.train, 6_000), (try #require(opened.test), 1_000)] {
            var counts = [Int](repeating: 0, count: 10)
            for index in 0..<part.count { counts[part.label(at: index)] += 1 }
            #expect(counts == Array(repeating: size, count: 10))
            let image = try part.image(at: part.count - 1, decoding: ImageDecoding())
            #expect((image.width, image.height, image.channels) == (28, 28, 1))
        }
    }

    private static let cached: String? = {
        let cache = try? DatasetCache.defaultFolder()
        let folders = [FashionMNIST().installed] + (cache.map { [$0 + "/fashion-mnist"] } ?? [])
        return folders.first { FileBytes.isFile($0 + "/train-images-idx3-ubyte.gz") }
    }()

    @Test func cacheFolderFollowsTheEnvironment() throws {
        func place(_ environment: [String: String]) throws -> String {
            try DatasetCache.defaultFolder(environment: environment)
        }
        let all = ["SUPERNET_CACHE": "/s", "XDG_CACHE_HOME": "/x", "HOME": "/h"]
        #expect(try place(all) == "/s")
        #expect(try place(all.merging(["SUPERNET_CACHE": ""]) { $1 }) == "/x/supernet")
        #expect(try place(["XDG_CACHE_HOME": "relative", "HOME": "/h"]) == "/h/.cache/supernet")
        expectError(.unobtainable, "SUPERNET_CACHE") { _ = try place([:]) }
    }

    @Test func aProgramsStatusAndOutputAreGathered() throws {
        let shell = try #require(Tool("sh"))
        let outcome = try shell.run(["-c", "yes | head -c 300000; yes no | head -c 300000 >&2; exit 3"], in: "/")
        #expect(outcome.status == 3)
        #expect(outcome.output.utf8.count == 300_000 && outcome.errors.utf8.count == 300_000)
        #expect(outcome.lastErrors.hasPrefix("no; no; no"))
        #expect(try shell.run(["-c", "kill -9 $$"], in: "/").status == 137)
        #expect(try shell.run(["-c", "pwd; cat; echo $LC_ALL"], in: "/usr").output == "/usr\nC\n")
        #expect(Tool("no-program-of-this-name") == nil)
        #expect(Tool("sh", searchPath: "relative::") == nil)
        expectError(.unobtainable, "cannot be run") { _ = try shell.run([], in: "/no-folder-of-this-name") }
    }

    /// The true checksums of the site's files.
    private func sums(_ folder: TemporaryFolder, _ source: FashionMNIST) throws -> [String: String] {
        let tool = try #require(Tool("sha256sum"))
        return try ["a.gz", "b.gz"].reduce(into: [:]) { sums, name in
            sums[name] = String(try tool.run([name], in: folder.path + "/site").output.prefix(64))
        }
    }
}
