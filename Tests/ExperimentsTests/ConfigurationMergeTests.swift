import Support
import Testing

@testable import Experiments

@Suite struct ConfigurationMergeTests {
    @Test func nothingGivesTheDefaults() throws {
        #expect(try ConfigurationLoader.load(SampleConfiguration.self, file: nil).value == SampleConfiguration())
        #expect(try load("") == SampleConfiguration())
        #expect(try load("# only a comment\n") == SampleConfiguration())
        #expect(try load("train:\n  # nothing set\n") == SampleConfiguration())
    }

    @Test func settingsWinOverTheFileAndLaterOnesOverEarlier() throws {
        let yaml = "train:\n  batch-size: 32\n  epochs: 5\n"
        let loaded = try load(yaml, ["train.epochs=6", "train.learning-rate=1e-3", "train.epochs=7"])
        var expected = SampleConfiguration()
        expected.train.batchSize = 32
        expected.train.epochs = 7
        expected.train.learningRate = 1e-3
        #expect(loaded == expected)
    }

    @Test func listsAndDictionariesAreReplacedWhole() throws {
        let loaded = try load("sizes: [224]\nclass-weights: {dog: 3}\nstages:\n  - width: 8\n  - stride: 2\n")
        #expect(loaded.sizes == [224])
        #expect(loaded.classWeights == ["dog": 3])
        #expect(loaded.stages == [.init(width: 8), .init(stride: 2)])
        #expect(try load("class-weights: {}\nsizes: []\n").classWeights.isEmpty)
    }

    @Test func aSettingEntersADictionaryByPath() throws {
        #expect(try load("", ["class-weights.dog=3"]).classWeights == ["cat": 1, "darkBlue": 2, "dog": 3])
        #expect(try load("class-weights: {dog: 1}", ["class-weights.dog=3"]).classWeights == ["dog": 3])
        #expect(try load("", ["class-weights={dog: 3}"]).classWeights == ["dog": 3])
    }

    @Test func aSectionGivenAsASettingIsMerged() throws {
        let loaded = try load("train: {epochs: 3}", ["train={batch-size: 8}"])
        #expect(loaded.train.epochs == 3 && loaded.train.batchSize == 8)
    }

    @Test func optionalsTakeValuesAndNull() throws {
        #expect(try load("train: {warmup: 2}").train.warmup == 2)
        #expect(try load("train: {warmup: 2}", ["train.warmup=null"]).train.warmup == nil)
        #expect(try load("train: {warmup: 2}", ["train.warmup="]).train.warmup == nil)
        #expect(try load("head: {width: 4}").head == .init(width: 4))
        #expect(try load("head: {width: 4}", ["head=~"]).head == nil)
        #expect(try load("head: ~", ["head.stride=3"]).head == .init(stride: 3))
    }

    @Test(arguments: [
        "in/my photos #1", "-photos", "a: b", "[2020]", "{x}", "*", "&a", "!x", "@home", "%", "k=v", "null", "a 'b' c",
        "1e3",
        "- x", "caf\u{E9}", "", " x ", "it's",
    ])
    func aStringOfASettingIsTheTextAsItStands(text: String) throws {
        #expect(try load("", ["name=\(text)"]).name == text)
        #expect(try load("name: other", ["name=\(text)"]).name == text)
        // Quoted as a whole, as YAML has it.
        #expect(try load("", ["name='\(text.replacing("'", with: "''"))'"]).name == text)
    }

    @Test func aPlainScalarHasTheTypeThatItsKeyWants() throws {
        #expect(try load("name: 1.0").name == "1.0")
        #expect(try load("name: no").name == "no")
        #expect(try load("name: \"\"").name == "")
        #expect(try load("train: {learning-rate: 1}").train.learningRate == 1)
        #expect(try load("train: {learning-rate: .inf}").train.learningRate == .infinity)
        #expect(try load("train: {epochs: 1_000, batch-size: 0x10}").train.epochs == 1000)
        #expect(try load("train: {use-amp: true}").train.useAmp)
        #expect(try load("train: {schedule: step}").train.schedule == .step)
    }

    @Test func freeFormValuesPassThrough() throws {
        let loaded = try load("augment:\n  - flip\n  - flip: 0.25\n  - crop: {size: 96, padding: 4}\n")
        #expect(
            loaded.augment == [
                .flip(probability: 0.5), .flip(probability: 0.25), .crop(.init(size: 96, padding: 4)),
            ])
    }

    @Test(arguments: [
        ("batchSize", "batch-size"), ("imageURLPath", "image-url-path"), ("conv1x1Stride", "conv1x1-stride"),
        ("topK", "top-k"), ("lr", "lr"), ("top_k", "top-k"), ("already-kebab", "already-kebab"),
    ])
    func keysAreKebabCase(name: String, key: String) {
        #expect(KeyStyle.kebab(name) == key)
    }

    @Test func distancesAreThoseOfTheOptimalStringAlignment() {
        #expect(NearestKeys.distance("", "abc") == 3)
        #expect(NearestKeys.distance("kitten", "sitting") == 3)
        #expect(NearestKeys.distance("epohcs", "epochs") == 1)
        #expect(NearestKeys.distance("ca", "abc") == 3)
        #expect(NearestKeys.of("batchsize", among: ["epochs", "batch-size", "base"]) == ["batch-size"])
        #expect(NearestKeys.of("xy", among: ["ab", "cd"]) == [])
    }
}

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
