import Support
import Testing

@testable import Experiments

/// Configurations that were stored before there was a key whose default is for what begins now.
@Suite struct StoredConfigurationTests {
    private let folder: TemporaryFolder
    private let old = "train:\n  epochs: 30\n"

    init() throws { folder = try TemporaryFolder() }

    private func colour(
        stored: String? = nil, continuing: String? = nil, files: [String] = [], _ settings: [String] = []
    ) throws -> String {
        try ConfigurationLoader.load(
            SampleConfiguration.self, stored: stored, continuing: continuing, files: files, overrides: settings
        ).value.train.colour
    }

    @Test func whatIsStoredWithoutTheKeyMeansWhatItMeantThen() throws {
        let file = try folder.write(old, to: "config.yaml")
        #expect(try colour(stored: file) == "none" && colour(files: [file]) == "all")
        #expect(try colour(stored: file, ["train.colour=red"]) == "red")
        let newer = try folder.write("train: {colour: blue}\n", to: "newer.yaml")
        #expect(try colour(stored: newer) == "blue" && colour(stored: file, files: [newer]) == "blue")
    }

    @Test func whatGoesOnKeepsItsOwnUnlessItIsToldAnother() throws {
        let before = try folder.write(old, to: "before.yaml")
        let since = try folder.write("train: {colour: blue}\n", to: "since.yaml")
        let given = try folder.write("train: {epochs: 4, colour: red}\n", to: "given.yaml")
        #expect(try colour(continuing: before) == "none" && colour(continuing: since) == "blue")
        #expect(try colour(continuing: before, files: [given]) == "red")
        #expect(try colour(continuing: before, ["train.colour=all"]) == "all")
        // Other keys are not kept, and what is not there or cannot be read plays no part.
        let loaded = try ConfigurationLoader.load(SampleConfiguration.self, continuing: given)
        #expect(loaded.value.train.epochs == 30 && loaded.value.train.colour == "red")
        let damaged = try folder.write("train: [", to: "damaged.yaml")
        #expect(try colour(continuing: folder.file("nothing")) == "all" && colour(continuing: damaged) == "all")
    }

    /// A run of before goes on as it was, whichever way its command comes; and is not changed under the run.
    @Test func aRunOfBeforeGoesOnAsItWas() throws {
        let path = folder.file("run")
        func open(_ configuration: Resolved<SampleConfiguration>) throws -> RunFolder {
            try RunFolder(path, configuration: configuration, seed: 7, command: [], sourceFolder: folder.path)
        }
        _ = try open(Resolved(SampleConfiguration()))
        let stored = try folder.text("run/config.yaml")
        try folder.write(stored.replacing("  colour: all\n", with: ""), to: "run/config.yaml")
        let error = #expect(throws: RunFolderError.self) { _ = try open(Resolved(SampleConfiguration())) }
        #expect(error?.description.contains("train.colour: none → all") == true)
        for _ in 0..<2 {
            let again = try ConfigurationLoader.load(
                SampleConfiguration.self, continuing: FilePath.join(path, RunFolder.configurationName))
            #expect(try open(again).isResumed)
            #expect(try folder.text("run/config.yaml").contains("  colour: none\n"))
        }
    }
}
