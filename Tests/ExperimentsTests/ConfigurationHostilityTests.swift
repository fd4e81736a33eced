import Foundation
import Support
import TestFolders
import Testing

@testable import Experiments

/// Configurations that were made to harm, or by an editor of another system.
@Suite struct ConfigurationHostilityTests {
    /// Nine levels of ten aliases each: a billion values in half a kilobyte.
    private static let bomb =
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + (1...8).map { level in
            "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
        }.joined()

    @Test(arguments: ["? *a8\n: 1\n", "*a8 : 1\n", "z: {*a8 : 1}\n", "z: {[*a8]: 1}\n", "z: {{a: *a8} : 1}\n"])
    func keysThatUnfoldWithoutEndAreRefusedBeforeTheyAreParsed(key: String) throws {
        #expect(try complaints(Self.bomb + key) == ["a key must be a word (config.yaml:10:1)"])
    }

    @Test func wordsInQuotesAreNoSuchKeys() throws {
        #expect(try load("name: 'see a[0]: x, {b}: y'\n").name == "see a[0]: x, {b}: y")
        #expect(KeysOfManyValues.line(in: "a: &a 1\n" + String(repeating: "b: [*a, *a]\n", count: 9)) == nil)
        #expect(KeysOfManyValues.line(in: String(repeating: "? a\n: 1\n", count: 51)) == 1)
    }

    @Test func whatIsTakenInFromOtherSections() throws {
        let yaml = """
            train: &one {batch-size: 3, epochs: 4}
            head: &two {width: 9, stride: 8}
            stages:
              - {<<: *two, stride: 1}
              - {<<: [{width: 5}, *two]}
            """
        let loaded = try load(yaml)
        #expect(loaded.stages.map(\.width) == [9, 5])
        #expect(loaded.stages.map(\.stride) == [1, 8])
        #expect(
            try complaints("train: {<<: 3}") == ["`<<` takes in a section or a list of sections (config.yaml:1:13)"])
        #expect(try load("class-weights: {'<<': 2}").classWeights == ["<<": 2])
        let unfolding =
            "a0: &a0 {a: 1, b: 2}\n"
            + (1...30).map { "a\($0): &a\($0) {<<: [*a\($0 - 1), *a\($0 - 1)]}\n" }.joined()
        #expect(try complaints(unfolding).first?.contains("unfolds to more than") == true)
    }

    @Test func depthAndWidthHaveTheirBounds() throws {
        let deep = (0..<300).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
        #expect(try complaints(deep) == ["lists and sections lie more than 200 levels deep (config.yaml:201:201)"])
        #expect(
            try complaints(String(repeating: "- ", count: 100_000)).first?.hasPrefix(
                "lists and sections lie too deep within each other (config.yaml:1:") == true)
        let wide = (0...10_000).map { "k\($0): 1\n" }.joined()
        #expect(try complaints(wide) == ["a section has more than 10000 keys (config.yaml:1:1)"])
    }

    @Test func whatNobodyWouldReadIsLeftOut() throws {
        let many = try complaints((0..<200).map { "key\($0): 1\n" }.joined())
        #expect(many.count == 200)
        let error = ConfigurationError(many.map { .init(key: "a", kind: .invalid($0)) })
        #expect(error.shown.count == 51 && error.description.contains("and 150 more"))
        let long = String(repeating: "k", count: 100_000)
        #expect(try complaints("", ["\(long)=1"]).allSatisfy { $0.count < 1000 })
        #expect(try complaints("train: {schedule: \(long)}").allSatisfy { $0.count < 1000 })
    }

    @Test func filesOfOtherSystems() throws {
        let folder = try TemporaryFolder()
        let yaml = "name: grün\r\nthreads: 7\r\n"
        let little = yaml.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        for bytes in [[0xEF, 0xBB, 0xBF] + Array(yaml.utf8), [0xFF, 0xFE] + little] {
            let file = try folder.write(bytes, to: "a.yaml")
            let value = try ConfigurationLoader.load(SampleConfiguration.self, file: file).value
            #expect(value.name == "grün" && value.threads == 7)
            #expect(try ConfigurationLoader.keys(of: file) == ["name", "threads"])
        }
        #expect(
            try complaints("train:\n\tepochs: 3\n").first?.contains("begins with a tab") == true, "tabs cannot be seen")
    }

    @Test func whatIsNoFileOfThisSizeIsRefused() throws {
        let folder = try TemporaryFolder()
        func complaint(_ path: String) throws -> String {
            let error = #expect(throws: ConfigurationError.self) {
                _ = try ConfigurationLoader.load(SampleConfiguration.self, file: path)
            }
            return try #require(error).description
        }
        try #require(mkfifo(folder.file("pipe.yaml"), 0o600) == 0)
        for path in ["/dev/zero", folder.file("pipe.yaml")] {
            #expect(try complaint(path).contains("it is a device, a pipe or a socket"))
        }
        let large = try folder.write(repeatElement(UInt8(ascii: "#"), count: 4 << 20 | 1), to: "large.yaml")
        #expect(try complaint(large).contains("larger than the 4194304 bytes"))
    }

    /// What is no configuration is read by the same reader.
    @Test func valuesWithoutDefaults() throws {
        struct Part: Decodable, Equatable {
            var name: String
            var sizes: [Int]
            var inner: [Part]?
        }
        let folder = try TemporaryFolder()
        func decode(_ yaml: String) throws -> Part {
            try ConfigurationLoader.decode(Part.self, file: folder.write(yaml, to: "part.yaml"))
        }
        #expect(
            try decode("name: a\nsizes: [1]\ninner: [{name: b, sizes: []}]")
                == Part(name: "a", sizes: [1], inner: [Part(name: "b", sizes: [])]))
        let error = #expect(throws: ConfigurationError.self) {
            _ = try decode("name: a\nsizes: [1, x]\ninner:\n  - nmae: b\n    sizes: 3\n")
        }
        let lines = try #require(error).problems.map { $0.origin?.description.suffix(11) }
        #expect(lines == ["part.yaml:2", "part.yaml:4", "part.yaml:5"])
    }

    @Test func whateverIsInAFileItIsReadOrRefused() throws {
        let yaml = """
            name: &n "x"
            train: {batch-size: 64, epochs: 30, learning-rate: 0.1, warmup: null, schedule: cosine}
            sizes: [96, 128]
            stages: &s
              - {width: 16, stride: 1, name: *n}
              - &t {<<: {stride: 2}, width: 8}
            class-weights: {cat: 1.5}
            augment: [flip, {crop: {size: 96, padding: 4}}]
            """
        let folder = try TemporaryFolder()
        var read = 0
        for bytes in Mutations(
            of: yaml, count: 400, seed: 5, words: ["*n", "*s", "<<: *t", "- ", "? ", ": ", "!!int ", "[["])
        {
            let file = try folder.write(bytes, to: "a.yaml")
            do {
                _ = try ConfigurationLoader.load(SampleConfiguration.self, file: file, overrides: ["threads=3"])
                read += 1
            } catch let error as ConfigurationError {
                #expect(!error.problems.isEmpty && error.description.count < 100_000)
            }
        }
        #expect((1..<400).contains(read), "neither all nor none of them are configurations")
    }
}
