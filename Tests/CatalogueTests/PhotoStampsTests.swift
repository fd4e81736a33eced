import Datasets
import Foundation
import TestFolders
import TestImages
import Testing

@testable import Catalogue

@Suite struct PhotoStampsTests {
    private func stamps() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (index, name) in PhotoStamps.five.classes.map(\.name).enumerated() {
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
            try PhotoStamps.five.sort(folder.path + "/stamps", into: target)
            let files = try Folder.files(below: target) { _ in true }.sorted()
            #expect(files.count == 5 * 9)
            for name in PhotoStamps.five.classes.map(\.name) {
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

    @Test func nineKindsAreSortedByFoldersAndNames() throws {
        let folder = try TemporaryFolder()
        let kinds = PhotoStamps.nine.classes
        func write(_ path: String) throws { try folder.write(path, to: "stamps/\(path).png") }
        for path in Set(kinds.flatMap { $0.folders }) {
            for number in 0..<4 { try write("\(path)/\(number)") }
            try write("\(path)/cartoon/1")
            try write("\(path)/0_mirror")
        }
        for path in kinds.flatMap(\.files) { try write(path) }
        for path in [
            "animals/mammals/bears/bear", "animals/mammals/bears/toys/teddy", "plants/trees/birch", "food/pizza",
        ] {
            try write(path)
        }
        let target = try folder.makeFolder("made")
        try PhotoStamps.nine.sort(folder.path + "/stamps", into: target)
        var found: [String: Set<String>] = [:]
        for path in try Folder.files(below: target, where: { _ in true }) {
            let parts = path.split(separator: "/").map(String.init)
            #expect(found[parts[1], default: []].insert(parts[2]).inserted)
        }
        #expect(kinds.map(\.name) == kinds.map(\.name).sorted() && Set(found.keys) == Set(kinds.map(\.name)))
        func has(_ path: String, _ name: String) -> Bool {
            found[name]?.contains(path.replacing("/", with: "-") + ".png") == true
        }
        for kind in kinds {
            let files = kind.folders.flatMap { folder in (0..<4).map { "\(folder)/\($0)" } } + kind.files
            #expect(files.allSatisfy { has($0, kind.name) })
            #expect(found[kind.name]?.count == files.count + (kind.name == "other-mammals" ? 1 : 0))
        }
        // What is named for one class is not in that of its folder, and what is in no class is left out.
        #expect(has("animals/mammals/giraffe", "hoofed-mammals") && !has("animals/mammals/giraffe", "other-mammals"))
        #expect(has("animals/mammals/bears/bear", "other-mammals"))
        let all = found.values.joined()
        #expect(!all.contains { $0.contains("teddy") || $0.contains("birch") || $0.contains("pizza") })
        #expect(!all.contains { $0.contains("mirror") || $0.contains("cartoon") })
    }

    @Test func thePackageIsFetchedOnceAndChecked() throws {
        let folder = try TemporaryFolder()
        let tools = try FakeTools(folder, ["apt-get", "dpkg-deb", "sha256sum"])
        var files: [String: [UInt8]] = [:]
        for name in PhotoStamps.five.classes.map(\.name) {
            for number in 0..<4 { files["usr/share/tuxpaint/stamps/\(name)/\(number).png"] = [UInt8(number)] }
        }
        var source = PhotoStamps.five
        source.package = DebianPackage(
            name: "one", build: .init(version: "1", sha256: try tools.pack("one.deb", files)))
        (source.digest, source.searchPath) = ("", tools.searchPath)
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
