import Foundation
import Testing

@testable import Experiments

/// The law: what `yaml()` renders loads as an equal value, and renders the same again.
@Suite struct ConfigurationRoundTripTests {
    private func roundTrip<T: Configuration>(_ value: T) throws {
        let folder = try TemporaryFolder()
        let resolved = try Resolved(value)
        #expect(resolved.value == value)
        let file = try folder.write(resolved.yaml(), to: "config.yaml")
        let again = try ConfigurationLoader.load(T.self, file: file)
        #expect(again.value == value)
        #expect(again.yaml() == resolved.yaml())
        #expect(again == resolved)
    }

    @Test func defaultsRenderCompleteAndInDeclaredOrder() throws {
        try roundTrip(SampleConfiguration())
        #expect(
            try Resolved(SampleConfiguration()).yaml() == """
                name: demo
                train:
                  batch-size: 64
                  epochs: 30
                  learning-rate: 0.1
                  use-amp: false
                  warmup: null
                  schedule: cosine
                  clip: 1.5
                  level: 3
                  colour: all
                sizes: [96, 128]
                stages:
                  - width: 16
                    stride: 1
                    name: null
                class-weights:
                  cat: 1.0
                  darkBlue: 2.0
                head: null
                augment:
                  - flip: 0.5
                threads: 2

                """)
    }

    @Test func everyKindOfValueSurvives() throws {
        var value = SampleConfiguration()
        value.train.warmup = 1e-300
        value.train.learningRate = .infinity
        value.train.clip = 1.1754944e-38
        value.train.level = 255
        value.sizes = []
        value.stages = []
        value.classWeights = [:]
        value.head = .init(width: -3, stride: .max, name: "head: [1]")
        value.augment = [.crop(.init(size: 1, padding: 2)), .flip(probability: 1e-5)]
        try roundTrip(value)
        value.augment = []
        value.classWeights = ["": 1, "a b": 2, "- x": 3, "null": 4, "1": 5, "größe #": 6, "a.b": 7]
        try roundTrip(value)
    }

    @Test(arguments: [
        "", " ", "a b", " a", "a ", "null", "~", "true", "No", "on", "y", "1", "1.5", "1e5", "0x1F", ".inf", "-", "- a",
        "a: b", "a:b", "a #b", "#a", "[a]", "{a}", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a`", "'a'", "\"a\"", "\\",
        "a\nb", "\n", "\t", "a\r\nb", "\u{0}", "\u{7F}", "\u{85}", "\u{2028}", "a\u{FEFF}", "\u{FFFE}",
        "é", "日本", "🐈‍⬛",
        "\u{10FFFF}", "/a/b.c", "./x", "2024-01-01", "---", "...", "<<", "=", "a,b", "?", "e\u{301}",
    ])
    func everyStringSurvives(text: String) throws {
        var value = SampleConfiguration()
        value.name = text
        value.head = .init(name: text)
        value.classWeights = [text: 1]
        try roundTrip(value)
    }

    @Test func randomNumbersSurvive() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var value = SampleConfiguration()
            let number = Double(bitPattern: generator.next() & ~(1 << 63))
            value.train.learningRate = number.isNaN ? 0 : number
            value.train.clip = Float(bitPattern: generator.next() & 0x7F7F_FFFF)
            value.threads = Int(bitPattern: UInt(generator.next()))
            try roundTrip(value)
        }
    }

    struct Nested: Configuration {
        var matrix = [[1, 2], [], [3]]
        var sections = ["a": [["x": 1], [:]], "b": []]
        var maybe: [Int?] = [1, nil]
        var numbers: [Double] = [0.5, -.infinity]
        var flags: Set<Int> = []
        var pairs: [String: Double?] = ["none": nil, "some": 1]
        var associated = Associated.of(sizeLimit: 3)

        enum Associated: FreeFormConfiguration, Equatable, Sendable {
            case none
            case of(sizeLimit: Int)
        }
    }

    @Test func nestedCollectionsSurvive() throws {
        try roundTrip(Nested())
        var other = Nested()
        other.matrix = [[]]
        other.sections = [:]
        other.associated = .none
        other.flags = [7]
        try roundTrip(other)
    }

    @Test func differencesNameEachLeaf() throws {
        var other = SampleConfiguration()
        other.train.epochs = 31
        other.sizes = [96]
        other.head = .init()
        other.threads = 9
        let (a, b) = (try Resolved(SampleConfiguration()).tree, try Resolved(other).tree)
        #expect(
            ConfigurationDifference.between(a, b, ignoring: ["threads"]).map(\.description) == [
                "train.epochs: 30 → 31", "sizes: [96, 128] → [96]", "head: null → absent", "head.width: absent → 16",
                "head.stride: absent → 1", "head.name: absent → null",
            ])
        #expect(ConfigurationDifference.between(a, a, ignoring: []).isEmpty)
        #expect(ConfigurationDifference.between(a, b, ignoring: ["train", "sizes", "head", "threads"]).isEmpty)
    }
}
