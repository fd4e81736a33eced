import Support
import TestImages
import Testing

@testable import Datasets

@Suite struct ClassIndexTests {
    private func read(_ text: String, _ name: String, folders: [String]) throws -> ClassIndex {
        let folder = try TemporaryFolder()
        return try ClassIndex(contentsOf: folder.write(text, to: name), folders: folders)
    }

    private static let folders = ["n01440764", "n01443537", "n02012849"]

    @Test(
        arguments: [
            (
                "imagenet_class_index.json",
                #"{"1": ["n01440764", "tench"], "0": ["n02012849", "crane"], "2": ["n01443537", "goldfish"]}"#
            ),
            (
                "LOC_synset_mapping.txt",
                "n02012849 crane\nn01440764 tench, Tinca tinca\nn01443537 goldfish, Carassius auratus\n"
            ),
            ("classes.txt", "n02012849 crane\r\n\r\n  n01440764   tench  \nn01443537\tgoldfish"),
        ])
    func oneIndexInManyForms(name: String, text: String) throws {
        let index = try read(text, name, folders: Self.folders)
        #expect(index.folders == ["n02012849", "n01440764", "n01443537"])
        #expect(index.names == ["crane", "tench", "goldfish"])
    }

    @Test func foldersAloneOrNamesAlone() throws {
        let order = try read("n02012849\nn01443537\nn01440764", "classes.txt", folders: Self.folders)
        #expect(order.folders == ["n02012849", "n01443537", "n01440764"])
        #expect(order.names == order.folders)
        let names = try read("tench, or so\ngoldfish\ncrane", "classes.txt", folders: Self.folders.reversed())
        #expect(names.folders == Self.folders)
        #expect(names.names == ["tench, or so", "goldfish", "crane"])
        let numbers = (0..<12).map(String.init)
        let words = numbers.map { "class-\($0)" }
        let counted = try read(words.joined(separator: "\n"), "classes.txt", folders: numbers.reversed())
        #expect(counted.folders == numbers)
        #expect(counted.names == words)
        // A folder's name may have spaces.
        let spaced = try read("a b\nc", "classes.txt", folders: ["c", "a b"])
        #expect(spaced.folders == ["a b", "c"])
    }

    @Test func equalNamesAreToldApart() throws {
        let cranes = try read(
            "a crane\nb maillot\nc crane\nd maillot\ne tench", "classes.txt", folders: Array("abcde").map(String.init))
        #expect(cranes.names == ["crane (a)", "maillot (b)", "crane (c)", "maillot (d)", "tench"])
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<200 {
            let folders = (0..<5).map { "f\($0)" }
            let pool = ["x", "x (f0)", "x (f1)", "f0", "f2", "x (f0) (f1)"]
            let lines = folders.map { "\($0) \(pool[generator.below(pool.count)])" }
            let index = try read(lines.joined(separator: "\n"), "classes.txt", folders: folders)
            #expect(Set(index.names).count == 5, "\(lines)")
            #expect(index.folders == folders)
        }
    }

    @Test func mismatchesWithFoldersAreAllNamed() throws {
        let json = #"{"0": ["n01440764", "tench"], "1": ["n07", "ghost"], "2": ["n01440764", "again"]}"#
        expectError(
            .malformed, "imagenet_class_index.json", "class n07 (ghost) has no folder",
            "folder n01440764 is named twice", "folder n01443537 is not named", "folder n02012849 is not named",
            "move this file away"
        ) { _ = try read(json, "imagenet_class_index.json", folders: Self.folders) }
        expectError(.malformed, "line 2: class n07 (ghost) has no folder", "folder n01443537", "folder n02012849") {
            _ = try read("n01440764 tench\nn07 ghost", "LOC_synset_mapping.txt", folders: Self.folders)
        }
        expectError(.malformed, "2 lines for 3 class folders", "n01440764") {
            _ = try read("tench\ncrane", "classes.txt", folders: Self.folders)
        }
        let many = (0..<1000).map { "n\(10_000_000 + $0) class \($0)" }.joined(separator: "\n")
        expectError(.malformed, "999 problems", "and 979 more") {
            _ = try read(many, "classes.txt", folders: ["n10000000"])
        }
    }

    @Test func invalidIndicesAreRefused() throws {
        for text in ["", "[]", #"{"0": "tench"}"#, #"{"0": ["n01440764", "tench"]"#, #"{"0": [1, 2]}"#] {
            expectError(.malformed, "JSON object") { _ = try read(text, "a.json", folders: ["n01440764"]) }
        }
        expectError(.malformed, "none at position 0") {
            _ = try read(#"{"1": ["n01440764", "tench"]}"#, "a.json", folders: ["n01440764"])
        }
        expectError(.malformed, "position 0: not a folder and a name") {
            _ = try read(#"{"0": ["n01440764"]}"#, "a.json", folders: ["n01440764"])
        }
        for (name, text) in [("a.json", "{}"), ("classes.txt", "\n")] {
            expectError(.malformed) { _ = try read(text, name, folders: ["n01440764"]) }
        }
        let folder = try TemporaryFolder()
        let latin = try folder.write([0x61, 0xE9, 0x0A], to: "classes.txt")
        expectError(.malformed, "line 1", "not UTF-8") { _ = try ClassIndex(contentsOf: latin, folders: ["a"]) }
        expectError(.unreadable) { _ = try ClassIndex(contentsOf: folder.path + "/none", folders: ["a"]) }
    }

    @Test func anIndexBesideClassFoldersIsTaken() throws {
        let folder = try TemporaryFolder()
        for name in ["n1/a.JPEG", "n2/b.JPEG"] { try folder.write([1], to: name) }
        #expect(try openDataset(at: folder.path).classNames == ["n1", "n2"])
        try folder.write("n2 crane\nn1 crane\n", to: "Classes.TXT")
        let opened = try openDataset(at: folder.path)
        #expect(opened.layout == .classFolders)
        #expect(opened.classNames == ["crane (n2)", "crane (n1)"])
        #expect((0..<2).map(opened.train.label) == [0, 1])
        #expect(opened.train.source(at: 0).hasSuffix("n2/b.JPEG"))
        try folder.write("{}", to: "imagenet_class_index.json")
        expectError(.unrecognised, "Classes.TXT, imagenet_class_index.json") { _ = try openDataset(at: folder.path) }
    }
}
