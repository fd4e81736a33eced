import Testing

@testable import Experiments

@Suite struct ConfigurationRefusalTests {
    @Test func everyProblemOfAFileIsReportedAtOnceInItsOrder() throws {
        let yaml = """
            nmae: x
            train:
              batch-size: many
              epohcs: 3
              use-amp: yes
              schedule: cosin
              warmup: [1]
              level: 300
            sizes: [1, two, 3, four]
            stages:
              - width: wide
              - widht: 3
            augment:
              - rotate
              - crop: {size: big, padding: 1}
              - flip: 0.5
                axis: x
            head: 3
            """
        let found = try complaints(yaml, ["threads=few", "train.batchSize=3"])
        #expect(
            found == [
                "unknown key `nmae` (config.yaml:1); did you mean `name`?",
                "`train.batch-size`: expected an integer, found \"many\" (config.yaml:3)",
                "unknown key `train.epohcs` (config.yaml:4); did you mean `train.epochs`?",
                "`train.use-amp`: expected true or false, found \"yes\" (config.yaml:5)",
                "`train.schedule`: expected one of constant, cosine, step, found \"cosin\"; did you mean cosine? "
                    + "(config.yaml:6)",
                "`train.warmup`: expected a number, found a list of 1 value (config.yaml:7)",
                "`train.level`: expected an integer from 0 to 255, found 300 (config.yaml:8)",
                "`sizes[1]`: expected an integer, found \"two\" (config.yaml:9)",
                "`sizes[3]`: expected an integer, found \"four\" (config.yaml:9)",
                "`stages[0].width`: expected an integer, found \"wide\" (config.yaml:11)",
                "unknown key `stages[1].widht` (config.yaml:12); did you mean `stages[1].width`?",
                "`augment[0]`: no transform is called `rotate` (config.yaml:14)",
                "`augment[1].crop.size`: expected an integer, found \"big\" (config.yaml:15)",
                "unknown key `augment[2].axis` (config.yaml:17); the keys here are `crop`, `flip`",
                "`head`: expected a section of keys, found 3 (config.yaml:18)",
                "unknown key `train.batchSize` (--set train.batchSize=3); did you mean `train.batch-size`?",
                "`threads`: expected an integer, found \"few\" (--set threads=few)",
            ])
    }

    @Test func aMisplacedKeyIsShownItsPlace() throws {
        #expect(
            try complaints("batch-size: 3") == [
                "unknown key `batch-size` (config.yaml:1); did you mean `train.batch-size`?"
            ])
    }

    @Test func withoutANearKeyThoseOfTheSectionAreListed() throws {
        #expect(
            try complaints("stages:\n  - zzzzzzzz: 3") == [
                "unknown key `stages[0].zzzzzzzz` (config.yaml:2); the keys here are `width`, `stride`, `name`"
            ])
    }

    @Test(arguments: [
        ("train: 3", "`train`: expected a section of keys, found 3 (config.yaml:1)"),
        ("- 1", "the top level: expected a section of keys, found a list of 1 value (config.yaml:1)"),
        ("sizes: 3", "`sizes`: expected a list, found 3 (config.yaml:1)"),
        ("sizes:", "`sizes`: expected a list, found nothing (config.yaml:1)"),
        ("threads:", "`threads`: expected an integer, found nothing (config.yaml:1)"),
        ("threads: '2'", "`threads`: expected an integer, found the string \"2\" (config.yaml:1)"),
        ("threads: 2.5", "`threads`: expected an integer, found 2.5 (config.yaml:1)"),
        (
            "threads: 99999999999999999999",
            "`threads`: expected an integer from \(Int.min) to \(Int.max), found 99999999999999999999 (config.yaml:1)"
        ),
        ("name: null", "`name`: expected a string (an empty one is written \"\"), found nothing (config.yaml:1)"),
        ("name: [a]", "`name`: expected a string, found a list of 1 value (config.yaml:1)"),
        ("train: {learning-rate: 1e999}", "`train.learning-rate`: expected a number, found \"1e999\" (config.yaml:1)"),
        ("train: {learning-rate: nan}", "`train.learning-rate`: expected a number, found \"nan\" (config.yaml:1)"),
        ("class-weights: {cat: heavy}", "`class-weights.cat`: expected a number, found \"heavy\" (config.yaml:1)"),
        ("class-weights: [1]", "`class-weights`: expected a section of keys, found a list of 1 value (config.yaml:1)"),
        ("class-weights:", "`class-weights`: expected a section of keys, found nothing (config.yaml:1)"),
        ("augment: [{crop: {size: 3}}]", "`augment[0].crop.padding`: missing, and it has no default (config.yaml:1)"),
    ])
    func oneWrongValueIsOneProblem(yaml: String, problem: String) throws {
        let found = try complaints(yaml)
        #expect(found == [problem])
    }

    @Test func validationNamesKeyAndLineOfEachRefusedValue() throws {
        #expect(
            try complaints("train:\n  learning-rate: -1\n  batch-size: 0\n") == [
                "`train.learning-rate`: must not be negative, is -1.0 (config.yaml:2)",
                "`train.batch-size`: must be at least 1, is 0 (config.yaml:3)",
            ])
        #expect(
            try complaints("", ["train.batch-size=0"]) == [
                "`train.batch-size`: must be at least 1, is 0 (--set train.batch-size=0)"
            ])
        var wrong = SampleConfiguration()
        wrong.train.batchSize = 0
        #expect(throws: ConfigurationError.self) { try Resolved(wrong) }
    }

    @Test func duplicateKeysAreRefused() throws {
        #expect(
            try complaints("threads: 1\ntrain:\n  epochs: 1\n  epochs: 2\n") == [
                "the key `epochs` is there twice, first here (config.yaml:3:3)"
            ])
        #expect(
            try complaints("class-weights:\n  1: 1\n  '1': 2\n") == ["the key `1` is there twice (config.yaml:3:3)"])
    }

    @Test(arguments: [
        ("train: [1", "config.yaml:2:1"), ("a: b: c", "config.yaml:1:5"), ("a: *nowhere", "config.yaml:1:4"),
        ("threads: !!python/object 3", "config.yaml:1:10"), ("? [a]\n: 1", "config.yaml:1:3"),
        ("threads: 1\n---\nthreads: 2", "config.yaml:2:1"), ("threads: 1\nname: a\u{7}b", "config.yaml:2:8"),
        (String(repeating: "[", count: 5000), "config.yaml:1:"),
    ])
    func whatIsNotYAMLIsRefusedWithLineAndColumn(yaml: String, place: String) throws {
        let problems = try complaints(yaml)
        #expect(problems.count == 1)
        #expect(problems.first?.contains("(\(place)") == true, "\(problems)")
    }

    @Test func aliasesCannotUnfoldWithoutEnd() throws {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...8 {
            yaml +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
                + "]\n"
        }
        #expect(try complaints(yaml).first?.contains("unfolds to more than 100000 values") == true)
    }

    @Test func filesThatCannotBeReadAreRefused() throws {
        let folder = try TemporaryFolder()
        func complaint(_ path: String) -> String? {
            do {
                _ = try ConfigurationLoader.load(SampleConfiguration.self, file: path)
                return nil
            } catch { return "\(error)".replacing(folder.path, with: "F") }
        }
        #expect(
            complaint(folder.file("none.yaml"))
                == "the configuration cannot be used: the configuration file cannot be read: it, or the folder it "
                + "should be in, does not exist (F/none.yaml)")
        #expect(complaint(folder.path)?.contains("it is a folder, not a file (F)") == true)
        try append([0x6E, 0x3A, 0x20, 0xFF], to: folder.file("latin.yaml"))
        #expect(complaint(folder.file("latin.yaml"))?.contains("it is not UTF-8 text (byte 0xFF)") == true)
        #expect(complaint(folder.file("latin.yaml"))?.hasSuffix("(F/latin.yaml:1)") == true)
    }

    @Test(arguments: [
        ("threads", "a setting is written key=value, such as train.epochs=30 (--set threads)"),
        ("=3", "a part of the key is empty (--set =3)"),
        ("train..epochs=3", "a part of the key is empty (--set train..epochs=3)"),
        ("sizes.0=3", "`sizes`: expected a list, found a section (--set sizes.0=3)"),
        ("threads.count=3", "`threads`: expected an integer, found a section (--set threads.count=3)"),
        ("trian.epochs=3", "unknown key `trian` (--set trian.epochs=3); did you mean `train`?"),
        ("sizes=[9", "not YAML: while parsing a flow sequence, did not find expected ',' or ']' (--set sizes=[9)"),
    ])
    func wrongSettingsAreRefused(setting: String, problem: String) throws {
        #expect(try complaints("", [setting]) == [problem])
    }
}
