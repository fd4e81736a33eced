import ArgumentParser
import Datasets
import Experiments
import Foundation
import Tasks
import TestFolders
import Testing
import Training
import Workflows

@testable import SupernetCommands

/// What a command names, and what others have written into names.
@Suite struct PlacesAndTextTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func words(_ arguments: [String]) throws -> String {
        var command = try SupernetCommand.parseAsRoot(arguments)
        let error = #expect(throws: (any Error).self) { try command.run() }
        return SupernetCommand.fullMessage(for: try #require(error))
    }

    /// `--data` takes the place of the configuration's `data.source`, so what cannot be found is what it names.
    @Test func dataIsWhatTheCommandNames() throws {
        let config = try folder.write(
            "data: {source: /no/such/configured}\nspace: {name: chain}\nsource: x\n", to: "study.yaml")
        let bad = try words(["run", "--config", config, "--data", "/no/such/named"])
        #expect(bad.contains("unknown key `source`"))
        try folder.write("data: {source: /no/such/configured}\nspace: {name: chain}\n", to: "study.yaml")
        let error = try words(["run", "--config", config, "--data", "/no/such/named", "--run", folder.file("run")])
        #expect(error.contains("/no/such/named") && !error.contains("configured"))
        let own = try words(["run", "--config", config, "--run", folder.file("run")])
        #expect(own.contains("/no/such/configured"))
        #expect(try folder.names == ["study.yaml"])
    }

    @Test(arguments: ["plain", "01", "[a, b]", "it's", "a: b", "two\nlines", "\"quoted\"", "emoji 🐈"])
    func anyPathIsASetting(path: String) throws {
        let options = try ConfigurationLoader.load(
            StudyConfiguration.self, file: nil, overrides: ["data.source=\(JSONText.of(path))"]
        ).value
        #expect(options.data.source == path)
    }

    /// A dry run says of a broken configuration what the run would say.
    @Test(arguments: [
        ("space: {name: chain\n", "study.yaml:"), ("sapce: {name: chain}\n", "unknown key `sapce`"),
        ("space: {nam: chain}\n", "unknown key `space.nam`"), ("\"space\": {name: 3", "study.yaml:"),
    ]) func aDryRunTellsOfItsOwnConfiguration(text: String, words expected: String) throws {
        let config = try folder.write(text, to: "study.yaml")
        let plain = try words(["train", "--config", config, "--run", folder.file("run")])
        #expect(plain.contains(expected))
        #expect(try words(["train", "--dry-run", "--config", config]) == plain)
        #expect(try words(["train", "--dry-run", "--config", config + ".no"]).contains("study.yaml.no"))
    }

    @Test func aSectionIsKnownHoweverItIsWritten() throws {
        for text in ["{space: {name: chain}}", "\"space\":\n  name: chain\n", "seed: 1\r\nspace: {name: chain}\r\n"] {
            let config = try folder.write(text, to: "study.yaml")
            #expect(try StudyOpening.isStudy(RunOptions.parse(["--config", config])), "\(text)")
        }
        #expect(try StudyOpening.isStudy(RunOptions.parse(["--set", "search.images=3"])))
        #expect(try !StudyOpening.isStudy(RunOptions.parse(["--set", "network.from=space.name"])))
    }

    /// From another working directory, a study finds the images where it found them first.
    @Test func aStudyRemembersWhereItsImagesAre() throws {
        var stored = StudyConfiguration()
        stored.data.source = "images-of-\(UUID().uuidString)"
        let images = try folder.makeFolder(stored.data.source)
        try folder.write(Resolved(stored).yaml(), to: "study/study.yaml")
        _ = try RunFolder(
            folder.file("study/supernet"), configuration: Resolved(stored), seed: 1,
            places: ["data.source": NamedPlace(images)])
        let places = StudyPlaces(of: folder.file("study"))
        for isGiven in [true, false] {
            var options = stored
            places.restore(&options) { _ in isGiven }
            #expect(options.data.source == NamedPlace(images).path)
            #expect(options.space == stored.space)
        }
        // What is named anew is what is meant.
        var other = stored
        other.data.source = "others"
        places.restore(&other) { _ in true }
        #expect(other.data.source == "others")
        // That of a later phase, too, whatever the first one saw.
        let later = try folder.makeFolder("later")
        var place = NamedPlace(later)
        place.text = "others"
        _ = try RunFolder(
            folder.file("study/search"), configuration: Resolved(other), seed: 1, places: ["data.source": place])
        StudyPlaces(of: folder.file("study")).restore(&other) { _ in false }
        #expect(other.data.source == NamedPlace(later).path)
    }

    @Test func namesOfOthersStandInTablesAsTheyCan() throws {
        let prediction = Predictor.Prediction(
            image: "-a\u{1B}.png", classes: [.init(name: "=1+1, \"x\"\u{202E}", probability: 0.5)])
        let table = PredictionTable([prediction], top: 1)
        #expect(
            try table.text(.csv)
                == "image,class1,probability1\n'-a\u{1B}.png,\"'=1+1, \"\"x\"\"\u{202E}\",0.5")
        #expect(try table.text(.table) == #"  -a\u{1B}.png  =1+1, "x"\u{202E} 50.0 %"#)
        let json = try table.text(.json)
        #expect(!json.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
        let read = try JSONDecoder().decode([Named].self, from: Data(json.utf8))
        #expect(read.map(\.image) == ["-a\u{1B}.png"] && read[0].classes[0].name == "=1+1, \"x\"\u{202E}")
        #expect(Console.table([("one\ntwo", "a\rb")]) == #"  one\u{A}two  a\u{D}b"#)
    }

    private struct Named: Decodable {
        struct Name: Decodable { let name: String }
        let image: String
        let classes: [Name]
    }
}
