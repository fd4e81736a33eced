import Datasets
import Foundation
import TestFolders
import TestImages
import Testing

@testable import Catalogue

@Suite struct PhotoStampsTests {
    private func stamps() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (index, name) in PhotoStamps.classes.enumerated() {
            for number in 0..<8 { try folder.write("\(index) \(number)", to: "stamps/\(name)/kind/\(number).png") }
            try folder.write("no", to: "stamps/\(name)/kind/1_mirror.png")
            try folder.write("no", to: "stamps/\(name)/cartoon/1.png")
            try folder.write("no", to: "stamps/\(name)/kind/1.svg")
            try folder.write("\(index) top", to: "stamps/\(name)/1.png")
        }
        try folder.write("no", to: "stamps/symbols/1.png")
        return folder
    }

    @Test func sortingIsStratifiedRepeatableAndFlattensNames() throws {
        var seen: [[String]] = []
        for _ in 0..<2 {
            let folder = try stamps()
            let target = try folder.makeFolder("made")
            try PhotoStamps.sort(folder.path + "/stamps", into: target)
            let files = try Folder.files(below: target) { _ in true }.sorted()
            #expect(files.count == 5 * 9)
            for name in PhotoStamps.classes {
                let tested = files.count { $0.hasPrefix("test/\(name)/") }
                #expect((2...3).contains(tested))
                #expect(files.count { $0.hasPrefix("train/\(name)/") } == 9 - tested)
                // Two files of one name in different folders are both there.
                #expect(files.count { $0.hasSuffix("/\(name)/kind-1.png") || $0.hasSuffix("/\(name)/1.png") } == 2)
            }
            #expect(files.count { $0.hasPrefix("test/") } == 11)
            #expect(!files.contains { $0.contains("mirror") || $0.contains("cartoon") || $0.contains("svg") })
            seen.append(files)
        }
        #expect(seen[0] == seen[1])
    }

    @Test func thePackageIsFetchedOnceAndChecked() throws {
        let folder = try TemporaryFolder()
        let tools = try FakeTools(folder, ["apt-get", "dpkg-deb", "sha256sum"])
        var files: [String: [UInt8]] = [:]
        for name in PhotoStamps.classes {
            for number in 0..<4 { files["usr/share/tuxpaint/stamps/\(name)/\(number).png"] = [UInt8(number)] }
        }
        var source = PhotoStamps(
            package: DebianPackage(name: "one", build: .init(version: "1", sha256: try tools.pack("one.deb", files))),
            digest: "", searchPath: tools.searchPath)
        let error = expectError(.unobtainable, "made with a list of SHA-256") {
            _ = try source.prepared.obtain(cache: folder.path + "/scratch") { _ in }
        }
        source.digest = try #require(
            error?.description.split(separator: " ").first { $0.count == 64 && $0.allSatisfy(\.isHexDigit) }
                .map(String.init))
        let target = try source.prepared.obtain(cache: folder.path + "/cache") { _ in }
        #expect(target == folder.path + "/cache/photo-stamps")
        let calls = try tools.calls()
        #expect(try source.prepared.obtain(cache: folder.path + "/cache") { _ in } == target)
        #expect(try tools.calls() == calls)
    }
}
