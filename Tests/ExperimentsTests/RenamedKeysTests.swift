import TestFolders
import Testing

@testable import Experiments

/// Keys of earlier versions under their present names.
@Suite struct RenamedKeysTests {
    private struct Renamed: Configuration {
        struct Part: Configuration {
            var rate = 0.1
            var smoothing = 0.0
        }

        var precision = "low"
        var first = Part()
        var second = Part()
        var sizes = [1]

        static var renamedKeys: [String: [String]] {
            [
                "train.precision": ["precision"], "task.smoothing": ["first.smoothing", "second.smoothing"],
                "first.device": [], "lengths": ["sizes"], "old": ["second"],
            ]
        }
    }

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(_ text: String, _ settings: [String] = []) throws -> Renamed {
        try ConfigurationLoader.load(
            Renamed.self, file: folder.write(text, to: "given.yaml"), overrides: settings
        ).value
    }

    @Test func anEarlierKeyMeansThePresentOne() throws {
        #expect(try load("train: {precision: high}\n").precision == "high")
        #expect(try load("lengths: [2, 3]\n").sizes == [2, 3])
        #expect(try load("", ["train.precision=high"]).precision == "high", "as a setting, too")
        #expect(try load("", ["lengths=[2, 3]"]).sizes == [2, 3])
    }

    @Test func aKeyMayGoToSeveralPlaces() throws {
        let loaded = try load("task: {smoothing: 0.3}\nfirst: {rate: 2}\n")
        #expect(loaded.first == .init(rate: 2, smoothing: 0.3) && loaded.second == .init(rate: 0.1, smoothing: 0.3))
    }

    @Test func aSectionMayBeRenamedWhole() throws {
        #expect(try load("old: {rate: 3, smoothing: 0.5}\n").second == .init(rate: 3, smoothing: 0.5))
    }

    @Test func aKeyWithoutAMeaningIsPassedOver() throws {
        #expect(try load("first: {device: cpu, rate: 2}\n").first == .init(rate: 2))
        #expect(try load("", ["first.device=cpu"]) == Renamed())
    }

    @Test func aPresentKeyThatIsGivenAsWellWins() throws {
        #expect(try load("precision: high\ntrain: {precision: low}\n").precision == "high")
        let loaded = try load("task: {smoothing: 0.3}\nfirst: {smoothing: 0.1}\n")
        #expect(loaded.first.smoothing == 0.1 && loaded.second.smoothing == 0.3)
    }

    /// The more important source wins, whichever names it uses.
    @Test func importanceDoesNotDependOnTheName() throws {
        #expect(try load("precision: low\n", ["train.precision=high"]).precision == "high")
        #expect(try load("train: {precision: low}\n", ["precision=high"]).precision == "high")
    }

    @Test func otherKeysThatAreNotKnownAreRefusedAsBefore() throws {
        for text in ["train: {precision: high, epochs: 3}\n", "train: 3\n", "first: {devices: cpu}\n"] {
            #expect(throws: ConfigurationError.self, "\(text)") { try load(text) }
        }
        // A wrong value is told with the line where it stands, under the name that it has now.
        let error = #expect(throws: ConfigurationError.self) { try load("precision: high\ntask:\n  smoothing: much\n") }
        let text = "\(try #require(error))"
        #expect(text.contains("first.smoothing") && text.contains("given.yaml:3"), "\(text)")
    }

    /// A run that began under the earlier names goes on under the present ones, and a difference is told.
    @Test func aRunOfBeforeGoesOn() throws {
        let path = folder.file("run")
        func open(_ settings: [String]) throws -> RunFolder {
            try RunFolder(
                path, configuration: ConfigurationLoader.load(Renamed.self, file: nil, overrides: settings), seed: 7,
                command: [], sourceFolder: folder.path)
        }
        _ = try open([])
        let old = "train: {precision: high}\nlengths: [4]\nfirst: {rate: 0.1, smoothing: 0, device: cpu}\n"
        try folder.write(old, to: "run/config.yaml")
        let error = #expect(throws: RunFolderError.self) { _ = try open(["sizes=[4]"]) }
        #expect(error?.description.contains("precision: high → low") == true)
        #expect(try open(["sizes=[4]", "precision=high"]).isResumed)
        let stored = try folder.text("run/config.yaml")
        #expect(stored.contains("precision: high") && !stored.contains("train"), "written under the present names")
    }
}
